// SPDX-License-Identifier: Apache-2.0
import { app } from "@consortium/proto";
import type { Transaction } from "@consortium/ledger";
import { checkClaimsDigest } from "./access.js";
import type { LedGroup } from "./group.js";

/** One writing request, as the pipeline needs it. */
export interface WriteCall<T> {
  readonly led: LedGroup;
  readonly userId: string;
  readonly options: app.WriteOptions | undefined;
  /** The request's bytes, which the idempotency key stands for. */
  readonly content: () => Uint8Array;
  readonly run: (transaction: Transaction) => T;
}

/** What became of it; `result` is absent when an earlier request had the same idempotency key. */
export interface WriteOutcome<T> {
  readonly view: number;
  readonly seqno: number;
  readonly result: T | undefined;
}

/** Executes, sequences and, unless the caller asked otherwise, waits for the commit. */
export async function write<T>(call: WriteCall<T>): Promise<WriteOutcome<T>> {
  const { primary } = call.led;
  const outcome = sequence(call);
  if (call.options?.answerWhen !== app.AnswerWhen.SEQUENCED) await primary.committed(outcome.seqno);
  return outcome;
}

function sequence<T>(call: WriteCall<T>): WriteOutcome<T> {
  const { primary, idempotency } = call.led;
  const idempotencyKey = call.options?.idempotencyKey ?? "";
  const claimsDigest = checkClaimsDigest(call.options?.claimsDigest ?? new Uint8Array());
  const options = claimsDigest === undefined ? {} : { claimsDigest };
  if (idempotencyKey === "") {
    return { view: primary.view, ...primary.execute(call.run, options) };
  }
  const claim = { userId: call.userId, idempotencyKey, content: call.content() };
  const earlier = idempotency.find(claim, primary.kv.latest);
  if (earlier !== undefined) {
    return { view: primary.viewOf(earlier.seqno), seqno: earlier.seqno, result: undefined };
  }
  const { seqno, result } = primary.execute((transaction) => {
    idempotency.note(transaction.writes, claim);
    return call.run(transaction);
  }, options);
  idempotency.noted(claim, seqno);
  return { view: primary.view, seqno, result };
}
