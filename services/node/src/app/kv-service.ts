// SPDX-License-Identifier: Apache-2.0
import { bidi, type CallContext, unary } from "@consortium/kit";
import { keyFromBytes, requireApplicationMap } from "@consortium/ledger";
import { app } from "@consortium/proto";
import { nodeErrors } from "../errors.js";
import { checkKey } from "./access.js";
import type { Gate, LedGroup } from "./group.js";
import { range } from "./range.js";
import { txn } from "./txn.js";
import { write } from "./write.js";
import { writeStream } from "./write-stream.js";

/** The key-value application of the groups that this node leads. */
export function createKvService(gate: Gate): app.KvServiceServer {
  const enter = (request: { groupId: number }, context: CallContext) =>
    gate.enter(request.groupId, context.peerCertificate);
  return {
    get: unary(async (request: app.GetRequest, context) =>
      get(enter(request, context).group, request),
    ),
    put: unary(async (request: app.PutRequest, context): Promise<app.PutResponse> => {
      requireApplicationMap(request.map, "write");
      checkKey(request.key);
      const { view, seqno } = await write({
        ...enter(request, context),
        options: request.options,
        content: () => app.PutRequest.encode(request).finish(),
        run: (transaction) =>
          transaction.put(request.map, keyFromBytes(request.key), request.value),
      });
      return { transactionId: `${view}.${seqno}` };
    }),
    delete: unary(async (request: app.DeleteRequest, context): Promise<app.DeleteResponse> => {
      requireApplicationMap(request.map, "write");
      checkKey(request.key);
      const { view, seqno } = await write({
        ...enter(request, context),
        options: request.options,
        content: () => app.DeleteRequest.encode(request).finish(),
        run: (transaction) => transaction.remove(request.map, keyFromBytes(request.key)),
      });
      return { transactionId: `${view}.${seqno}` };
    }),
    range: unary(async (request: app.RangeRequest, context) =>
      range(enter(request, context).group, request),
    ),
    txn: unary(async (request: app.TxnRequest, context) => {
      const { group, userId } = enter(request, context);
      return txn(group, userId, request);
    }),
    writeStream: bidi((requests: AsyncIterable<app.WriteStreamRequest>, context) =>
      writeStream(requests, (request) => enter(request, context)),
    ),
  };
}

function get(group: LedGroup, request: app.GetRequest): app.GetResponse {
  requireApplicationMap(request.map, "read");
  checkKey(request.key);
  const { primary } = group;
  primary.assertReadable();
  const key = keyFromBytes(request.key);
  const found = primary.kv.committed.get(request.map, key);
  if (found === undefined) {
    throw nodeErrors("KEY_NOT_FOUND", `the map ${request.map} has no such key`, {
      details: { map: request.map },
    });
  }
  return {
    value: found.value,
    version: BigInt(found.version),
    transactionId: primary.committedTransactionId,
  };
}
