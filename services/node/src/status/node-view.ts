// SPDX-License-Identifier: Apache-2.0
import type {
  ChannelLink,
  GroupStore,
  KvReader,
  NodeIdentity,
  ViewHistory,
} from "@consortium/ledger";
import { node } from "@consortium/proto";
import type { SecretVersion } from "../effects/secret-version.js";
import type { GroupMember } from "../group/group-member.js";
import type { PeerProgress } from "../group/replication.js";

/** The committed state of a group as this node knows it, whether it leads or follows. */
export interface GroupState {
  readonly leading: boolean;
  /** Empty when nobody is known to lead. */
  readonly primaryNodeId: string;
  readonly committed: KvReader;
  readonly history: ViewHistory;
  readonly view: number;
  readonly committedSeqno: number;
  /** The last executed seqno; more than the committed one only where the node leads. */
  readonly latestSeqno: number;
  readonly leaseRemainingMs: number | undefined;
  readonly secrets: readonly SecretVersion[];
}

/** What a node knows of itself: the source of everything it answers about its state. */
export class NodeView {
  state: node.NodeState = node.NodeState.UNINITIALIZED;
  stopNotice = false;
  selfSignedCertificate = "";
  /** Takes note of how long a commit took. */
  observeCommit: (ms: number) => void = () => undefined;
  readonly identity: NodeIdentity;
  readonly store: GroupStore;
  #member: GroupMember | undefined;
  #channels: Pick<ChannelLink, "states"> | undefined;

  constructor(identity: NodeIdentity, store: GroupStore) {
    this.identity = identity;
    this.store = store;
  }

  /** From here on the group is there to be asked. */
  joined(member: GroupMember): void {
    this.#member = member;
    this.state = node.NodeState.PART_OF_NETWORK;
  }

  /** From here on the channels are there to be asked. */
  connected(channels: Pick<ChannelLink, "states">): void {
    this.#channels = channels;
  }

  get channels(): ReturnType<ChannelLink["states"]> {
    return this.#channels?.states() ?? [];
  }

  /** The other trusted nodes, as this node knows them while it leads. */
  get peers(): readonly PeerProgress[] {
    return this.#member?.leading?.replication.peers() ?? [];
  }

  get member(): GroupMember | undefined {
    return this.#member;
  }

  /** Whether the application is answered here. */
  get ready(): boolean {
    if (this.stopNotice || this.#member?.fault !== undefined) return false;
    return this.group !== undefined;
  }

  /** Why the node refuses to serve, if it does: the code and what happened. */
  get fault(): string {
    const fault = this.#member?.fault ?? this.#member?.following?.follower.fault;
    if (fault === undefined) return "";
    return "code" in fault ? `${String(fault.code)}: ${fault.message}` : fault.message;
  }

  /** The group's state, if this node has any. */
  get group(): GroupState | undefined {
    const leading = this.#member?.leading;
    if (leading !== undefined) {
      const { primary, lease, state } = leading;
      return {
        // Cut off from the store it answers nothing as primary.
        leading: lease.remainingMs > 0,
        primaryNodeId: this.identity.nodeId,
        committed: primary.kv.committed,
        history: state.history,
        view: primary.view,
        committedSeqno: primary.committedSeqno,
        latestSeqno: primary.latestSeqno,
        leaseRemainingMs: lease.remainingMs,
        secrets: state.keys.secrets,
      };
    }
    const following = this.#member?.following;
    if (following === undefined) return undefined;
    const { follower, secrets } = following;
    const { seqno, kv, history } = follower.replica;
    return {
      leading: false,
      primaryNodeId: follower.primaryNodeId ?? "",
      committed: kv.committed,
      history,
      view: history.viewOf(seqno) ?? 0,
      committedSeqno: seqno,
      latestSeqno: seqno,
      leaseRemainingMs: undefined,
      secrets: secrets.secrets,
    };
  }
}
