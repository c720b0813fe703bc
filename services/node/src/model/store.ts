// SPDX-License-Identifier: Apache-2.0
import type { Rules } from "./rules.js";
import { type Chain, entryAt, type Request, type State, sizeOf } from "./state.js";
import { checkAppended } from "./invariants.js";

/** `APPEND` of ledger/store/append.ts. */
export function append(state: State, request: Request, rules: Rules): "appended" | "unmoved" {
  const { store } = state;
  const { instance, view, chain } = request;
  const seqno = sizeOf(chain);
  if (rules.appendNeedsView && store.view !== view) return "unmoved";
  if (rules.appendNeedsInstance && store.holder !== instance) return "unmoved";
  if (rules.appendNeedsPreviousSeqno && sizeOf(store.ledger) !== seqno - 1) return "unmoved";
  store.ledger += entryAt(chain, seqno);
  store.leased = true;
  checkAppended(state, request);
  return "appended";
}

/** `FIND_APPENDED`. */
export function findAppended(
  { store }: State,
  { instance, view, chain }: Request,
  rules: Rules,
): "appended" | "possible" | "fenced" {
  const seqno = sizeOf(chain);
  const found = entryAt(store.ledger, seqno);
  if (found !== "") {
    const isOurs = !rules.lookUpComparesContent || found === entryAt(chain, seqno);
    return isOurs ? "appended" : "fenced";
  }
  const isPossible =
    (!rules.appendNeedsView || store.view === view) &&
    (!rules.appendNeedsInstance || store.holder === instance) &&
    sizeOf(store.ledger) === seqno - 1;
  return isPossible ? "possible" : "fenced";
}

/** `ACQUIRE_LEASE` of ledger/store/lease.ts. */
export function acquire(
  state: State,
  { instance, verified, rules }: { instance: string; verified: Chain; rules: Rules },
): number | undefined {
  const { store } = state;
  const { ledger, holder, leased } = store;
  if (rules.acquireNeedsVerifiedSeqno && sizeOf(ledger) !== sizeOf(verified)) return undefined;
  if (rules.acquireNeedsFreeLease && leased && holder !== instance) return undefined;
  if (ledger === "") store.view = 2;
  else if (rules.acquireRaisesView) store.view += 1;
  store.holder = instance;
  store.leased = true;
  state.leader = `${instance}.${store.view}`;
  return store.view;
}

/** `RENEW_LEASE`. */
export function renew({ store }: State, instance: string, view: number): boolean {
  if (store.view !== view || store.holder !== instance) return false;
  store.leased = true;
  return true;
}

/** `RELEASE_LEASE`. */
export function release({ store }: State, instance: string, view: number): void {
  if (store.view !== view || store.holder !== instance) return;
  store.holder = "";
  store.leased = false;
}
