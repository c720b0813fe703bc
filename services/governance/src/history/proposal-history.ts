// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { isAppError } from "@consortium/kit";
import { formatTransactionId, keyToText, rows, TABLES, type WriteSet } from "@consortium/ledger";
import { parseRecorded, recordedEnvelopes } from "../audit/recorded-request.js";
import { actionNames } from "./action-names.js";

/** A signed request, by where it stands and what it is: its text is read again when it is asked for. */
export interface RequestEntry {
  readonly seqno: number;
  readonly view: number;
  readonly memberId: string;
  readonly messageType: string;
  readonly createdAt: number;
  /** SHA-256 of the envelope. */
  readonly digest: Uint8Array;
}

/** What is remembered of a proposal, whatever the tables still hold of it. */
export interface HistoryEntry {
  readonly proposalId: string;
  readonly actions: readonly string[];
  readonly createdTransactionId: string;
  readonly requests: RequestEntry[];
  /** Without the ballots, whose texts are long. */
  info: rows.ProposalInfo;
  ballotSubmitters: string[];
  changedSeqno: number;
  changedTransactionId: string;
  closedTransactionId: string | undefined;
}

/** One transaction, as far as it counts here. */
export interface HistoryTransaction {
  readonly seqno: number;
  readonly view: number;
  readonly publicWrites: WriteSet;
}

/**
 * Every proposal that the ledger records, in the order in which they were made. A few hundred bytes
 * for each request: bodies, ballots and envelopes stay on the ledger.
 */
export class ProposalHistory {
  readonly #entries: HistoryEntry[] = [];
  readonly #byId = new Map<string, HistoryEntry>();

  /** The oldest first. */
  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  find(proposalId: string): HistoryEntry | undefined {
    return this.#byId.get(proposalId);
  }

  /** Notes a transaction; to be called for all of them, in their order. */
  note(transaction: HistoryTransaction): void {
    const infos = transaction.publicWrites.get(TABLES.proposalsInfo);
    if (infos === undefined) return;
    for (const [key, value] of infos) {
      // A proposal that the tables forget is what this is for.
      if (value !== null)
        this.#noteInfo(keyToText(key), rows.proposalsInfo.decode(value), transaction);
    }
    this.#noteRequest(transaction);
  }

  #noteInfo(proposalId: string, row: rows.ProposalInfo, transaction: HistoryTransaction): void {
    const { ballots } = row;
    const info = { ...row, ballots: {} };
    const { seqno, view, publicWrites } = transaction;
    const transactionId = formatTransactionId(view, seqno);
    let entry = this.#byId.get(proposalId);
    if (entry === undefined) {
      entry = {
        proposalId,
        actions: actionNames(publicWrites.get(TABLES.proposals)?.get(proposalId)),
        createdTransactionId: transactionId,
        requests: [],
        info,
        ballotSubmitters: [],
        changedSeqno: seqno,
        changedTransactionId: transactionId,
        closedTransactionId: undefined,
      };
      this.#byId.set(proposalId, entry);
      this.#entries.push(entry);
    }
    entry.info = info;
    entry.ballotSubmitters = Object.keys(ballots).sort();
    entry.changedSeqno = seqno;
    entry.changedTransactionId = transactionId;
    if (info.state !== "Open") entry.closedTransactionId ??= transactionId;
  }

  #noteRequest({ seqno, view, publicWrites }: HistoryTransaction): void {
    for (const row of recordedEnvelopes(publicWrites).values()) {
      const request = parse(row);
      if (request === undefined) continue;
      const { keyId, messageType = "", createdAt, proposalId } = request.header;
      const id = messageType === "proposal" ? madeIn(publicWrites) : proposalId;
      const digest = createHash("sha256").update(request.envelope).digest();
      this.#byId
        .get(id ?? "")
        ?.requests.push({ seqno, view, memberId: keyId, messageType, createdAt, digest });
    }
  }
}

function madeIn(writes: WriteSet): string | undefined {
  for (const [key, body] of writes.get(TABLES.proposals) ?? []) {
    if (body !== null) return keyToText(key);
  }
  return undefined;
}

function parse(row: Uint8Array): ReturnType<typeof parseRecorded> | undefined {
  try {
    return parseRecorded(row);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return undefined;
  }
}
