// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@consortium/kit";
import {
  decodeJson,
  encodeJson,
  isRetired,
  type JsonObject,
  type KvKey,
  type KvReader,
  rows,
  TABLES,
  type Transaction,
} from "@consortium/ledger";
import type { Primary } from "../pipeline/primary.js";

export interface RetirementOptions {
  readonly primary: Primary;
  readonly nodeId: string;
  readonly log: Logger;
  /** Called once when this node itself was retired: it leads no more. */
  readonly onOwn: () => void;
}

/**
 * The second step of every retirement, done by the primary: once the row `Retired` is committed, it
 * writes `retired_committed`, which tells operators that nothing counts on the node any more. A
 * primary that is retired itself leaves that to the next one.
 */
export class Retirement {
  readonly #options: RetirementOptions;
  #version = -1;
  #left = false;

  constructor(options: RetirementOptions) {
    this.#options = options;
  }

  /** Looks at the nodes if their rows have changed. Cheap: called after every commit. */
  check(): void {
    const { primary, nodeId, onOwn, log } = this.#options;
    const { committed } = primary.kv;
    const version = committed.mapVersion(TABLES.nodesInfo);
    if (this.#left || version === this.#version) return;
    if (isRetired(committed, nodeId)) {
      this.#left = true;
      log.warn({ nodeId }, "this node was retired: it hands over");
      onOwn();
      return;
    }
    const retired = retiredNodes(committed);
    try {
      if (retired.length > 0) primary.execute((transaction) => complete(transaction, retired));
      this.#version = version;
    } catch (error) {
      // The next commit is as good an occasion.
      log.debug({ err: error }, "could not complete a retirement yet");
    }
  }
}

/** The nodes that took only the first step. */
function retiredNodes(kv: KvReader): KvKey[] {
  const keys: KvKey[] = [];
  for (const [key, { value }] of kv.entries(TABLES.nodesInfo)) {
    const { status, retired_committed: isComplete } = rows.nodesInfo.decode(value);
    if (status === "Retired" && isComplete !== true) keys.push(key);
  }
  return keys;
}

function complete(transaction: Transaction, retired: readonly KvKey[]): void {
  for (const key of retired) {
    const value = transaction.get(TABLES.nodesInfo, key);
    if (value === undefined || rows.nodesInfo.decode(value).status !== "Retired") continue;
    const row = decodeJson(value) as JsonObject;
    transaction.put(TABLES.nodesInfo, key, encodeJson({ ...row, retired_committed: true }));
  }
}
