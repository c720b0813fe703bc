// SPDX-License-Identifier: Apache-2.0
import {
  decodeConsensusHeader,
  encodeConsensusHeader,
  keyToText,
  type KvReader,
  type PeerLink,
  rows,
  TABLES,
} from "@consortium/ledger";
import type { CommittedChunk } from "../pipeline/primary.js";

export interface ReplicationOptions {
  readonly groupId: number;
  readonly view: number;
  readonly nodeId: string;
  readonly kv: KvReader;
  readonly link: PeerLink;
}

/** Roots that are remembered: an answer for an older chunk is followed by one for a newer. */
const ROOTS_MAX = 1024;

/** Entries to send, or none and where the ledger ends. */
type Message = Omit<CommittedChunk, "root">;

interface Peer {
  /** The last seqno up to which it has verified the very same, as it said in this view. */
  answered: number;
  /** When it said so, of `performance.now()`. */
  heardAt: number | undefined;
  readonly role: rows.NodeRole;
  sending: boolean;
  /** Something was not sent because the peer was busy: the store has it. */
  behind: boolean;
}

/** How far another node is, as it said in this view. */
export interface PeerProgress {
  readonly nodeId: string;
  readonly role: rows.NodeRole;
  readonly answered: number;
  /** Durable transactions it has not verified. */
  readonly lag: number;
  /** Since its last answer. */
  readonly heardMs: number | undefined;
}

/**
 * Sends every durable chunk to the trusted nodes and counts who has verified it. A peer that is busy
 * is not waited for: it is told later how far the ledger goes, and reads the store.
 */
export class Replication {
  readonly #options: ReplicationOptions;
  readonly #peers = new Map<string, Peer>();
  /** By the last seqno of each durable chunk, oldest first. */
  readonly #roots = new Map<number, Uint8Array>();
  #membersVersion = -1;
  #sealers: readonly string[] = [];
  #storedSeqno = 0;
  #commitSeqno = 0;
  #listener: () => void = () => undefined;

  constructor(options: ReplicationOptions) {
    this.#options = options;
  }

  /** Called whenever a peer has verified more. */
  onProgress(listener: () => void): void {
    this.#listener = listener;
  }

  /** The highest seqno that a majority of the sealers, this node among them, has verified. */
  get majoritySeqno(): number {
    this.#readMembers();
    const { nodeId } = this.#options;
    const seqnos = this.#sealers
      .map((id) => (id === nodeId ? this.#storedSeqno : (this.#peers.get(id)?.answered ?? 0)))
      .sort((a, b) => b - a);
    // Before the genesis transaction is applied there is nobody but this node.
    if (seqnos.length === 0) return this.#storedSeqno;
    return seqnos[Math.floor(seqnos.length / 2)] ?? 0;
  }

  /** What is known of the other trusted nodes. */
  peers(): PeerProgress[] {
    const now = performance.now();
    return [...this.#peers].map(([nodeId, { answered, heardAt, role }]) => ({
      nodeId,
      role,
      answered,
      lag: Math.max(0, this.#storedSeqno - answered),
      heardMs: heardAt === undefined ? undefined : now - heardAt,
    }));
  }

  /** Sends a chunk that is durable now. */
  stored({ firstSeqno, lastSeqno, root, entries }: CommittedChunk): void {
    this.#storedSeqno = lastSeqno;
    this.#roots.set(lastSeqno, root);
    for (const oldest of this.#roots.keys()) {
      if (this.#roots.size <= ROOTS_MAX) break;
      this.#roots.delete(oldest);
    }
    this.#readMembers();
    for (const [id, peer] of this.#peers) {
      if (peer.sending) peer.behind = true;
      else void this.#send(id, peer, { firstSeqno, lastSeqno, entries });
    }
  }

  committed(seqno: number): void {
    this.#commitSeqno = seqno;
  }

  /** Tells everyone that this node leads, and how far the ledger goes. */
  heartbeat(): void {
    this.#readMembers();
    for (const [id, peer] of this.#peers) {
      if (!peer.sending) void this.#send(id, peer, this.#position());
    }
  }

  /** Tells everyone that the lease is free. */
  farewell(): void {
    const { groupId, view, link } = this.#options;
    const lastSeqno = this.#storedSeqno;
    const header = encodeConsensusHeader({ kind: "farewell", groupId, view, lastSeqno });
    for (const id of this.#peers.keys()) {
      link.send(id, header, new Uint8Array()).catch(() => undefined);
    }
  }

  /** Takes the answer of a peer; anything else is dropped. */
  receive(peerId: string, headerBytes: Uint8Array): void {
    const header = decodeConsensusHeader(headerBytes);
    const peer = this.#peers.get(peerId);
    if (header.kind !== "answer" || peer === undefined) return;
    if (header.groupId !== this.#options.groupId || header.view !== this.#options.view) return;
    peer.heardAt = performance.now();
    if (header.lastSeqno <= peer.answered) return;
    // Whoever has verified something else there, before the store was rolled back, vouches for nothing.
    const root = this.#roots.get(header.lastSeqno);
    if (root === undefined || !Buffer.from(root).equals(header.root)) return;
    peer.answered = header.lastSeqno;
    this.#listener();
  }

  #position(): Message {
    const lastSeqno = this.#storedSeqno;
    return { firstSeqno: lastSeqno + 1, lastSeqno, entries: new Uint8Array() };
  }

  async #send(peerId: string, peer: Peer, chunk: Message): Promise<void> {
    const { groupId, view, link } = this.#options;
    peer.sending = true;
    try {
      const header = encodeConsensusHeader({
        kind: "append",
        groupId,
        view,
        firstSeqno: chunk.firstSeqno,
        lastSeqno: chunk.lastSeqno,
        commitSeqno: Math.min(this.#commitSeqno, chunk.lastSeqno),
      });
      await link.send(peerId, header, chunk.entries);
    } catch {
      // A peer that cannot be reached hears the next heartbeat.
      peer.behind = false;
    } finally {
      peer.sending = false;
    }
    if (!peer.behind) return;
    peer.behind = false;
    void this.#send(peerId, peer, this.#position());
  }

  /** Follows who is trusted on the ledger. */
  #readMembers(): void {
    const { kv, nodeId } = this.#options;
    const version = kv.mapVersion(TABLES.nodesInfo);
    if (version === this.#membersVersion) return;
    this.#membersVersion = version;
    const sealers: string[] = [];
    const trusted = new Map<string, rows.NodeRole>();
    for (const [key, { value }] of kv.entries(TABLES.nodesInfo)) {
      const { status, role } = rows.nodesInfo.decode(value);
      if (status !== "Trusted") continue;
      const id = keyToText(key);
      trusted.set(id, role ?? "ledger");
      if ((role ?? "ledger") === "ledger") sealers.push(id);
    }
    this.#sealers = sealers;
    trusted.delete(nodeId);
    for (const id of this.#peers.keys()) if (!trusted.has(id)) this.#peers.delete(id);
    for (const [id, role] of trusted) {
      if (this.#peers.has(id)) continue;
      this.#peers.set(id, {
        answered: 0,
        heardAt: undefined,
        role,
        sending: false,
        behind: false,
      });
    }
  }
}
