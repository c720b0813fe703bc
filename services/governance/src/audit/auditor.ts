// SPDX-License-Identifier: Apache-2.0
import { isAppError } from "@consortium/kit";
import { type KvKey, keyToText, rows, TABLES, type WriteSet } from "@consortium/ledger";
import type { MessageType } from "../request/message-type.js";
import type { SignedRequest } from "../request/signed-request.js";
import { TIMEOUT_TEXT } from "../sandbox/worker/engine.js";
import { AuditState, rootOf, type SignatureRows } from "./audit-state.js";
import { acknowledgementIn, isBytecode, isSignedHttpRequest, shownDigestIn } from "./ccf-habits.js";
import { compareRows, showKey } from "./compare-rows.js";
import { expectedRows } from "./expected-rows.js";
import { type Complaint, showBytes } from "./finding.js";
import { messageTypeOf, parseRecorded, recordedEnvelopes } from "./recorded-request.js";
import type { RecordedTimeouts, ReplayConditions } from "./replay-sandbox.js";
import { type Replayed, RequestReplay } from "./replay-request.js";
import { explainUnrequested } from "./unrequested-rows.js";
import type { Sandbox } from "../sandbox/sandbox.js";

/** A transaction as it is on the ledger. */
export interface AuditedEntry {
  readonly seqno: number;
  readonly view: number;
  readonly publicWrites: WriteSet;
}

/** The state that a proposal was made on, as its id tells. */
export interface ReadVersion {
  readonly seqno: number;
  readonly root: Uint8Array;
}

/** What looking at one transaction came to. */
export interface Verdict {
  /** Of the request that it records, if it records one. */
  readonly request?: MessageType;
  readonly complaints: readonly Complaint[];
  readonly remarks: readonly string[];
}

/** Beyond what the roots in the rows tell: how many older signatures are tried. */
const OLDER_SIGNATURES_TRIED = 8;
const PATIENCE = 10;

/**
 * Makes every governance decision of a ledger again, transaction by transaction, with the use cases
 * and the sandbox that made them. Each is judged on the state that the ledger had before it, so that
 * one that is wrong does not make all later ones look wrong.
 */
export class Auditor {
  readonly state = new AuditState();
  readonly #replay: RequestReplay;

  constructor(sandbox: Pick<Sandbox, "evaluate">) {
    this.#replay = new RequestReplay(sandbox);
  }

  /** Goes on to the state after a transaction. */
  apply({ seqno, publicWrites }: AuditedEntry): void {
    this.state.apply(seqno, publicWrites);
  }

  /**
   * Judges the transaction that follows. For one that makes a proposal, `readVersion` is where the
   * proposal's id comes from.
   */
  async check(entry: AuditedEntry, readVersion?: ReadVersion): Promise<Verdict> {
    try {
      return await this.#check(entry, readVersion);
    } catch (error) {
      // The sandbox itself is gone: no verdict at all.
      if (isAppError(error, "SANDBOX_FAILED")) throw error;
      return failed(
        isAppError(error) ? "ROW_MALFORMED" : "EVALUATION_STOPPED",
        error instanceof Error ? error.message : String(error),
      );
    }
  }

  async #check(entry: AuditedEntry, readVersion: ReadVersion | undefined): Promise<Verdict> {
    const writes = entry.publicWrites;
    const envelopes = recordedEnvelopes(writes);
    if (envelopes.size > 1)
      return failed("REQUEST_AMBIGUOUS", `${envelopes.size} requests stand in one transaction`);
    const [[key, row] = []] = envelopes;
    const recorded = row === undefined ? acknowledgementIn(writes, this.state.kv) : { key, row };
    if (recorded?.key === undefined) return this.#checkUnrequested(entry);
    const place = { key: recorded.key, row: recorded.row };
    let request: SignedRequest;
    try {
      request = parseRecorded(recorded.row);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return failed("REQUEST_INVALID", message, place);
    }
    const type = messageTypeOf(request);
    if (type === undefined)
      return failed("REQUEST_INVALID", "the type of the request is not known", place);
    const verdict =
      type === "recovery_share"
        ? this.#checkShare(request, entry)
        : await this.#checkRequest(type, request, entry, readVersion);
    return { request: type, ...verdict };
  }

  #checkUnrequested({ seqno, publicWrites: writes }: AuditedEntry): Verdict {
    const base = this.state.kv;
    const shown = shownDigestIn(writes, base);
    if (shown !== undefined && this.state.signatures.some((one) => rootOf(one) === shown))
      return { complaints: [], remarks: [UNRECORDED_UPDATE] };
    if (isSignedHttpRequest(writes)) return failed("REQUEST_INVALID", SIGNED_HTTP_REQUEST);
    return { complaints: explainUnrequested({ seqno, writes, base }), remarks: [] };
  }

  async #checkRequest(
    type: Exclude<MessageType, "recovery_share">,
    request: SignedRequest,
    entry: AuditedEntry,
    readVersion: ReadVersion | undefined,
  ): Promise<Verdict> {
    if (type === "proposal" && readVersion === undefined) {
      return failed("PROPOSAL_ID_UNEXPLAINED", "the proposal's id comes from no earlier root");
    }
    const attempt = async (
      signature: SignatureRows | undefined,
      conditions: ReplayConditions = {},
    ): Promise<Attempt> => {
      const base = this.state.readerWith(signature);
      const seqno = entry.seqno - 1;
      const root = readVersion?.root ?? NO_ROOT;
      const snapshot = { kv: base, seqno, view: entry.view, root };
      const replayed = await this.#replay.run(type, request, snapshot, conditions);
      const complaints = complaintsOf(replayed, base, entry, readVersion);
      return { complaints, replayed, hasReadSignature: base.hasReadSignature };
    };
    const first = await attempt(this.state.signatures[0]);
    if (first.complaints.length === 0) return CLEAN;
    for (const signature of this.#otherSignatures(entry.publicWrites, first.hasReadSignature)) {
      const other = await attempt(signature);
      if (other.complaints.length === 0) return CLEAN;
    }
    const timeouts = recordedTimeouts(entry.publicWrites);
    if (timeouts !== undefined) {
      const other = await attempt(this.state.signatures[0], { timeouts });
      if (other.complaints.length === 0) return { complaints: [], remarks: [remarkOf(timeouts)] };
    }
    if (first.replayed.hasTimedOut) {
      const other = await attempt(this.state.signatures[0], { patience: PATIENCE });
      if (other.complaints.length === 0) return CLEAN;
    }
    return { complaints: first.complaints, remarks: [] };
  }

  /** A share is for the primary alone; what can be told is who sent it. */
  #checkShare(request: SignedRequest, { seqno, publicWrites }: AuditedEntry): Verdict {
    const refusal = this.#replay.authenticate(request, "recovery_share", this.state.kv);
    if (refusal !== undefined) return failed("REQUEST_INVALID", refusal);
    const writes = new Map(publicWrites);
    writes.delete(TABLES.coseHistory);
    return { complaints: explainUnrequested({ seqno, writes, base: this.state.kv }), remarks: [] };
  }

  /** Signatures that the request may have seen instead of the last one, likely ones first. */
  #otherSignatures(writes: WriteSet, hasReadSignature: boolean): SignatureRows[] {
    if (!hasReadSignature) return [];
    const older = this.state.signatures.slice(1);
    const named = namedDigests(writes);
    const byRoot = older.filter((signature) => named.has(rootOf(signature) ?? ""));
    return [...byRoot, ...older.slice(0, OLDER_SIGNATURES_TRIED)];
  }
}

