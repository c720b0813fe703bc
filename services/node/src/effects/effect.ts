// SPDX-License-Identifier: Apache-2.0
import type { Transaction } from "@consortium/ledger";
import type { AppendOptions } from "../pipeline/primary.js";
import type { ServiceKeys } from "./service-keys.js";

export interface EffectContext {
  /** With the submitted writes in it; effects see them and add their own. */
  readonly transaction: Transaction;
  readonly keys: ServiceKeys;
  /** Has the next signature begin a snapshot. */
  readonly requestSnapshot: () => void;
  /** The seqno the transaction will have. */
  readonly seqno: number;
}

export interface EffectOutcome {
  readonly options: AppendOptions;
  /** What changes in this process once the transaction has its seqno. */
  readonly sequenced?: () => void;
}
