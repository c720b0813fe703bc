// SPDX-License-Identifier: Apache-2.0
import { digestEntries } from "@consortium/crypto-wasm";
import { type DecodedEntry, iterateEntries } from "@consortium/ledger";
import type { Sandbox } from "../../sandbox/sandbox.js";
import { Auditor, type Verdict } from "../auditor.js";
import { ConstantBallots } from "../constant-ballots.js";
import { findReadVersion } from "../ledger-feed.js";
import { RootHistory } from "../root-history.js";

/**
 * Audits entries without the ledger verifier: roots and signatures are not looked at, so that what
 * is noticed is noticed by the audit alone.
 */
export class InProcessAudit implements Disposable {
  readonly auditor: Auditor;
  readonly roots = new RootHistory();

  constructor(sandbox: Pick<Sandbox, "evaluate">) {
    this.auditor = new Auditor(new ConstantBallots(sandbox));
  }

  /** Judges the entry that follows, without going on. */
  check(entry: Pick<DecodedEntry, "seqno" | "view" | "publicWrites">): Promise<Verdict> {
    return this.auditor.check(entry, findReadVersion(entry, this.roots));
  }

  apply(entry: DecodedEntry, leaf: Uint8Array): void {
    this.roots.append(leaf);
    this.auditor.apply(entry);
  }

  [Symbol.dispose](): void {
    this.roots[Symbol.dispose]();
  }
}

export interface LeafEntry {
  readonly entry: DecodedEntry;
  readonly leaf: Uint8Array;
}

export interface RawEntry extends LeafEntry {
  readonly raw: Uint8Array;
}

export function entriesOf(bytes: Uint8Array): RawEntry[] {
  const { leaves } = digestEntries(bytes);
  return [...iterateEntries(bytes)].map((entry, index) => ({
    entry,
    raw: bytes.subarray(entry.offset, entry.offset + entry.length),
    leaf: leaves.subarray(index * 32, index * 32 + 32),
  }));
}
