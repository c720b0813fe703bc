// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import {
  type DecodedEntry,
  formatTransactionId,
  parseTransactionId,
  rows,
  SINGLETON_KEY,
  TABLES,
} from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import type { MessageType } from "../request/message-type.js";
import type { Finding, Remark } from "./finding.js";
import type { AuditRange } from "./ledger-feed.js";
import type { LedgerSource, SourceFault } from "./ledger-source.js";
import { runShards } from "./run-shards.js";
import type { ShardVerdict } from "./shard-protocol.js";

export interface VerifyGovernanceOptions {
  /** The first and the last transaction to judge, by id; all if left out. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly threads?: number | undefined;
  readonly onProgress?: ((progress: AuditProgress) => void) | undefined;
}

export interface AuditProgress {
  readonly transactions: number;
  readonly requests: number;
}

/** What an audit found. */
export interface AuditReport {
  /** Nothing is wrong, with the ledger or with what was decided on it. */
  readonly ok: boolean;
  readonly ledgerFault?: SourceFault;
  readonly findings: readonly Finding[];
  /** There may be more than are listed. */
  readonly findingCount: number;
  readonly remarks: readonly Remark[];
  readonly transactions: number;
  readonly signatures: number;
  readonly lastSigned?: string;
  readonly unsignedTransactions: number;
  /** Transactions that touch governance, in the range. */
  readonly governanceTransactions: number;
  /** Signed requests in the range, by type. */
  readonly requests: Readonly<Partial<Record<MessageType, number>>>;
  readonly requestCount: number;
  /** Proposals that were closed in the range, by how. */
  readonly decisions: Readonly<Record<string, number>>;
  /** Every constitution, with the transaction that brought it into force. */
  readonly constitutions: readonly { readonly transactionId: string; readonly sha256: string }[];
  readonly elapsedMs: number;
}

const FINDINGS_LISTED_MAX = 100;
/** Threads do not report in order: what is listed is chosen among so many. */
const FINDINGS_KEPT_MAX = 10_000;
const PROGRESS_EVERY = 20_000;

/**
 * Makes every governance decision on a ledger again: each signed request with the certificate,
 * constitution and state of its time, each vote, each effect. Nothing of it is believed because it is
 * there.
 */
export async function verifyGovernance(
  source: LedgerSource,
  options: VerifyGovernanceOptions = {},
): Promise<AuditReport> {
  const startedAt = performance.now();
  const range = new RequestedRange(options);
  const tally = new Tally(range.seqnos);
  const { onProgress } = options;
  let transactions = 0;
  const { summary } = await runShards({
    source,
    task: { kind: "verify" },
    range: range.seqnos,
    threads: options.threads,
    onVerdict: (verdict) => tally.addVerdict(verdict),
    onGovernance: (entry) => tally.addTransaction(entry),
    onEntry: (entry) => {
      range.note(entry);
      transactions += 1;
      if (transactions % PROGRESS_EVERY === 0)
        onProgress?.({ transactions, requests: tally.requestCount });
    },
  });
  if (summary.fault === undefined) range.requireFound();
  const { fault, ...facts } = summary;
  return {
    ...tally.report(),
    ok: fault === undefined && tally.findingCount === 0,
    ...(fault === undefined ? {} : { ledgerFault: fault }),
    ...facts,
    elapsedMs: Math.round(performance.now() - startedAt),
  };
}

/** The transactions that were asked for, which must be on the ledger. */
class RequestedRange {
  readonly seqnos: AuditRange;
  readonly #wanted: Map<number, string>;

  constructor({ from, to }: VerifyGovernanceOptions) {
    this.seqnos = {
      fromSeqno: from === undefined ? 1 : seqnoOf(from),
      toSeqno: to === undefined ? Number.MAX_SAFE_INTEGER : seqnoOf(to),
    };
    const ids = [from, to].filter((id) => id !== undefined);
    this.#wanted = new Map(ids.map((id) => [seqnoOf(id), id]));
  }

