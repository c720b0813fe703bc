// SPDX-License-Identifier: Apache-2.0
import { ClusterRig } from "../cluster-rig.js";
import type { Figure, Measurement, RunContext } from "../figure.js";
import { pairwise } from "../measure/samples.js";
import { column, cpuColumns, inRounds } from "../rounds.js";

const WARM_FIRST_MS = 2_000;
const WARM_MS = 200;
const STREAM = { operation: "stream", inFlight: 48, perMessage: 128 } as const;
const UNARY = { operation: "put", inFlight: 128 } as const;

/** What a majority costs, and what it costs not to know who leads; all on one machine. */
export const threeNodesFigure: Figure = {
  name: "three-nodes",
  about: "writes with three ledger nodes ÷ with one, and by way of a backup ÷ at the primary",
  run: measure,
};

async function measure(context: RunContext): Promise<Measurement[]> {
  const { rigs, seconds } = context;
  const single = await rigs.rig();
  await using three = await ClusterRig.start();
  const window = { warmMs: WARM_MS, measureMs: seconds * 1000 };
  context.say("warming up");
  for (const load of [single.load, three.atPrimary]) {
    await load.run({ ...STREAM, measureMs: WARM_FIRST_MS });
  }
  await three.atBackup.run({ ...UNARY, measureMs: WARM_FIRST_MS });
  const { results, noise } = await inRounds(context, {
    single: () => single.load.run({ ...STREAM, ...window, watch: single.watch }),
    three: () => three.atPrimary.run({ ...STREAM, ...window, watch: three.watch }),
    direct: () => three.atPrimary.run({ ...UNARY, ...window, watch: three.watch }),
    forwarded: () => three.atBackup.run({ ...UNARY, ...window, watch: three.watch }),
  });
  const rate = (name: keyof typeof results): number[] =>
    column(results[name], ({ perSecond }) => perSecond);
  const line = (
    what: string,
    ours: keyof typeof results,
    anchor: { name: keyof typeof results; what: string },
  ): Measurement => ({
    figure: "three-nodes",
    what,
    unit: "/s",
    values: rate(ours),
    anchor: { what: anchor.what, values: rate(anchor.name) },
    compared: { unit: "×", values: pairwise(rate(ours), rate(anchor.name), (a, b) => a / b) },
    goal: { atLeast: 0.5 },
    cpuUs: cpuColumns(results[ours]),
    noise,
  });
  return [
    line("streamed writes of 256 B, three ledger nodes on one machine", "three", {
      name: "single",
      what: "the same with one ledger node",
    }),
    line("unary writes of 256 B, 128 in flight, forwarded by a backup", "forwarded", {
      name: "direct",
      what: "the same at the primary",
    }),
  ];
}
