// SPDX-License-Identifier: Apache-2.0
import type { Figure, Measurement, RunContext } from "../figure.js";
import { type Noise, watchNoise } from "../measure/noise.js";
import { median } from "../measure/samples.js";
import { ballotRequest, type GovernanceClient, proposalRequest } from "../../harness/governing.js";
import type { Member } from "../../harness/participants.js";

const PROPOSALS_A_ROUND = 12;
const WARM_PROPOSALS = 20;
const GOAL_MS = 10;

/** What members wait for: three members, of whom two decide. */
export const governanceFigure: Figure = {
  name: "governance",
  about: "a proposal, a ballot, and the ballot that decides and applies, with three members",
  run: measure,
};

interface Decision {
  readonly proposalMs: number;
  readonly ballotMs: number;
  readonly applyMs: number;
}

async function measure(context: RunContext): Promise<Measurement[]> {
  const { consortium } = await context.rigs.rig();
  using client = consortium.governanceClient();
  const { members } = consortium;
  context.say("warming up");
  await decideOften(client, members, WARM_PROPOSALS);
  const rounds: Decision[] = [];
  const noise: Noise[] = [];
  for (let round = 0; round < context.rounds; round += 1) {
    const noticed = watchNoise();
    rounds.push(await decideOften(client, members, PROPOSALS_A_ROUND));
    noise.push(noticed());
  }
  const line = (what: string, pick: (one: Decision) => number): Measurement => ({
    figure: "governance",
    what,
    unit: "ms",
    values: rounds.map(pick),
    goal: { atMost: GOAL_MS },
    noise,
  });
  return [
    line("a proposal, three members", ({ proposalMs }) => proposalMs),
    line("a ballot, three members", ({ ballotMs }) => ballotMs),
    line("the ballot that decides, applied", ({ applyMs }) => applyMs),
  ];
}

/** The middle over some decisions, one after the other. */
async function decideOften(
  client: GovernanceClient,
  members: readonly Member[],
  count: number,
): Promise<Decision> {
  const all: Decision[] = [];
  for (let index = 0; index < count; index += 1) all.push(await decideOnce(client, members));
  return {
    proposalMs: median(all.map(({ proposalMs }) => proposalMs)),
    ballotMs: median(all.map(({ ballotMs }) => ballotMs)),
    applyMs: median(all.map(({ applyMs }) => applyMs)),
  };
}

let decisions = 0;

async function decideOnce(
  client: GovernanceClient,
  [first, second, third]: readonly Member[],
): Promise<Decision> {
  if (first === undefined || second === undefined || third === undefined) {
    throw new RangeError("a decision needs three members");
  }
  decisions += 1;
  const member_data = { decisions };
  const action = { name: "set_member_data", args: { member_id: third.id, member_data } };
  const proposed = await timed(
    client.createProposal({ coseSign1: proposalRequest(first, [action]) }),
  );
  const id = proposed.result.proposal?.proposalId ?? "";
  const ballot = await timed(client.submitBallot({ coseSign1: ballotRequest(first, id) }));
  const last = await timed(client.submitBallot({ coseSign1: ballotRequest(second, id) }));
  return { proposalMs: proposed.ms, ballotMs: ballot.ms, applyMs: last.ms };
}

/** The request is signed before: only what the service does is timed. */
export async function timed<Result>(
  call: Promise<Result>,
): Promise<{ result: Result; ms: number }> {
  const startedAt = performance.now();
  const result = await call;
  return { result, ms: performance.now() - startedAt };
}
