// SPDX-License-Identifier: Apache-2.0
import { keyFromBytes, requireApplicationMap } from "@consortium/ledger";
import { app } from "@consortium/proto";
import { checkKey } from "./access.js";
import type { LedGroup } from "./group.js";
import { txn } from "./txn.js";
import { write } from "./write.js";
import { writeMessage } from "./write-stream.js";

/** Where a write is executed: at the primary, for this user. */
export interface WriteTarget {
  readonly led: LedGroup;
  readonly userId: string;
}

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

/** A writing method: executed where the group is led, or carried there. */
export interface WriteMethod<Request, Response> {
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
  readonly execute: (request: Request, target: WriteTarget) => Promise<Response>;
}

const put: WriteMethod<app.PutRequest, app.PutResponse> = {
  request: app.PutRequest,
  response: app.PutResponse,
  execute: async (request, target) => {
    requireApplicationMap(request.map, "write");
    checkKey(request.key);
    const { view, seqno } = await write({
      ...target,
      options: request.options,
      content: () => app.PutRequest.encode(request).finish(),
      run: (transaction) => transaction.put(request.map, keyFromBytes(request.key), request.value),
    });
    return { transactionId: `${view}.${seqno}` };
  },
};

const remove: WriteMethod<app.DeleteRequest, app.DeleteResponse> = {
  request: app.DeleteRequest,
  response: app.DeleteResponse,
  execute: async (request, target) => {
    requireApplicationMap(request.map, "write");
    checkKey(request.key);
    const { view, seqno } = await write({
      ...target,
      options: request.options,
      content: () => app.DeleteRequest.encode(request).finish(),
      run: (transaction) => transaction.remove(request.map, keyFromBytes(request.key)),
    });
    return { transactionId: `${view}.${seqno}` };
  },
};

const compareAndWrite: WriteMethod<app.TxnRequest, app.TxnResponse> = {
  request: app.TxnRequest,
  response: app.TxnResponse,
  execute: txn,
};

const writeBatch: WriteMethod<app.WriteStreamRequest, app.WriteStreamResponse> = {
  request: app.WriteStreamRequest,
  response: app.WriteStreamResponse,
  execute: writeMessage,
};

/** The writing methods, by name. */
export const WRITE_METHODS = { put, remove, compareAndWrite, writeBatch } as const;
