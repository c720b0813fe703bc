// SPDX-License-Identifier: Apache-2.0
import {
  keyFromBytes,
  type KvReader,
  requireApplicationMap,
  type Transaction,
} from "@consortium/ledger";
import { app } from "@consortium/proto";
import { checkKey, invalid } from "./access.js";
import type { LedGroup, ReadableGroup } from "./group.js";
import { write } from "./write.js";

const OPERATIONS_MAX = 1024;

/** Compares and applies one branch, as one transaction on the latest state. */
export async function txn(
  request: app.TxnRequest,
  { led, userId }: { led: LedGroup; userId: string },
): Promise<app.TxnResponse> {
  checkTxn(request);
  const { latest } = led.primary.kv;
  const { view, seqno, result } = await write({
    led,
    userId,
    options: request.options,
    content: () => app.TxnRequest.encode(request).finish(),
    run: (transaction) => {
      const succeeded = request.compares.every((compare) => holds(compare, latest));
      const branch = succeeded ? request.success : request.failure;
      const results = branch.map((operation) => apply(operation, transaction, latest));
      return { succeeded, results };
    },
  });
  // A repeated request is told which transaction it was; what it read then is not kept.
  const { succeeded, results } = result ?? { succeeded: true, results: [] };
  return { succeeded, results, transactionId: `${view}.${seqno}` };
}

/** Whether neither branch writes. */
export function isReadOnly({ success, failure }: app.TxnRequest): boolean {
  return ![...success, ...failure].some(isWrite);
}

/** Compares and reads on the committed state; nothing is sequenced. */
export function readOnlyTxn(group: ReadableGroup, request: app.TxnRequest): app.TxnResponse {
  checkTxn(request);
  const { committed, transactionId } = group;
  const succeeded = request.compares.every((compare) => holds(compare, committed));
  const branch = succeeded ? request.success : request.failure;
  const results = branch.map((operation) => readResult(operation, committed));
  return { succeeded, results, transactionId };
}

function checkTxn(request: app.TxnRequest): void {
  const { compares, success, failure } = request;
  if (compares.length + success.length + failure.length > OPERATIONS_MAX) {
    throw invalid("operations", `must be at most ${OPERATIONS_MAX} with the compares`);
  }
  for (const compare of compares) {
    requireApplicationMap(compare.map, "read");
    checkKey(compare.key);
    if (compare.condition === undefined) throw invalid("compares.condition", "must be set");
  }
  for (const operation of [...success, ...failure]) checkOperation(operation);
}

/** Refuses an operation without a kind, or on a map or key that may not be used. */
export function checkOperation({ operation }: app.Operation): void {
  if (operation === undefined) throw invalid("operation", "must be set");
  requireApplicationMap(operation.value.map, operation.$case === "get" ? "read" : "write");
  checkKey(operation.value.key);
}

export function isWrite({ operation }: app.Operation): boolean {
  return operation?.$case === "put" || operation?.$case === "delete";
}

function holds({ map, key, condition }: app.Compare, kv: KvReader): boolean {
  const found = kv.get(map, keyFromBytes(key));
  switch (condition?.$case) {
    case "exists":
      return condition.value === (found !== undefined);
    case "version":
      return condition.value === BigInt(found?.version ?? 0);
    case "value":
      return found !== undefined && Buffer.compare(condition.value, found.value) === 0;
    case undefined:
      return false;
  }
}

function apply(
  { operation }: app.Operation,
  transaction: Transaction,
  kv: KvReader,
): app.OperationResult {
  switch (operation?.$case) {
    case "put":
      transaction.put(
        operation.value.map,
        keyFromBytes(operation.value.key),
        operation.value.value,
      );
      return { entry: undefined, found: false };
    case "delete":
      transaction.remove(operation.value.map, keyFromBytes(operation.value.key));
      return { entry: undefined, found: false };
    default:
      return readResult({ operation }, kv);
  }
}

function readResult({ operation }: app.Operation, kv: KvReader): app.OperationResult {
  if (operation?.$case !== "get") return { entry: undefined, found: false };
  const { map, key } = operation.value;
  const found = kv.get(map, keyFromBytes(key));
  if (found === undefined) return { entry: undefined, found: false };
  return { entry: { key, value: found.value, version: BigInt(found.version) }, found: true };
}