  note({ seqno, view }: DecodedEntry): void {
    if (this.#wanted.get(seqno) === formatTransactionId(view, seqno)) this.#wanted.delete(seqno);
  }

  requireFound(): void {
    const [missing] = this.#wanted.values();
    if (missing === undefined) return;
    throw governanceErrors("TRANSACTION_NOT_FOUND", `transaction ${missing} is not on the ledger`, {
      details: { transaction_id: missing },
    });
  }
}

function seqnoOf(id: string): number {
  const parsed = parseTransactionId(id);
  if (parsed !== undefined) return parsed.seqno;
  throw governanceErrors("INVALID_INPUT", `${id} is not a transaction id`, {
    hint: "Write it as view.seqno, for example 2.15.",
  });
}

/** Counts and collects while the ledger is read. */
class Tally {
  readonly #range: AuditRange;
  readonly #findings: Finding[] = [];
  readonly #remarks: Remark[] = [];
  readonly #requests: Partial<Record<MessageType, number>> = {};
  readonly #decisions: Record<string, number> = {};
  readonly #constitutions: { transactionId: string; sha256: string }[] = [];
  #governanceTransactions = 0;
  findingCount = 0;
  requestCount = 0;

  constructor(range: AuditRange) {
    this.#range = range;
  }

  addVerdict({ seqno, view, request, complaints, remarks }: ShardVerdict): void {
    const transactionId = formatTransactionId(view, seqno);
    if (request !== undefined) {
      this.requestCount += 1;
      this.#requests[request] = (this.#requests[request] ?? 0) + 1;
    }
    this.findingCount += complaints.length;
    for (const complaint of complaints) {
      if (this.#findings.length >= FINDINGS_KEPT_MAX) break;
      this.#findings.push({ transactionId, seqno, ...complaint });
    }
    for (const message of remarks) {
      if (this.#remarks.length < FINDINGS_KEPT_MAX)
        this.#remarks.push({ transactionId, seqno, message });
    }
  }

  addTransaction({ seqno, view, publicWrites }: DecodedEntry): void {
    const text = publicWrites.get(TABLES.constitution)?.get(SINGLETON_KEY);
    if (text !== undefined && text !== null) {
      const sha256 = createHash("sha256").update(textOf(text)).digest("hex");
      this.#constitutions.push({ transactionId: formatTransactionId(view, seqno), sha256 });
    }
    if (seqno < this.#range.fromSeqno || seqno > this.#range.toSeqno) return;
    this.#governanceTransactions += 1;
    for (const value of publicWrites.get(TABLES.proposalsInfo)?.values() ?? []) {
      const state = value === null ? undefined : stateOf(value);
      if (state !== undefined && state !== "Open")
        this.#decisions[state] = (this.#decisions[state] ?? 0) + 1;
    }
  }

  report(): Pick<
    AuditReport,
    | "findings"
    | "findingCount"
    | "remarks"
    | "requests"
    | "requestCount"
    | "decisions"
    | "constitutions"
    | "governanceTransactions"
  > {
    return {
      findings: firstOf(this.#findings),
      findingCount: this.findingCount,
      remarks: firstOf(this.#remarks),
      requests: this.#requests,
      requestCount: this.requestCount,
      decisions: this.#decisions,
      constitutions: this.#constitutions,
      governanceTransactions: this.#governanceTransactions,
    };
  }
}

function firstOf<T extends { seqno: number }>(listed: readonly T[]): T[] {
  return listed.toSorted((a, b) => a.seqno - b.seqno).slice(0, FINDINGS_LISTED_MAX);
}

function textOf(row: Uint8Array): string {
  try {
    return rows.constitution.decode(row);
  } catch {
    return Buffer.from(row).toString("utf8");
  }
}

function stateOf(row: Uint8Array): string | undefined {
  try {
    return rows.proposalsInfo.decode(row).state;
  } catch {
    return undefined;
  }
}
