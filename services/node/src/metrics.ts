// SPDX-License-Identifier: Apache-2.0
import type { Metrics } from "@consortium/kit";
import { Gauge } from "prom-client";
import type { NodeView } from "./status/node-view.js";

/** What the ledger of this node looks like, read when the metrics are asked for. */
export function registerLedgerMetrics(metrics: Metrics, view: NodeView): void {
  gauge("ccf_ledger_view", "The view of the last entry this node knows.", () => view.group?.view);
  gauge("ccf_ledger_commit_seqno", "The last committed seqno.", () => view.group?.committedSeqno);
  gauge("ccf_ledger_leading", "1 while this node leads the group.", () =>
    view.group?.leading === true ? 1 : 0,
  );
  gauge(
    "ccf_ledger_backlog_transactions",
    "Executed transactions that wait for their commit.",
    () => (view.group === undefined ? 0 : view.group.latestSeqno - view.group.committedSeqno),
  );
  gauge(
    "ccf_ledger_lease_remaining_seconds",
    "Time until this node's lease ends.",
    () => (view.group?.leaseRemainingMs ?? 0) / 1000,
  );

  function gauge(name: string, help: string, read: () => number | undefined): void {
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read() ?? 0);
      },
    });
  }
}
