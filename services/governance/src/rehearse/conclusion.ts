// SPDX-License-Identifier: Apache-2.0
import { isAppError } from "@consortium/kit";
import { sha256 } from "@consortium/crypto-wasm";
import {
  keyFromText,
  type KvReader,
  rows,
  SINGLETON_KEY,
  TABLES,
  Transaction,
} from "@consortium/ledger";
import { Constitution } from "../proposal/constitution.js";
import { requireValid } from "../proposal/create-proposal.js";
import { writeProposal } from "../proposal/proposal-table.js";
import { statusOf } from "../proposal/resolve-proposal.js";
import { activeMemberIds } from "../reads/members.js";
import { DEFAULT_LIMITS } from "../sandbox/limits.js";
import type { Sandbox } from "../sandbox/sandbox.js";
import { withConstitution } from "./constitution-reader.js";

/** Whether anything could still be decided under a constitution, by the members there are now. */
export interface Conclusion {
  readonly activeMembers: number;
  /** What the constitution in force says of a proposal to set this one; absent if it is valid. */
  readonly refusedNow?: string;
  /** Trials under the new constitution: with the votes of all active members. */
  readonly trials: readonly Trial[];
}

export interface Trial {
  readonly name: "nothing" | "set_constitution";
  /** Why the constitution does not take the proposal; absent if it is valid. */
  readonly invalid?: string;
  /** How many members who vote yes are enough; absent if all of them are not. */
  readonly votesNeeded?: number;
  /** Why it cannot be applied. */
  readonly failure?: string;
}

/** A change that changes nothing. */
const NOTHING = { actions: [] };
const PROPOSAL_ID = "00".repeat(32);

export async function conclude(
  constitution: string,
  state: KvReader,
  seqno: number,
  sandbox: Pick<Sandbox, "evaluate">,
): Promise<Conclusion> {
  const change = { actions: [{ name: "set_constitution", args: { constitution } }] };
  const refusedNow = await new Court(state, seqno, sandbox).refuses(change);
  const court = new Court(withConstitution(state, constitution), seqno, sandbox);
  return {
    activeMembers: activeMemberIds(state).length,
    ...(refusedNow === undefined ? {} : { refusedNow }),
    trials: [await court.try("nothing", NOTHING), await court.try("set_constitution", change)],
  };
}

/** Tries proposals on one state, of which nothing is kept. */
class Court {
  readonly #state: KvReader;
  readonly #seqno: number;
  readonly #sandbox: Pick<Sandbox, "evaluate">;

  constructor(state: KvReader, seqno: number, sandbox: Pick<Sandbox, "evaluate">) {
    this.#state = state;
    this.#seqno = seqno;
    this.#sandbox = sandbox;
  }

  async refuses(proposal: object): Promise<string | undefined> {
    const body = JSON.stringify(proposal);
    const { constitution } = this.#open(body, "");
    try {
      await requireValid(constitution, body);
      return undefined;
    } catch (error) {
      if (!isAppError(error)) throw error;
      return error.message;
    }
  }

  async try(name: Trial["name"], proposal: object): Promise<Trial> {
    const invalid = await this.refuses(proposal);
    if (invalid !== undefined) return { name, invalid };
    const body = JSON.stringify(proposal);
    const members = activeMemberIds(this.#state);
    for (let votes = 1; votes <= members.length; votes += 1) {
      const proposer = await this.#proposerWhoPasses(body, members, votes);
      if (proposer === undefined) continue;
      const failure = await this.#applyFailure(body, proposer);
      return { name, votesNeeded: votes, ...(failure === undefined ? {} : { failure }) };
    }
    return { name };
  }

  /** A constitution may look at who proposes: any member by whom it passes will do. */
  async #proposerWhoPasses(
    body: string,
    members: readonly string[],
    voteCount: number,
  ): Promise<string | undefined> {
    for (const proposer of members) {
      const others = members.filter((id) => id !== proposer);
      const voters = [proposer, ...others].slice(0, voteCount);
      const votes = voters.map((member_id) => ({ member_id, vote: true }));
      const { constitution } = this.#open(body, proposer);
      const resolved = await constitution.resolve(body, proposer, votes, PROPOSAL_ID);
      if (resolved.ok && statusOf(resolved.result) === "Accepted") return proposer;
    }
    return undefined;
  }

  async #applyFailure(body: string, proposer: string): Promise<string | undefined> {
    const { constitution } = this.#open(body, proposer, "Accepted");
    const applied = await constitution.apply(body, PROPOSAL_ID);
    return applied.ok ? undefined : applied.reason;
  }

  #open(
    body: string,
    proposer: string,
    state: rows.ProposalState = "Open",
  ): { constitution: Constitution } {
    const tx = new Transaction(this.#state);
    tx.put(TABLES.proposals, keyFromText(PROPOSAL_ID), Buffer.from(body));
    writeProposal(tx, PROPOSAL_ID, { proposer_id: proposer, state, ballots: {} });
    const snapshot = { kv: this.#state, seqno: this.#seqno, view: 0, root: new Uint8Array(32) };
    const digest = sha256(Buffer.from(body));
    const constitution = new Constitution(
      { tx, effects: [], snapshot },
      { digest, createdAt: 0 },
      { sandbox: this.#sandbox, log: undefined, limits: DEFAULT_LIMITS },
    );
    return { constitution };
  }
}

/** The text of the constitution in force; `undefined` before there is one. */
export function constitutionIn(state: KvReader): string | undefined {
  const row = state.get(TABLES.constitution, SINGLETON_KEY);
  return row === undefined ? undefined : rows.constitution.decode(row.value);
}
