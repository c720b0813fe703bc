// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { governance } from "@consortium/proto";
import type { Figure, Measurement, RunContext } from "../figure.js";
import { watchNoise } from "../measure/noise.js";
import { median } from "../measure/samples.js";
import {
  acknowledge,
  ballotRequest,
  type GovernanceClient,
  proposalRequest,
} from "../../harness/governing.js";
import { createParticipant, type Participant } from "../../harness/participants.js";
import { Rig } from "../rig.js";
import { timed } from "./governance.js";

const MEMBERS = 100;
/** The last ballots before the decision: those that are counted with nearly all others. */
const LATE_BALLOTS = 20;
const GOAL_MS = 60;

/** The same with a hundred members, of whom a majority votes. */
export const manyMembersFigure: Figure = {
  name: "members",
  about: "the same with a hundred members and their ballots",
  run: measure,
};

interface Vote {
  readonly proposalMs: number;
  readonly ballotMs: number;
  readonly applyMs: number;
}

async function measure(context: RunContext): Promise<Measurement[]> {
  await using rig = await Rig.start();
  const { consortium } = rig;
  using client = consortium.governanceClient();
  context.say(`${MEMBERS} members join`);
  const added = await Promise.all(
    Array.from({ length: MEMBERS - consortium.members.length }, (_, index) =>
      createParticipant(join(rig.folder, "keys"), `voter${index}`),
    ),
  );
  await consortium.decide(
    ...added.map(({ certificate }) => ({ name: "set_member", args: { cert: certificate } })),
  );
  for (const member of added) await acknowledge(client, member);
  const voters = [...consortium.members, ...added];
  const rounds: Vote[] = [];
  const noticed = watchNoise();
  for (let round = 0; round < context.rounds; round += 1) {
    rounds.push(await voteOnce(client, voters, round));
    context.say(`round ${round + 1} of ${context.rounds}`);
  }
  const noise = [noticed()];
  const line = (what: string, pick: (one: Vote) => number): Measurement => ({
    figure: "members",
    what,
    unit: "ms",
    values: rounds.map(pick),
    goal: { atMost: GOAL_MS },
    noise,
  });
  return [
    line("a proposal, 100 members", ({ proposalMs }) => proposalMs),
    line("a ballot after 30 to 49 others", ({ ballotMs }) => ballotMs),
    line("the ballot that decides, applied", ({ applyMs }) => applyMs),
  ];
}

async function voteOnce(
  client: GovernanceClient,
  voters: readonly Participant[],
  round: number,
): Promise<Vote> {
  const [proposer] = voters;
  if (proposer === undefined) throw new RangeError("nobody is there to propose");
  const args = { member_id: proposer.id, member_data: { round } };
  const coseSign1 = proposalRequest(proposer, [{ name: "set_member_data", args }]);
  const proposed = await timed(client.createProposal({ coseSign1 }));
  const id = proposed.result.proposal?.proposalId ?? "";
  const ballots: number[] = [];
  for (const voter of voters) {
    const ballot = ballotRequest(voter, id);
    const { result, ms } = await timed(client.submitBallot({ coseSign1: ballot }));
    if (result.proposal?.state !== governance.ProposalState.OPEN) {
      return {
        proposalMs: proposed.ms,
        ballotMs: median(ballots.slice(-LATE_BALLOTS)),
        applyMs: ms,
      };
    }
    ballots.push(ms);
  }
  throw new Error("a hundred ballots decided nothing");
}
