// SPDX-License-Identifier: Apache-2.0
import { findConflict, type ReadDependency, TABLES, Transaction } from "@consortium/ledger";
import type { EffectContext, EffectOutcome } from "../effects/effect.js";
import { performEffects } from "../effects/perform.js";
import { wrapSecretsForNodes } from "../effects/wrap-for-nodes.js";
import { nodeErrors } from "../errors.js";
import type { Primary } from "../pipeline/primary.js";
import type { PreparedTransaction } from "./decode.js";

export type OrderOptions = Pick<EffectContext, "keys" | "requestSnapshot">;

/** Orders a transaction that was executed elsewhere; answers its seqno. */
export type OrderTransaction = (primary: Primary, prepared: PreparedTransaction) => number;

/** Any committed signature is as good as the one that was read: they change with every commit. */
const NEVER_CONFLICTS = new Set<string>([TABLES.signatures, TABLES.coseSignatures, TABLES.tree]);

/**
 * Checks again everything the transaction read, performs what only the primary can, and sequences it:
 * all in one turn, so nothing comes between.
 */
export function createOrder({ keys, requestSnapshot }: OrderOptions): OrderTransaction {
  return (primary, prepared) => {
    primary.assertWritable();
    refuseConflict(prepared.reads, primary);
    const transaction = new Transaction(primary.kv.latest);
    for (const [map, values] of prepared.writes) {
      for (const [key, value] of values) {
        if (value === null) transaction.remove(map, key);
        else transaction.put(map, key, value);
      }
    }
    const outcome: EffectOutcome = performEffects(prepared.effects, {
      transaction,
      keys,
      requestSnapshot,
      seqno: primary.latestSeqno + 1,
    });
    if (prepared.writes.has(TABLES.nodesInfo)) wrapSecretsForNodes(transaction, keys.nodeSecrets());
    const seqno = primary.append(transaction.writes, outcome.options);
    outcome.sequenced?.();
    return seqno;
  };
}

function refuseConflict(reads: readonly ReadDependency[], primary: Primary): void {
  const relevant = reads.filter((read) => !NEVER_CONFLICTS.has(read.map));
  const conflict = findConflict(relevant, primary.kv.latest);
  if (conflict === undefined) return;
  throw nodeErrors("TRANSACTION_CONFLICT", `${conflict.map} has changed since it was read`, {
    hint: "execute again on the newer state",
    details: { map: conflict.map },
  });
}
