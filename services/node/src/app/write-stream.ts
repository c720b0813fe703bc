// SPDX-License-Identifier: Apache-2.0
import { keyFromBytes, type WriteSet } from "@consortium/ledger";
import { app } from "@consortium/proto";
import { checkClaimsDigest, invalid } from "./access.js";
import type { LedGroup } from "./group.js";
import { checkOperation, isWrite } from "./txn.js";

/** Messages of one stream that may wait for their commit. */
const MESSAGES_IN_FLIGHT_MAX = 64;
const OPERATIONS_MAX = 4096;

/**
 * Answers each message in order, reading on while earlier ones wait for their commit. A message that
 * is refused ends the stream: none of its operations was executed, those before it were.
 */
export async function* writeStream(
  requests: AsyncIterable<app.WriteStreamRequest>,
  enter: Enter,
): AsyncIterable<app.WriteStreamResponse> {
  const source = requests[Symbol.asyncIterator]();
  const answers: Promise<app.WriteStreamResponse>[] = [];
  let next: Promise<IteratorResult<app.WriteStreamRequest>> | undefined = source.next();
  while (next !== undefined || answers.length > 0) {
    if (next !== undefined && (await readsNext(answers, next))) {
      const item: IteratorResult<app.WriteStreamRequest> = await next;
      next = item.done === true ? undefined : source.next();
      if (item.done !== true) answers.push(handled(answerOne(item.value, enter)));
      continue;
    }
    const answer = await answers.shift();
    if (answer !== undefined) yield answer;
  }
}

type Enter = (request: app.WriteStreamRequest) => { group: LedGroup; userId: string };

/** Whether the next message comes before the oldest answer, and there is room for it. */
async function readsNext(
  answers: readonly Promise<unknown>[],
  next: Promise<unknown>,
): Promise<boolean> {
  const oldest = answers[0];
  if (oldest === undefined) return true;
  if (answers.length >= MESSAGES_IN_FLIGHT_MAX) return false;
  const answered = () => false;
  return Promise.race([oldest.then(answered, answered), next.then(() => true)]);
}

/** A refusal is thrown where the answer is awaited; until then it is not unhandled. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

async function answerOne(
  request: app.WriteStreamRequest,
  enter: Enter,
): Promise<app.WriteStreamResponse> {
  checkMessage(request);
  const { group, userId } = enter(request);
  const { primary } = group;
  const { view, firstSeqno } = sequence(request, group, userId);
  const count = request.operations.length;
  if (request.options?.answerWhen !== app.AnswerWhen.SEQUENCED) {
    await primary.committed(firstSeqno + count - 1);
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
