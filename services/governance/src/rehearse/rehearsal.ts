// SPDX-License-Identifier: Apache-2.0
import { keyToText, type KvReader, rows, TABLES, type WriteSet } from "@consortium/ledger";
import type { AuditState, SignatureReader } from "../audit/audit-state.js";
import type { AuditedEntry, ReadVersion, Verdict } from "../audit/auditor.js";
import { compareRows } from "../audit/compare-rows.js";
import { expectedRows } from "../audit/expected-rows.js";
import type { Complaint } from "../audit/finding.js";
import { messageTypeOf, parseRecorded, recordedEnvelopes } from "../audit/recorded-request.js";
import { type Replayed, RequestReplay } from "../audit/replay-request.js";
import type { SignedRequest } from "../request/signed-request.js";
import type { Sandbox } from "../sandbox/sandbox.js";
import { type Conclusion, conclude } from "./conclusion.js";
import { withConstitution } from "./constitution-reader.js";

/** What a recorded request comes to under another constitution. */
export interface RehearsedRequest {
  readonly type: "proposal" | "ballot";
  readonly proposalId: string;
  /** The state of the proposal after the request, as recorded. */
  readonly recorded: string;
  /** The same under the other constitution; `Refused` where the request would not be taken at all. */
  readonly rehearsed: string;
  /** Why it is refused, or fails. */
  readonly reason?: string;
  /** Rows that would be otherwise, where both accept it. */
  readonly rows: readonly Complaint[];
}

/** How a proposal is kept is the service's matter, not the constitution's. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  TABLES.proposals,
  TABLES.proposalsInfo,
  TABLES.coseHistory,
  TABLES.coseRecentProposals,
]);

/**
 * Makes the recorded proposals and ballots again as if another constitution had been in force. Each
 * starts from the state that was recorded before it.
 */
export class Rehearsal {
  readonly #sandbox: Pick<Sandbox, "evaluate">;
  readonly #replay: RequestReplay;
  readonly #state: AuditState;
  readonly #constitution: string;

  constructor(sandbox: Pick<Sandbox, "evaluate">, state: AuditState, constitution: string) {
    this.#sandbox = sandbox;
    this.#replay = new RequestReplay(sandbox);
    this.#state = state;
    this.#constitution = constitution;
  }

  async check(
    entry: AuditedEntry,
    readVersion: ReadVersion | undefined,
  ): Promise<Verdict & { rehearsed?: RehearsedRequest }> {
    const request = requestIn(entry.publicWrites);
    const type = request === undefined ? undefined : messageTypeOf(request);
    if (request === undefined || (type !== "proposal" && type !== "ballot")) return NOTHING;
    const base = this.#state.readerWith(this.#state.signatures[0]);
    const replayed = await this.#replay.run(type, request, {
      kv: withConstitution(base, this.#constitution),
      seqno: entry.seqno - 1,
      view: entry.view,
      root: readVersion?.root ?? new Uint8Array(32),
    });
    const rehearsed = describe(type, entry, { request, replayed, base });
    return { ...NOTHING, request: type, ...(rehearsed === undefined ? {} : { rehearsed }) };
  }

  /** What the state that was reached says of the constitution. */
  conclude(): Promise<Conclusion> {
    const base = this.#state.readerWith(this.#state.signatures[0]);
    return conclude(this.#constitution, base, this.#state.seqno, this.#sandbox);
  }
}

const NOTHING: Verdict = { complaints: [], remarks: [] };

function requestIn(writes: WriteSet): SignedRequest | undefined {
  const [row] = recordedEnvelopes(writes).values();
  try {
    return row === undefined ? undefined : parseRecorded(row);
  } catch {
    // What is wrong with the ledger as it is, `gov verify` says.
    return undefined;
  }
}

interface Outcome {
  readonly request: SignedRequest;
  readonly replayed: Replayed;
  readonly base: SignatureReader;
}

function describe(
  type: RehearsedRequest["type"],
  { publicWrites }: AuditedEntry,
  { request, replayed, base }: Outcome,
): RehearsedRequest | undefined {
  const proposalId =
    type === "ballot" ? request.header.proposalId : newProposalIn(publicWrites, base);
  if (proposalId === undefined) return undefined;
  const recorded = stateIn(publicWrites, proposalId) ?? "unknown";
  const { submitted, refusal } = replayed;
  const reason = refusal === undefined ? {} : { reason: refusal.message };
  const id = { type, proposalId, recorded };
  if (submitted === undefined) return { ...id, rehearsed: "Refused", ...reason, rows: [] };
  const rehearsed = stateIn(submitted.writes, proposalId) ?? "unknown";
  if (recorded !== "Accepted" || rehearsed !== "Accepted")
    return { ...id, rehearsed, ...reason, rows: [] };
  const complaints = compareRows(expectedRows(submitted, base), publicWrites);
  return {
    ...id,
    rehearsed,
    rows: complaints.filter(({ table }) => !BOOKKEEPING.has(table ?? "")),
  };
}

function newProposalIn(writes: WriteSet, base: KvReader): string | undefined {
  for (const [key, body] of writes.get(TABLES.proposals) ?? []) {
    if (body !== null && base.get(TABLES.proposals, key) === undefined) return keyToText(key);
  }
  return undefined;
}

/** `Failed` stands for a proposal that stays open with the reason why it could not be applied. */
function stateIn(writes: WriteSet, proposalId: string): string | undefined {
  for (const [key, value] of writes.get(TABLES.proposalsInfo) ?? []) {
    if (keyToText(key) !== proposalId || value === null) continue;
    try {
      const { state, failure } = rows.proposalsInfo.decode(value);
      return state === "Open" && failure !== undefined ? "Failed" : state;
    } catch {
      return undefined;
    }
  }
  return undefined;
}
