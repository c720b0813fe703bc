// SPDX-License-Identifier: Apache-2.0
import { bidi, type CallContext, unary } from "@consortium/kit";
import { keyFromBytes, requireApplicationMap } from "@consortium/ledger";
import type { app } from "@consortium/proto";
import { nodeErrors } from "../errors.js";
import type { GroupMember } from "../group/group-member.js";
import { checkKey } from "./access.js";
import type { Forwarder } from "./forward.js";
import type { Entrance, Gate, ReadableGroup } from "./group.js";
import { range } from "./range.js";
import { isReadOnly, readOnlyTxn } from "./txn.js";
import { WRITE_METHODS, type WriteMethod } from "./write-methods.js";
import { inOrder } from "./in-order.js";

export interface KvServiceOptions {
  readonly gate: Gate;
  readonly forwarder: Forwarder;
  readonly member: () => GroupMember | undefined;
}

/** The key-value application: reads are answered here, writes where the group is led. */
export function createKvService(options: KvServiceOptions): app.KvServiceServer {
  const { gate } = options;
  const enter = (request: { groupId: number }, context: CallContext): Entrance =>
    gate.enter(request.groupId, context.peerCertificate);
  const execute = <Request extends { groupId: number }, Response>(
    name: keyof typeof WRITE_METHODS,
    method: WriteMethod<Request, Response>,
    request: Request,
    context: CallContext,
  ): Promise<Response> => {
    const { userId, led } = enter(request, context);
    if (led !== undefined) return method.execute(request, { led, userId });
    const follower = options.member()?.following?.follower;
    if (follower === undefined) throw nodeErrors("NOT_PRIMARY", "nobody leads the group now");
    return options.forwarder.forward(name, method, {
      request,
      userId,
      follower,
      signal: context.signal,
    });
  };
  return {
    get: unary(async (request: app.GetRequest, context) =>
      get(enter(request, context).readable, request),
    ),
    range: unary(async (request: app.RangeRequest, context) =>
      range(enter(request, context).readable, request),
    ),
    put: unary(async (request: app.PutRequest, context) =>
      execute("put", WRITE_METHODS.put, request, context),
    ),
    delete: unary(async (request: app.DeleteRequest, context) =>
      execute("remove", WRITE_METHODS.remove, request, context),
    ),
    txn: unary(async (request: app.TxnRequest, context) =>
      isReadOnly(request)
        ? readOnlyTxn(enter(request, context).readable, request)
        : execute("compareAndWrite", WRITE_METHODS.compareAndWrite, request, context),
    ),
    writeStream: bidi((requests: AsyncIterable<app.WriteStreamRequest>, context) =>
      inOrder(requests, (request) =>
        execute("writeBatch", WRITE_METHODS.writeBatch, request, context),
      ),
    ),
  };
}

function get(group: ReadableGroup, request: app.GetRequest): app.GetResponse {
  requireApplicationMap(request.map, "read");
  checkKey(request.key);
  const found = group.committed.get(request.map, keyFromBytes(request.key));
  if (found === undefined) {
    throw nodeErrors("KEY_NOT_FOUND", `the map ${request.map} has no such key`, {
      details: { map: request.map },
    });
  }
  return {
    value: found.value,
    version: BigInt(found.version),
    transactionId: group.transactionId,
  };
}
