// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { isAppError } from "@consortium/kit";
import type { channelErrors } from "../errors.js";
import { DEFAULT_CHANNEL_LIMITS } from "../limits.js";
import { LocalParty } from "../party.js";
import { ReplayMemory } from "../replay-memory.js";
import { type ExchangeHistory, SecureSession, type SessionOptions } from "../session.js";
import { type TestNode, TestService } from "./service.js";

export function newHistory(): ExchangeHistory {
  return { lastInitiatedAt: Number.NEGATIVE_INFINITY, answered: new ReplayMemory() };
}

/** One end of a channel without a stream: messages are handed over by the test. */
export class TestEnd {
  readonly node: TestNode;
  readonly party: LocalParty;
  /** By the test's clock. */
  nowMs = 0;

  constructor(service: TestService, node: TestNode) {
    this.node = node;
    this.party = new LocalParty({
      identity: node,
      nodeCertificate: node.certificate,
      serviceCertificate: service.certificate,
    });
  }

  session(peer: { readonly node: TestNode }, options: Partial<SessionOptions> = {}): SecureSession {
    return new SecureSession({
      party: this.party,
      peerId: peer.node.nodeId,
      limits: DEFAULT_CHANNEL_LIMITS,
      history: newHistory(),
      now: () => this.nowMs,
      ...options,
    });
  }
}

/** Two ends of one service, the one with the lower node id first. */
export function twoEnds(): { service: TestService; lower: TestEnd; higher: TestEnd } {
  const service = new TestService();
  const [low, high] = service.pair();
  return { service, lower: new TestEnd(service, low), higher: new TestEnd(service, high) };
}

/** The three messages, unaltered; or as far as `alter` lets them come. */
export function handshake(initiator: SecureSession, responder: SecureSession): void {
  const response = responder.receiveKeyExchange(initiator.initiate());
  assert.ok(response, "no response");
  const final = initiator.receiveKeyExchange(response.message);
  assert.ok(final, "no final");
  responder.receiveKeyExchange(final.message);
  final.sent();
}

type ChannelErrorCode = keyof typeof channelErrors.table;

export function assertRefused(
  code: ChannelErrorCode,
  attempt: () => unknown,
  message?: RegExp,
): void {
  assert.throws(attempt, (error) => {
    assert.ok(isAppError(error), String(error));
    assert.equal(error.code, code, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  });
}

/** The code of an error of ours; the text of anything else. */
export function codeOf(error: unknown): string {
  return isAppError(error) ? error.code : String(error);
}

/** What one key exchange costs each side, by the given meter. */
export function handshakeCosts(
  one: TestEnd,
  other: TestEnd,
  meter: () => number,
): { initiator: number; responder: number } {
  const [initiator, responder] = [one.session(other), other.session(one)];
  const costs = { initiator: 0, responder: 0 };
  const metered = <Result>(side: keyof typeof costs, step: () => Result): Result => {
    const before = meter();
    const result = step();
    costs[side] += meter() - before;
    return result;
  };
  const init = metered("initiator", () => initiator.initiate());
  const response = metered("responder", () => responder.receiveKeyExchange(init));
  assert.ok(response);
  const final = metered("initiator", () => initiator.receiveKeyExchange(response.message));
  assert.ok(final);
  metered("responder", () => responder.receiveKeyExchange(final.message));
  initiator.dispose();
  responder.dispose();
  return costs;
}
