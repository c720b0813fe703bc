// SPDX-License-Identifier: Apache-2.0
import { Ccfctl } from "../../harness/ccfctl.js";
import { temporaryFolder } from "../../harness/temporary-folder.js";
import type { Figure, Measurement, RunContext } from "../figure.js";
import { type Noise, watchNoise } from "../measure/noise.js";

const ROUNDS_MAX = 3;

/** What a newcomer waits for. */
export const sandboxFigure: Figure = {
  name: "sandbox",
  about: "`ccfctl sandbox up` from an empty folder to a verified receipt",
  run: measure,
};

async function measure(context: RunContext): Promise<Measurement[]> {
  const values: number[] = [];
  const noise: Noise[] = [];
  for (let round = 0; round < Math.min(context.rounds, ROUNDS_MAX); round += 1) {
    await using folder = await temporaryFolder("bench-sandbox");
    const ccfctl = new Ccfctl({ cwd: folder.path });
    const noticed = watchNoise();
    const startedAt = performance.now();
    try {
      const up = await ccfctl.json<{ verifiedTransactionId: string }>("sandbox", "up");
      values.push((performance.now() - startedAt) / 1000);
      context.say(`the receipt of ${up.verifiedTransactionId} was verified`);
    } finally {
      noise.push(noticed());
      await ccfctl.run("sandbox", "down");
    }
  }
  const what = "sandbox from an empty folder to a verified receipt";
  return [{ figure: "sandbox", what, unit: "s", values, goal: { atMost: 15 }, noise }];
}
