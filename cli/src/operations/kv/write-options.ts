// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import { app } from "@consortium/proto";
import { parseClaimsDigest } from "../../flags/kv.js";

export interface WriteFlags {
  "idempotency-key"?: string | undefined;
  "claims-digest"?: string | undefined;
  "no-wait": boolean;
}

/** Every write carries an idempotency key, so that it may be sent again after a lost answer. */
export function writeOptions(flags: WriteFlags): app.WriteOptions {
  return {
    idempotencyKey: flags["idempotency-key"] ?? randomUUID(),
    answerWhen: flags["no-wait"] ? app.AnswerWhen.SEQUENCED : app.AnswerWhen.COMMITTED,
    claimsDigest: parseClaimsDigest(flags["claims-digest"]),
  };
}
