// SPDX-License-Identifier: Apache-2.0
import type { Figure, Measurement, RunContext } from "../figure.js";
import type { LoadResult } from "../load/messages.js";
import { pairwise } from "../measure/samples.js";
import type { Rig } from "../rig.js";
import { column, cpuColumns, inRounds } from "../rounds.js";

const TRANSACTIONS = 5_000;
const IN_FLIGHT = 64;

/** Both receipts of a transaction, made from its chunk in the store. */
export const receiptsFigure: Figure = {
  name: "receipts",
  about: "receipts of transactions here and there in the ledger ÷ gRPC unary echo as large",
  run: measure,
};

async function measure(context: RunContext): Promise<Measurement[]> {
  const { rigs, seconds } = context;
  const [rig, echo] = await Promise.all([rigs.rig(), rigs.echo()]);
  const transactionIds = await someTransactions(rig);
  const request = { operation: "receipt", inFlight: IN_FLIGHT, transactionIds } as const;
  const windowed = { ...request, warmMs: 500, measureMs: seconds * 1000 };
  context.say("warming up");
  await echo.load.run(windowed);
  await rig.load.run(windowed);
  const { results, noise } = await inRounds(context, {
    echo: () => echo.load.run({ ...windowed, watch: echo.watch }),
    ours: () => rig.load.run({ ...windowed, watch: rig.watch }),
  });
  const values = column(results.ours, ({ perSecond }) => perSecond);
  const anchors = column(results.echo, ({ perSecond }) => perSecond);
  return [
    {
      figure: "receipts",
      what: `receipts, ${IN_FLIGHT} in flight`,
      unit: "/s",
      values,
      anchor: { what: `gRPC unary echo as large, ${IN_FLIGHT} in flight`, values: anchors },
      compared: { unit: "×", values: pairwise(values, anchors, (value, echoed) => value / echoed) },
      cpuUs: cpuColumns(results.ours, results.echo),
      noise,
    },
  ];
}

/** Ids of transactions that were just written in a stream. */
async function someTransactions({ load }: Rig): Promise<string[]> {
  const written: LoadResult = await load.run({
    operation: "stream",
    inFlight: 8,
    perMessage: 50,
    operations: TRANSACTIONS,
  });
  const [view = 0, last = 0] = written.transactionId.split(".").map(Number);
  return Array.from({ length: TRANSACTIONS }, (_, index) => `${view}.${last - index}`);
}
