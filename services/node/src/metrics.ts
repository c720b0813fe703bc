// SPDX-License-Identifier: Apache-2.0
import type { Metrics } from "@consortium/kit";
import { Gauge, Histogram } from "prom-client";
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
  registerPeers(metrics, view);
  registerChannels(metrics, view);
  const latency = new Histogram({
    name: "ccf_ledger_commit_seconds",
    help: "From the execution of a batch's first transaction to its commit.",
    buckets: COMMIT_BUCKETS_SECONDS,
    registers: [metrics],
  });
  view.observeCommit = (ms) => latency.observe(ms / 1000);

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

const COMMIT_BUCKETS_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** Only where this node leads. */
function registerPeers(metrics: Metrics, view: NodeView): void {
  new Gauge({
    name: "ccf_ledger_peer_lag_transactions",
    help: "Durable transactions that another node has not verified yet.",
    labelNames: ["peer"],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { nodeId, lag } of view.peers) this.set({ peer: nodeId }, lag);
    },
  });
}

function registerChannels(metrics: Metrics, view: NodeView): void {
  new Gauge({
    name: "ccf_channel_state",
    help: "1 for the state in which the channel to another node is.",
    labelNames: ["peer", "state"],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { peerId, state } of view.channels) this.set({ peer: peerId, state }, 1);
    },
  });
}
