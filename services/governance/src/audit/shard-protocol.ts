// SPDX-License-Identifier: Apache-2.0
import type { MessageType } from "../request/message-type.js";
import type { ReadVersion } from "./auditor.js";
import type { Complaint } from "./finding.js";
import type { Conclusion } from "../rehearse/conclusion.js";
import type { RehearsedRequest } from "../rehearse/rehearsal.js";

/** What a shard does with the transactions that are its own. */
export type ShardTask =
  | { readonly kind: "verify" }
  /** Makes the requests again under another constitution. */
  | { readonly kind: "rehearse"; readonly constitution: string };

export interface ShardStart {
  readonly task: ShardTask;
  /** [0]: evaluations begun; [1]: milliseconds that the one under way may take, 0 if there is none. */
  readonly shared: Int32Array;
  /** With a thread for the sandbox, which can be ended: slower, and survives everything. */
  readonly isCareful: boolean;
}

/** One transaction that touches the tables of the service. */
export interface ShardItem {
  /** Where it begins in the bytes of the message. */
  readonly offset: number;
  /** Whether it is for this shard to judge; all are there to bring the state on. */
  readonly isOwn: boolean;
  readonly readVersion?: ReadVersion;
}

/** Main thread to shard. Each order is answered. */
export type ShardOrder =
  | { readonly kind: "judge"; readonly batch: ShardBatch }
  /** Only where a constitution is rehearsed: what the state that was reached says of it. */
  | { readonly kind: "conclude" };

export interface ShardBatch {
  readonly bytes: Uint8Array;
  readonly items: readonly ShardItem[];
}

export interface ShardVerdict {
  readonly seqno: number;
  readonly view: number;
  readonly request?: MessageType;
  readonly complaints: readonly Complaint[];
  readonly remarks: readonly string[];
  readonly rehearsed?: RehearsedRequest;
}

/** Shard to main thread. */
export type ShardMessage =
  /** The verdicts are those with something to say, and those on requests. */
  | {
      readonly kind: "judged";
      readonly lastSeqno: number;
      readonly verdicts: readonly ShardVerdict[];
    }
  | { readonly kind: "concluded"; readonly conclusion: Conclusion | undefined }
  | { readonly kind: "failed"; readonly message: string };