interface Attempt {
  readonly complaints: readonly Complaint[];
  readonly replayed: Replayed;
  readonly hasReadSignature: boolean;
}

const CLEAN: Verdict = { complaints: [], remarks: [] };
const UNRECORDED_UPDATE =
  "the request of the member for this state digest is not recorded, as CCF does; the digest is a root of this ledger";
const SIGNED_HTTP_REQUEST =
  "the request is signed as an HTTP request, as CCF did before version 3; such requests cannot be made again";
const NO_ROOT = new Uint8Array(32);

function complaintsOf(
  replayed: Replayed,
  base: Parameters<typeof expectedRows>[1],
  { publicWrites }: AuditedEntry,
  readVersion: ReadVersion | undefined,
): Complaint[] {
  const { submitted, refusal } = replayed;
  if (submitted === undefined) {
    const isSignature = isAppError(refusal, "INVALID_AUTHENTICATION", "INVALID_COSE");
    const message = refusal === undefined ? "the request changes nothing" : refusal.message;
    return [{ code: isSignature ? "REQUEST_INVALID" : "REQUEST_REFUSED", message }];
  }
  const expected = expectedRows(submitted, base);
  // CCF keeps an acknowledgement with what is acknowledged alone.
  if (recordedEnvelopes(publicWrites).size === 0) expected.writes.delete(TABLES.coseHistory);
  const complaints = compareRows(expected, publicWrites).filter((one) => !isBytecode(one));
  if (readVersion !== undefined) {
    for (const { map, version } of submitted.reads) {
      if (version <= readVersion.seqno) continue;
      complaints.push({
        code: "DECIDED_ON_OLD_STATE",
        message: `the proposal was made on the state of seqno ${readVersion.seqno}, but ${map} changed at ${version}`,
        table: map,
      });
      break;
    }
  }
  return complaints;
}

/** State digests that the transaction shows to members. */
function namedDigests(writes: WriteSet): Set<string> {
  const digests = new Set<string>();
  for (const value of writes.get(TABLES.membersAcks)?.values() ?? []) {
    try {
      if (value !== null) digests.add(rows.membersAcks.decode(value).state_digest);
    } catch {
      // Malformed: the comparison says so.
    }
  }
  return digests;
}

function recordedTimeouts(writes: WriteSet): RecordedTimeouts | undefined {
  for (const [key, value] of writes.get(TABLES.proposalsInfo) ?? []) {
    if (value === null) continue;
    try {
      const { vote_failures: failures } = rows.proposalsInfo.decode(value);
      const slow = Object.entries(failures ?? {}).filter(([, one]) => one.reason === TIMEOUT_TEXT);
      if (slow.length === 0) continue;
      return { proposalId: keyToText(key), memberIds: new Set(slow.map(([id]) => id)) };
    } catch {
      continue;
    }
  }
  return undefined;
}

function remarkOf({ memberIds }: RecordedTimeouts): string {
  const who = [...memberIds].map((id) => `m[${id}]`).join(", ");
  return `the ballots of ${who} are recorded as too slow, and were not too slow here; counted as recorded`;
}

function failed(
  code: Complaint["code"],
  message: string,
  place?: { key: KvKey; row: Uint8Array },
): Verdict {
  const where =
    place === undefined
      ? {}
      : { table: TABLES.coseHistory, key: showKey(place.key), found: showBytes(place.row) };
  return { complaints: [{ code, message, ...where }], remarks: [] };
}
