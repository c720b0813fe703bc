// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import type { Ccfctl } from "../../harness/ccfctl.js";
import { ccfctlOf } from "../../harness/consortium-context.js";
import type { Consortium } from "../../harness/consortium.js";
import { ballotRequest, type GovernanceClient, proposalRequest } from "../../harness/governing.js";
import type { Figure, Measurement, RunContext } from "../figure.js";
import { type Noise, watchNoise } from "../measure/noise.js";
import { median } from "../measure/samples.js";
import { Rig } from "../rig.js";
import { timed } from "./governance.js";

const PROPOSALS = 1_000;
const PAGE_SIZE = 100;
const IN_FLIGHT = 8;
/** A transaction before the proposals. */
const EARLY = "2.20";
const PAGE_GOAL_MS = 50;
const VERIFY_GOAL_PER_SECOND = 2_000;

/** A consortium with much to decide: what it sees of it, and how fast all of it is made again. */
export const decisionsFigure: Figure = {
  name: "decisions",
  about: "a page of 1000 open proposals, and `ccfctl gov verify` of them and as many ballots",
  run: measure,
};

async function measure(context: RunContext): Promise<Measurement[]> {
  await using rig = await Rig.start();
  const { consortium } = rig;
  using client = consortium.governanceClient();
  context.say(`${PROPOSALS} proposals, a ballot each`);
  await fill(client, consortium);
  await pagesOf(client);
  const pages: number[] = [];
  const rates: number[] = [];
  const noise: { pages: Noise[]; rates: Noise[] } = { pages: [], rates: [] };
  const ccfctl = await ccfctlOf(consortium);
  const ledger = join(rig.folder, "exported");
  await ccfctl.text("ledger", "export", ledger);
  for (let round = 0; round < context.rounds; round += 1) {
    let noticed = watchNoise();
    pages.push(median(await pagesOf(client)));
    noise.pages.push(noticed());
    noticed = watchNoise();
    rates.push(await verificationRate(ccfctl, ledger));
    noise.rates.push(noticed());
    context.say(`round ${round + 1} of ${context.rounds}`);
  }
  return [
    {
      figure: "decisions",
      what: `a page of ${PAGE_SIZE} of ${PROPOSALS} open proposals`,
      unit: "ms",
      values: pages,
      goal: { atMost: PAGE_GOAL_MS },
      noise: noise.pages,
    },
    {
      figure: "decisions",
      what: "gov verify, signed requests, without its start",
      unit: "/s",
      values: rates,
      goal: { atLeast: VERIFY_GOAL_PER_SECOND },
      noise: noise.rates,
    },
  ];
}

/** Open proposals that one of three members agreed to. */
async function fill(client: GovernanceClient, { members }: Consortium): Promise<void> {
  const [proposer] = members;
  if (proposer === undefined) throw new RangeError("nobody is there to propose");
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < PROPOSALS) {
      next += 1;
      const args = { member_id: proposer.id, member_data: { number: next } };
      const coseSign1 = proposalRequest(proposer, [{ name: "set_member_data", args }]);
      const { proposal } = await client.createProposal({ coseSign1 });
      const ballot = ballotRequest(proposer, proposal?.proposalId ?? "");
      await client.submitBallot({ coseSign1: ballot });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}

/** How long each page took. */
async function pagesOf(client: GovernanceClient): Promise<number[]> {
  const taken: number[] = [];
  let listed = 0;
  let pageToken = "";
  do {
    const page = await timed(client.listOpenProposals({ pageSize: PAGE_SIZE, pageToken }));
    taken.push(page.ms);
    listed += page.result.proposals.length;
    pageToken = page.result.nextPageToken;
  } while (pageToken !== "");
  if (listed < PROPOSALS) throw new Error(`${listed} proposals are open, not ${PROPOSALS}`);
  return taken;
}

interface Verification {
  readonly verified: boolean;
  readonly requestCount: number;
}

/**
 * How many requests `ccfctl gov verify` makes again in a second: what all of them take longer than the
 * few of the opening, for which the same ledger is read and verified.
 */
async function verificationRate(ccfctl: Ccfctl, ledger: string): Promise<number> {
  const verify = async (...range: string[]): Promise<{ requestCount: number; ms: number }> => {
    const call = ccfctl.json<Verification>("gov", "verify", ledger, ...range);
    const { result, ms } = await timed(call);
    if (!result.verified) throw new Error("the ledger does not verify");
    return { requestCount: result.requestCount, ms };
  };
  const few = await verify("--to", EARLY);
  const all = await verify();
  return ((all.requestCount - few.requestCount) / (all.ms - few.ms)) * 1000;
}
