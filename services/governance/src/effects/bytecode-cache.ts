// SPDX-License-Identifier: Apache-2.0
import { SINGLETON_KEY, TABLES, type Transaction } from "@consortium/ledger";

/**
 * Modules are kept as source alone: bytecode would tie the ledger to one build of an interpreter.
 * A cache that is empty is always fresh.
 */
export function refreshBytecodeCache(tx: Transaction): undefined {
  tx.clear(TABLES.modulesQuickjsBytecode);
  if (tx.has(TABLES.modulesQuickjsVersion, SINGLETON_KEY)) {
    tx.remove(TABLES.modulesQuickjsVersion, SINGLETON_KEY);
  }
  return undefined;
}
