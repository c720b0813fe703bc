// SPDX-License-Identifier: Apache-2.0
import { keyFromBytes, type WriteSet } from "@consortium/ledger";
import { app } from "@consortium/proto";
import { checkClaimsDigest, invalid } from "./access.js";
import type { LedGroup } from "./group.js";
import { checkOperation, isWrite } from "./txn.js";

const OPERATIONS_MAX = 4096;

/** One message of a stream: each operation is a transaction of its own, all or none are executed. */
export async function writeMessage(
  request: app.WriteStreamRequest,
  { led, userId }: { led: LedGroup; userId: string },
): Promise<app.WriteStreamResponse> {
  checkMessage(request);
  const { view, firstSeqno } = sequence(request, led, userId);
  const count = request.operations.length;
  if (request.options?.answerWhen !== app.AnswerWhen.SEQUENCED) {
    await led.primary.committed(firstSeqno + count - 1);
  }
  return { view: BigInt(view), firstSeqno: BigInt(firstSeqno), count };
}

function checkMessage(request: app.WriteStreamRequest): void {
  const { operations } = request;
  if (operations.length === 0 || operations.length > OPERATIONS_MAX) {
    throw invalid("operations", `must be 1 to ${OPERATIONS_MAX}`);
  }
  for (const operation of operations) {
    checkOperation(operation);
    if (!isWrite(operation)) throw invalid("operations", "must be put or delete");
  }
}

function sequence(
  request: app.WriteStreamRequest,
  { primary, idempotency }: LedGroup,
  userId: string,
): { view: number; firstSeqno: number } {
  const claimsDigest = checkClaimsDigest(request.options?.claimsDigest ?? new Uint8Array());
  const options = claimsDigest === undefined ? {} : { claimsDigest };
  const writes = request.operations.map(writeSetOf);
  const idempotencyKey = request.options?.idempotencyKey ?? "";
  if (idempotencyKey === "") {
    return { view: primary.view, firstSeqno: primary.appendAll(writes, options) };
  }
  const content = app.WriteStreamRequest.encode(request).finish();
  const claim = { userId, idempotencyKey, content };
  const earlier = idempotency.find(claim, primary.kv.latest);
  if (earlier !== undefined) {
    return { view: primary.viewOf(earlier.seqno), firstSeqno: earlier.seqno };
  }
  const first = writes[0];
  if (first !== undefined) idempotency.note(first, claim);
  const firstSeqno = primary.appendAll(writes, options);
  idempotency.noted(claim, firstSeqno);
  return { view: primary.view, firstSeqno };
}

function writeSetOf({ operation }: app.Operation): WriteSet {
  if (operation === undefined) return new Map();
  const { map, key } = operation.value;
  const value = operation.$case === "put" ? operation.value.value : null;
  return new Map([[map, new Map([[keyFromBytes(key), value]])]]);
}
