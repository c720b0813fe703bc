// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../../harness/workspace.js";
import type { Figure, Measurement, RunContext } from "../figure.js";
import { watchNoise } from "../measure/noise.js";
import { pairwise } from "../measure/samples.js";

const PROGRAM = join(ROOT, "services/ledger/dist/channel/bench/handshake.js");
const EXCHANGES_PER_ROUND = 10;

/** What it costs two nodes to agree on the keys of a channel. */
export const handshakeFigure: Figure = {
  name: "handshake",
  about: "CPU time of a channel's key exchange on each side − the same signatures in OpenSSL",
  run: measure,
};

interface Costs {
  readonly initiator: readonly number[];
  readonly responder: readonly number[];
  readonly openssl: readonly number[];
}

async function measure({ rounds }: RunContext): Promise<Measurement[]> {
  const noticed = watchNoise();
  const args = [PROGRAM, String(rounds * EXCHANGES_PER_ROUND)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { initiator, responder, openssl } = JSON.parse(stdout) as Costs;
  return [
    {
      figure: "handshake",
      what: "CPU time of a channel's key exchange, on the side that has more of it",
      unit: "ms",
      values: pairwise(initiator, responder, Math.max),
      anchor: {
        what: "P-384 share, agreement, signature and 2 verified in OpenSSL",
        values: openssl,
      },
      goal: { atMost: 10 },
      noise: [noticed()],
    },
  ];
}
