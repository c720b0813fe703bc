// SPDX-License-Identifier: Apache-2.0
import type { Figure, Goal, Measurement, RunContext } from "../figure.js";
import type { LoadRequest } from "../load/messages.js";
import { pairwise } from "../measure/samples.js";
import { column, cpuColumns, inRounds } from "../rounds.js";

const WARM_FIRST_MS = 3_000;
const WARM_MS = 200;
/** What `get` reads; written before the first round. */
const KEYS = 10_000;

interface Throughput {
  readonly name: string;
  readonly what: string;
  readonly anchor: string;
  readonly goal?: Goal;
  readonly request: Partial<LoadRequest>;
}

const THROUGHPUTS: readonly Throughput[] = [
  {
    name: "stream",
    what: "streamed writes of 256 B, 128 a message, durable and signed",
    anchor: "gRPC stream echo of the same messages",
    goal: { atLeast: 0.15 },
    request: { operation: "stream", inFlight: 48, perMessage: 128 },
  },
  {
    name: "unary",
    what: "unary writes of 256 B, 512 in flight, durable and signed",
    anchor: "gRPC unary echo, 512 in flight",
    goal: { atLeast: 0.75 },
    request: { operation: "put", inFlight: 512 },
  },
  {
    name: "reads",
    what: "reads of 256 B, 512 in flight",
    anchor: "gRPC unary echo, 512 in flight",
    goal: { atLeast: 0.9 },
    request: { operation: "get", inFlight: 512, keys: KEYS },
  },
];

/** Operations per second, beside a server that does nothing with the same messages. */
export const throughputFigures: readonly Figure[] = THROUGHPUTS.map((one) => ({
  name: one.name,
  about: `${one.what} ÷ ${one.anchor}`,
  run: (context) => measure(one, context),
}));

async function measure(one: Throughput, context: RunContext): Promise<Measurement[]> {
  const { rigs, seconds } = context;
  const [rig, echo] = await Promise.all([rigs.rig(), rigs.echo()]);
  if (one.request.operation === "get") {
    await rig.load.run({ operation: "stream", inFlight: 8, perMessage: 100, operations: KEYS });
  }
  const ours = { ...one.request, measureMs: seconds * 1000, watch: rig.watch };
  const anchor = { ...one.request, measureMs: seconds * 1000, watch: echo.watch };
  context.say("warming up");
  await echo.load.run({ ...anchor, measureMs: WARM_FIRST_MS });
  await rig.load.run({ ...ours, measureMs: WARM_FIRST_MS });
  const { results, noise } = await inRounds(context, {
    echo: () => echo.load.run({ ...anchor, warmMs: WARM_MS }),
    ours: () => rig.load.run({ ...ours, warmMs: WARM_MS }),
  });
  const values = column(results.ours, ({ perSecond }) => perSecond);
  const anchors = column(results.echo, ({ perSecond }) => perSecond);
  return [
    {
      figure: one.name,
      what: one.what,
      unit: "/s",
      values,
      anchor: { what: one.anchor, values: anchors },
      compared: { unit: "×", values: pairwise(values, anchors, (value, echoed) => value / echoed) },
      ...(one.goal === undefined ? {} : { goal: one.goal }),
      cpuUs: cpuColumns(results.ours, results.echo),
      noise,
    },
  ];
}
