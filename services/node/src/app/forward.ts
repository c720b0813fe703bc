// SPDX-License-Identifier: Apache-2.0
import { keyFromText, type LedgerFollower, type PeerLink, REQUEST } from "@consortium/ledger";
import type { GroupMember } from "../group/group-member.js";
import { nodeErrors } from "../errors.js";
import { requireRole } from "../channel/peers.js";
import type { Gate } from "./group.js";
import { WRITE_METHODS, type WriteMethod } from "./write-methods.js";

/** Never given again to another method. */
const METHOD_NUMBERS = { put: 1, remove: 2, compareAndWrite: 3, writeBatch: 4 } as const;
export type MethodName = keyof typeof METHOD_NUMBERS;

type Execution = (body: Uint8Array, gate: Gate, userId: string) => Promise<Uint8Array>;

const EXECUTIONS: ReadonlyMap<number, Execution> = new Map([
  [METHOD_NUMBERS.put, executionOf(WRITE_METHODS.put)],
  [METHOD_NUMBERS.remove, executionOf(WRITE_METHODS.remove)],
  [METHOD_NUMBERS.compareAndWrite, executionOf(WRITE_METHODS.compareAndWrite)],
  [METHOD_NUMBERS.writeBatch, executionOf(WRITE_METHODS.writeBatch)],
]);
const USER_ID_BYTES = 64;
const FORWARD_DEADLINE_MS = 30_000;

/** Carries writes that reached a backup to the primary, over the channel between the nodes. */
export class Forwarder {
  readonly #link: PeerLink;

  constructor(link: PeerLink) {
    this.#link = link;
  }

  /** Method u8, user id in hex, then the request as it came. */
  async forward<Request, Response>(
    name: MethodName,
    method: WriteMethod<Request, Response>,
    call: { request: Request; userId: string; follower: LedgerFollower; signal: AbortSignal },
  ): Promise<Response> {
    const body = method.request.encode(call.request).finish();
    const payload = Buffer.concat([
      Uint8Array.of(METHOD_NUMBERS[name]),
      Buffer.from(call.userId, "latin1"),
      body,
    ]);
    const primary = await call.follower.findPrimary();
    const answer = await this.#link.request(primary, REQUEST.forward, payload, {
      deadlineMs: FORWARD_DEADLINE_MS,
      signal: call.signal,
    });
    return method.response.decode(answer);
  }
}

/** Executes what backups forward; only Trusted ledger nodes may. */
export function answerForwards(
  link: PeerLink,
  gate: Gate,
  member: () => GroupMember | undefined,
): void {
  link.onRequest(REQUEST.forward, async (peerId, payload) => {
    const kv = member()?.leading?.primary.kv.committed;
    if (kv === undefined) {
      throw nodeErrors("NOT_PRIMARY", "this node does not lead the group", { retryAfterMs: 100 });
    }
    requireRole(kv, peerId, "ledger");
    const { execute, userId, body } = decodeForward(payload);
    return execute(body, gate, userId);
  });
}

function executionOf<Request extends { groupId: number }, Response>(
  method: WriteMethod<Request, Response>,
): Execution {
  return async (body, gate, userId) => {
    const request = method.request.decode(body);
    const target = gate.enterForwarded(request.groupId, keyFromText(userId));
    return method.response.encode(await method.execute(request, target)).finish();
  };
}

function decodeForward(payload: Uint8Array): {
  execute: Execution;
  userId: string;
  body: Uint8Array;
} {
  const execute = EXECUTIONS.get(payload[0] ?? 0);
  const userId = Buffer.from(payload.subarray(1, 1 + USER_ID_BYTES)).toString("latin1");
  if (execute === undefined || !/^[0-9a-f]{64}$/.test(userId)) {
    throw nodeErrors("INVALID_ARGUMENT", "the forwarded request is malformed");
  }
  return { execute, userId, body: payload.subarray(1 + USER_ID_BYTES) };
}
