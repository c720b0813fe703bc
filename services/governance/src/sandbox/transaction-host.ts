// SPDX-License-Identifier: Apache-2.0
import { keyFromBytes, keyToBytes, mapAccess, type Transaction } from "@consortium/ledger";
import type { channel } from "@consortium/proto";
import { performEffect } from "../effects/perform-effect.js";
import { GuestError } from "../host/guest-error.js";
import type {
  BridgeAnswer,
  BridgeRequest,
  BridgeWrite,
  EvaluationContext,
  GuestValue,
} from "./protocol.js";
import type { EvaluationHost } from "./sandbox.js";

/** Lets the constitution read and write one transaction, and asks its effects. */
export class TransactionHost implements EvaluationHost {
  readonly #tx: Transaction;
  readonly #effects: channel.Effect[];
  readonly #placeholderPrefix: string;

  constructor(tx: Transaction, effects: channel.Effect[], placeholderPrefix: string) {
    this.#tx = tx;
    this.#effects = effects;
    this.#placeholderPrefix = placeholderPrefix;
  }

  answer(request: BridgeRequest): BridgeAnswer {
    try {
      return { kind: "value", value: this.#read(request) };
    } catch (error) {
      if (!(error instanceof GuestError)) throw error;
      return { kind: "error", type: error.type, message: error.message };
    }
  }

  write(request: BridgeWrite): void {
    // Checked in the worker as well, which answers the guest; this is the check that counts.
    if (!mapAccess("governanceReadWrite", request.map).write) {
      throw new Error(`the sandbox wrote to ${request.map}`);
    }
    switch (request.op) {
      case "put":
        return this.#tx.put(request.map, keyFromBytes(request.key), request.value);
      case "remove":
        return this.#tx.remove(request.map, keyFromBytes(request.key));
      case "clear":
        return this.#tx.clear(request.map);
    }
  }

  #read(request: BridgeRequest): Uint8Array | GuestValue | undefined {
    const tx = this.#tx;
    switch (request.op) {
      case "access":
        return { ...mapAccess(accessContext(request.context), request.map) };
      case "has":
        return tx.has(request.map, keyFromBytes(request.key));
      case "get":
        return tx.get(request.map, keyFromBytes(request.key));
      case "version":
        return tx.versionOfPreviousWrite(request.map, keyFromBytes(request.key));
      case "size":
        return tx.size(request.map);
      case "entries":
        return packEntries(tx.entries(request.map));
      case "effect":
        return performEffect(request.name, request.values, {
          tx,
          effects: this.#effects,
          placeholderPrefix: this.#placeholderPrefix,
        });
    }
  }
}

function accessContext(context: EvaluationContext): "governanceReadOnly" | "governanceReadWrite" {
  return context === "apply" ? "governanceReadWrite" : "governanceReadOnly";
}

/** Length of key, key, length of value, value, and so on; lengths are u32 little-endian. */
function packEntries(entries: Iterable<readonly [string, Uint8Array]>): Uint8Array {
  const parts: Uint8Array[] = [];
  const add = (bytes: Uint8Array): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    parts.push(length, bytes);
  };
  for (const [key, value] of entries) {
    add(keyToBytes(key));
    add(value);
  }
  return Buffer.concat(parts);
}
