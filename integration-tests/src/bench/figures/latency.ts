// SPDX-License-Identifier: Apache-2.0
import type { Figure, Measurement, RunContext } from "../figure.js";
import { fdatasyncMs } from "../measure/fdatasync.js";
import { pairwise } from "../measure/samples.js";
import { column, inRounds } from "../rounds.js";

const WARM_FIRST_MS = 2_000;

/** How long one write takes when there is no other. */
export const latencyFigure: Figure = {
  name: "latency",
  about: "one write alone until it is committed − (the same echo + one fdatasync)",
  run: measure,
};

async function measure(context: RunContext): Promise<Measurement[]> {
  const { rigs, seconds } = context;
  const [rig, echo] = await Promise.all([rigs.rig(), rigs.echo()]);
  const request = {
    operation: "put",
    inFlight: 1,
    warmMs: 200,
    measureMs: seconds * 1000,
  } as const;
  context.say("warming up");
  await echo.load.run({ ...request, measureMs: WARM_FIRST_MS });
  await rig.load.run({ ...request, measureMs: WARM_FIRST_MS });
  const syncs: number[] = [];
  const { results, noise } = await inRounds(context, {
    echo: () => echo.load.run(request),
    ours: async () => {
      const before = fdatasyncMs(rig.folder);
      const result = await rig.load.run(request);
      syncs.push((before + fdatasyncMs(rig.folder)) / 2);
      return result;
    },
  });
  const values = column(results.ours, ({ medianMs }) => medianMs);
  const echoes = column(results.echo, ({ medianMs }) => medianMs);
  const anchors = pairwise(echoes, syncs, (echoed, sync) => echoed + sync);
  return [
    {
      figure: "latency",
      what: "one write alone, until it is durable and signed",
      unit: "ms",
      values,
      anchor: { what: "gRPC unary echo + fdatasync of 8 kB", values: anchors },
      compared: { unit: "ms", how: "more", values: pairwise(values, anchors, (a, b) => a - b) },
      goal: { atMost: 2 },
      noise,
    },
  ];
}
