// SPDX-License-Identifier: Apache-2.0
import { connectWritable } from "@consortium/kit";
import { openGroupReader } from "@consortium/ledger";
import { Cluster, type ClusterNode } from "../../harness/cluster.js";
import { until } from "../../harness/until.js";
import type { Figure, Measurement, RunContext } from "../figure.js";
import { Load } from "../load/load.js";
import { type Noise, watchNoise } from "../measure/noise.js";
import { targetOf } from "../rig.js";

const LARGE = 200_000;
const SMALL = 20_000;
/** Shorter windows than usual ask for a quick run. */
const SECONDS_MIN = 2;
const FILL = { operation: "stream", inFlight: 32, perMessage: 128 } as const;

/** How long a ledger that is there keeps a new node waiting, with a snapshot and without. */
export const joinFigure: Figure = {
  name: "join",
  about: "an empty node joins a ledger of 200 000 transactions, from a snapshot and by replay",
  run: measure,
};

interface Join {
  /** From the start of the process until it serves, the members' votes among it. */
  readonly seconds: number;
  /** Transactions it verified in a second. */
  readonly rate: number;
}

async function measure(context: RunContext): Promise<Measurement[]> {
  await using cluster = await Cluster.start();
  const size = context.seconds < SECONDS_MIN ? SMALL : LARGE;
  const empty = await joinInRounds(cluster, context);
  await fill(cluster, size, context);
  const noise: Noise[] = [];
  const fromSnapshot = await joinInRounds(cluster, context, noise);
  await deleteSnapshots(cluster);
  const replayed = await joinInRounds(cluster, context);
  const anchor = { what: "to a new ledger", values: empty.map(({ seconds }) => seconds) };
  const common = { figure: "join", noise } as const;
  return [
    {
      ...common,
      what: `a node joins ${size} transactions with a snapshot, until ready`,
      unit: "s",
      values: fromSnapshot.map(({ seconds }) => seconds),
      anchor,
      goal: { atMost: 5 },
    },
    {
      ...common,
      what: `a node joins ${size} transactions without a snapshot, until ready`,
      unit: "s",
      values: replayed.map(({ seconds }) => seconds),
      anchor,
    },
    {
      ...common,
      what: `the same: verified, decrypted and applied`,
      unit: "/s",
      values: replayed.map(({ rate }) => rate),
      goal: { atLeast: 150_000 },
    },
  ];
}

async function fill(cluster: Cluster, operations: number, context: RunContext): Promise<void> {
  using load = await Load.start(targetOf(cluster.consortium));
  const { perSecond } = await load.run({ ...FILL, operations });
  context.say(`wrote ${operations} transactions, ${Math.round(perSecond)}/s`);
  const { storeUrls } = cluster.consortium;
  await using reader = await openGroupReader({ url: storeUrls.auditor, group: 0 });
  // Asked for again and again, as one may be under way.
  await until("a snapshot of all that was written", async () => {
    await cluster.consortium.decide({ name: "trigger_snapshot" });
    const newest = await reader.newestSnapshot();
    return (newest?.seqno ?? 0) > operations;
  });
}

async function joinInRounds(
  cluster: Cluster,
  context: RunContext,
  noise: Noise[] = [],
): Promise<Join[]> {
  const joins: Join[] = [];
  for (let round = 0; round < context.rounds; round += 1) {
    const noticed = watchNoise();
    const join = await joinAndLeave(cluster);
    noise.push(noticed());
    joins.push(join);
    context.say(
      `joined in ${join.seconds.toFixed(2)} s, ${Math.round(join.rate)} transactions a second`,
    );
  }
  return joins;
}

/** Members remove the node again, or the service would wait for its acknowledgements. */
async function joinAndLeave(cluster: Cluster): Promise<Join> {
  const joiner = await cluster.prepareNode();
  const startedAt = performance.now();
  const nodeId = await cluster.join(joiner);
  const seconds = (performance.now() - startedAt) / 1000;
  const rate = verifiedRate(joiner);
  await cluster.consortium.decide({ name: "remove_node", args: { node_id: nodeId } });
  await joiner.process.stop();
  return { seconds, rate };
}

/** What the node says of itself. */
function verifiedRate({ process }: ClusterNode): number {
  const said = /verified the ledger\b.*?\bseqno=(\d+).*?\bfrom=(\d+).*?\bms=(\d+)/.exec(
    process.program.output,
  );
  return ((Number(said?.[1]) - Number(said?.[2])) / Number(said?.[3])) * 1000;
}

/** As the owner of the database may. The primary can store no other. */
async function deleteSnapshots({ consortium }: Cluster): Promise<void> {
  const client = await connectWritable({ url: consortium.database.adminUrl });
  await client.query(`
    begin;
    lock table ledger.snapshot in exclusive mode;
    revoke insert on ledger.snapshot from ledger_store_writer;
    delete from ledger.snapshot;
    commit`);
  await client.end();
}
