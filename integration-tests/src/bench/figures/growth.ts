// SPDX-License-Identifier: Apache-2.0
import type { Figure, Measurement, RunContext } from "../figure.js";
import { pairwise } from "../measure/samples.js";
import { Rig } from "../rig.js";
import { column, cpuColumns, inRounds } from "../rounds.js";

const SMALL = 10_000;
const LARGE = 1_000_000;
/** Where a second is all that there is, it is only shown to work. */
const LARGE_AT_ONCE = 100_000;
/** Written in each window: it is the ledger's size that is asked about, so windows count, not clocks. */
const WINDOW = 20_000;
const FILL = { operation: "stream", inFlight: 32, perMessage: 128 } as const;

/** Whether a ledger becomes slower as it grows, and how fast a node reads it again. */
export const growthFigure: Figure = {
  name: "growth",
  about: "streamed writes at 10⁶ transactions ÷ at 10⁴; replay of 10⁶ transactions",
  run: measure,
};

async function measure(context: RunContext): Promise<Measurement[]> {
  // Snapshots would spare the replay, and their state grows with the ledger.
  const node = { snapshots: { tx_count: 0 } };
  const size = context.seconds > 1 ? LARGE : LARGE_AT_ONCE;
  await using small = await Rig.start({ node });
  await using large = await Rig.start({ node });
  await fill(large, size, context);
  const replays: number[] = [];
  for (let round = 0; round < context.rounds; round += 1) {
    await large.restartNode();
    replays.push(replayRate(large));
    context.say(`replayed at ${Math.round(replays.at(-1) ?? NaN)}/s`);
  }
  // The node of the large ledger has just been started: so must that of the small one be.
  await small.restartNode();
  await fill(small, SMALL, context);
  await fill(large, SMALL, context);
  const window = { ...FILL, operations: WINDOW };
  const { results, noise } = await inRounds(context, {
    small: () => small.load.run({ ...window, watch: small.watch }),
    large: () => large.load.run({ ...window, watch: large.watch }),
  });
  const values = column(results.large, ({ perSecond }) => perSecond);
  const anchors = column(results.small, ({ perSecond }) => perSecond);
  return [
    {
      figure: "growth",
      what: `streamed writes to a ledger of ${size} transactions`,
      unit: "/s",
      values,
      anchor: { what: "to a ledger of 10⁴", values: anchors },
      compared: { unit: "×", values: pairwise(values, anchors, (now, before) => now / before) },
      goal: { atLeast: 0.85 },
      cpuUs: cpuColumns(results.large),
      noise,
    },
    {
      figure: "growth",
      what: `replay of ${size} transactions at the start of a node`,
      unit: "/s",
      values: replays,
      goal: { atLeast: 150_000 },
    },
  ];
}

async function fill(rig: Rig, operations: number, context: RunContext): Promise<void> {
  const { perSecond } = await rig.load.run({ ...FILL, operations });
  context.say(`wrote ${operations} transactions, ${Math.round(perSecond)}/s`);
}

/** What the node says of itself: everything it reads it also verifies. */
function replayRate({ consortium }: Rig): number {
  const { output } = consortium.node.program;
  const said = /verified the ledger\b.*?\bseqno=(\d+).*?\bms=(\d+)/.exec(output);
  return (Number(said?.[1]) / Number(said?.[2])) * 1000;
}
