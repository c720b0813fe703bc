// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { keyFromText, type KvKey, type KvReader, type WriteSet } from "@consortium/ledger";
import { nodeErrors } from "../errors.js";
import { invalid } from "./access.js";

/** Private, so that keys chosen by users are not shown on the ledger. */
export const IDEMPOTENCY_MAP = "ccf.internal.idempotency_keys";
/** How many keys are remembered; the oldest are forgotten first. */
const REMEMBERED_MAX = 100_000;
const KEY_BYTES_MAX = 64;

/** A request that its sender may repeat. */
export interface IdempotencyClaim {
  readonly userId: string;
  readonly idempotencyKey: string;
  /** The request's bytes. */
  readonly content: Uint8Array;
}

/** The answer to an earlier request with the same key. */
export interface EarlierAnswer {
  /** The seqno of the first transaction of that request. */
  readonly seqno: number;
}

/**
 * Remembers which requests were executed, on the ledger itself and in the very transaction, so that
 * a repeated request is answered alike by whoever leads by then.
 */
export class IdempotencyKeys {
  readonly #order: { key: KvKey; seqno: number }[] = [];
  #forgotten = 0;

  /** Takes up what the ledger remembers. */
  constructor(kv: KvReader) {
    for (const [key, { version }] of kv.entries(IDEMPOTENCY_MAP)) {
      this.#order.push({ key, seqno: version });
    }
    this.#order.sort((a, b) => a.seqno - b.seqno);
  }

  /** The answer to an earlier request with this key. Throws when the content was another. */
  find(claim: IdempotencyClaim, kv: KvReader): EarlierAnswer | undefined {
    if (Buffer.byteLength(claim.idempotencyKey) > KEY_BYTES_MAX) {
      throw invalid("options.idempotency_key", `must be at most ${KEY_BYTES_MAX} bytes`);
    }
    const earlier = kv.get(IDEMPOTENCY_MAP, keyOf(claim));
    if (earlier === undefined) return undefined;
    if (!digestOf(claim).equals(earlier.value)) {
      throw nodeErrors("IDEMPOTENCY_KEY_REUSED", "the idempotency key stood for another request", {
        hint: "use a new key for a new request",
        details: { idempotency_key: claim.idempotencyKey },
      });
    }
    return { seqno: earlier.version };
  }

  /** Notes the request in its own transaction, and forgets the oldest if there are too many. */
  note(writes: WriteSet, claim: IdempotencyClaim): void {
    let keys = writes.get(IDEMPOTENCY_MAP);
    if (keys === undefined) writes.set(IDEMPOTENCY_MAP, (keys = new Map()));
    const oldest = this.#forgetOldest();
    if (oldest !== undefined) keys.set(oldest, null);
    keys.set(keyOf(claim), digestOf(claim));
  }

  /** The transaction that noted the request was sequenced. */
  noted(claim: IdempotencyClaim, seqno: number): void {
    this.#order.push({ key: keyOf(claim), seqno });
  }

  #forgetOldest(): KvKey | undefined {
    if (this.#order.length - this.#forgotten < REMEMBERED_MAX) return undefined;
    const oldest = this.#order[this.#forgotten];
    this.#forgotten += 1;
    if (this.#forgotten > REMEMBERED_MAX) {
      this.#order.splice(0, this.#forgotten);
      this.#forgotten = 0;
    }
    return oldest?.key;
  }
}

function keyOf(claim: IdempotencyClaim): KvKey {
  return keyFromText(`${claim.userId}:${claim.idempotencyKey}`);
}

function digestOf(claim: IdempotencyClaim): Buffer {
  return createHash("sha256").update(claim.content).digest();
}
