// SPDX-License-Identifier: Apache-2.0
import { createCsr, isAppError } from "@consortium/kit";
import {
  encodeJson,
  type JsonObject,
  keyFromText,
  rows,
  SINGLETON_KEY,
  TABLES,
  type WriteSet,
} from "@consortium/ledger";
import {
  createTestNode,
  mergeWrites,
  writeRow,
  writeText,
} from "@consortium/ledger/testing/ledger";
import { defaultConstitution } from "../../constitution/default-constitution.js";
import { acknowledge } from "../../member/acknowledge.js";
import { updateStateDigest } from "../../member/update-state-digest.js";
import { createProposal, type ProposalRecord } from "../../proposal/create-proposal.js";
import { submitBallot } from "../../proposal/submit-ballot.js";
import { withdrawProposal } from "../../proposal/withdraw-proposal.js";
import { MemberKeys } from "../../request/member-key.js";
import { DEFAULT_LIMITS } from "../../sandbox/limits.js";
import { Sandbox } from "../../sandbox/sandbox.js";
import { createTurns, type GovernanceScope } from "../../scope.js";
import { NO, YES } from "../../testing/consortium.js";
import { createParty, type Party, signRequest } from "../../testing/member.js";
import { RecordingLedger } from "./recording-ledger.js";

const FIRST_SECOND = 1_795_177_164;

/** Members who govern on a genuine ledger, through the use cases that a governance node serves. */
export class RecordedConsortium implements AsyncDisposable {
  readonly ledger: RecordingLedger;
  readonly members: Party[];
  readonly scope: GovernanceScope;
  readonly #sandbox: Sandbox;
  #clock = FIRST_SECOND;

  static async start(members = 7): Promise<RecordedConsortium> {
    return new RecordedConsortium(members, await Sandbox.start());
  }

  private constructor(count: number, sandbox: Sandbox) {
    this.#sandbox = sandbox;
    this.members = Array.from({ length: count }, (_, index) =>
      createParty(`member${index}`, index % 2 === 0 ? "Secp384R1" : "Secp256R1"),
    );
    this.ledger = new RecordingLedger(genesis(this.members));
    this.scope = {
      ledger: this.ledger,
      sandbox,
      memberKeys: new MemberKeys(),
      limits: DEFAULT_LIMITS,
      log: undefined,
      now: () => this.#clock * 1000,
      turn: createTurns(),
    };
  }

  member(index: number): Party {
    return this.members[index % this.members.length]!;
  }

  get serviceCert(): string {
    return this.ledger.builder.service.certPem;
  }

  /** Opens the service: everybody acknowledges, and a majority agrees. */
  async open(): Promise<void> {
    for (const member of this.members) await this.activate(member);
    await this.pass("transition_service_to_open", { next_service_identity: this.serviceCert });
  }

  async activate(member: Party): Promise<void> {
    const update = signRequest(member, "state_digest", undefined, { createdAt: this.#now() });
    const { value } = await updateStateDigest(update, this.scope);
    await acknowledge(signRequest(member, "ack", value, { createdAt: this.#now() }), this.scope);
  }

  async propose(name: string, args?: unknown, by = 0): Promise<ProposalRecord> {
    const actions = [args === undefined ? { name } : { name, args }];
    return this.proposeActions(actions, by);
  }

  async proposeActions(actions: readonly unknown[], by = 0): Promise<ProposalRecord> {
    const options = { createdAt: this.#now() };
    const request = signRequest(this.member(by), "proposal", { actions }, options);
    return (await createProposal(request, this.scope)).value;
  }

  async vote(proposalId: string, by: number, ballot: string = YES): Promise<ProposalRecord> {
    const options = { createdAt: this.#now(), proposalId };
    const request = signRequest(this.member(by), "ballot", { ballot }, options);
    return (await submitBallot(request, this.scope)).value;
  }

  async withdraw(proposalId: string, by = 0): Promise<ProposalRecord> {
    const options = { createdAt: this.#now(), proposalId };
    const request = signRequest(this.member(by), "withdrawal", undefined, options);
    return (await withdrawProposal(request, this.scope)).value;
  }

  /** Members vote yes, one after the other, until it is decided. */
  async pass(name: string, args?: unknown, by = 0): Promise<ProposalRecord> {
    let record = await this.propose(name, args, by);
    for (let voter = 0; record.info.state === "Open" && voter < this.members.length; voter += 1) {
      record = await this.vote(record.proposalId, voter + by);
    }
    return record;
  }

  /** What fails when it is applied: the reason is recorded, the proposal stays open. */
  async passInVain(name: string, args?: unknown): Promise<string> {
    const { proposalId } = await this.propose(name, args);
    for (let voter = 0; voter < this.members.length; voter += 1) {
      try {
        await this.vote(proposalId, voter);
      } catch (error) {
        if (isAppError(error, "PROPOSAL_FAILED")) return proposalId;
        throw error;
      }
    }
    throw new Error(`${name} was applied`);
  }

  /** What users do: transactions that are no governance. */
  writeRecords(count: number): void {
    for (let index = 0; index < count; index += 1) {
      this.ledger.append(writeText("public:records", `key ${index}`, `value ${index}`));
    }
  }

  /** A node joins while the service is open: it waits for the members. */
  join(role: rows.NodeRole): string {
    const node = createTestNode(this.ledger.builder.service, "Secp256R1");
    const csr = createCsr({ keyPem: node.keyPem, subject: "CN=Node", sans: ["dNSName:node.test"] });
    const row: JsonObject = {
      certificate_signing_request: csr,
      public_key: node.publicKeyPem,
      role,
      status: "Pending",
    };
    this.ledger.append(writeRow(TABLES.nodesInfo, node.nodeId, encodeJson(row)));
    this.ledger.sign();
    return node.nodeId;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ledger[Symbol.dispose]();
    await this.#sandbox.close();
  }

  #now(): number {
    this.#clock += 1;
    return this.#clock;
  }
}

function genesis(members: readonly Party[]): WriteSet {
  return mergeWrites(
    writeRow(TABLES.constitution, SINGLETON_KEY, rows.constitution.encode(defaultConstitution())),
    ...members.flatMap(({ id, cert, encryptionKey }) => [
      writeRow(TABLES.membersCerts, keyFromText(id), Buffer.from(cert)),
      writeRow(TABLES.membersEncryptionPublicKeys, keyFromText(id), Buffer.from(encryptionKey)),
      writeRow(
        TABLES.membersInfo,
        keyFromText(id),
        rows.membersInfo.encode({ status: "Accepted" }),
      ),
      writeRow(TABLES.membersAcks, keyFromText(id), rows.membersAcks.encode({ state_digest: "" })),
    ]),
  );
}

/** A consortium's life: some 200 decisions of every kind, under constitutions that change. */
export async function recordDecisions(consortium: RecordedConsortium, count = 200): Promise<void> {
  await consortium.open();
  const users: string[] = [];
  for (let decision = 0; decision < count; decision += 1) {
    await decide(consortium, decision, users);
    if (decision % 7 === 0) consortium.writeRecords(3);
    if (decision % 11 === 0) {
      // Others write and sign between execution and ordering: the read version is older then.
      consortium.ledger.beforeSubmit = () => {
        consortium.writeRecords(2);
        consortium.ledger.sign();
      };
    }
  }
}

async function decide(
  consortium: RecordedConsortium,
  decision: number,
  users: string[],
): Promise<void> {
  const by = decision % consortium.members.length;
  const kind = decision % 20;
  switch (kind) {
    case 1: {
      const { proposalId } = await consortium.propose(
        "set_recovery_threshold",
        { recovery_threshold: 2 },
        by,
      );
      await consortium.vote(proposalId, by + 1, NO);
      await consortium.withdraw(proposalId, by);
      return;
    }
    case 2: {
      const { proposalId } = await consortium.propose(
        "set_user",
        { cert: createParty("u").cert },
        by,
      );
      for (let voter = 0; voter < 7; voter += 1) {
        const { info } = await consortium.vote(proposalId, voter, NO);
        if (info.state !== "Open") return;
      }
      return;
    }
    case 3:
      await consortium.passInVain("set_member_data", {
        member_id: "ab".repeat(32),
        member_data: {},
      });
      return;
    case 4: {
      // Ballots that look at state, time and chance; one that fails.
      const { proposalId } = await consortium.propose(
        "set_recovery_threshold",
        { recovery_threshold: (decision % 3) + 1 },
        by,
      );
      await consortium.vote(proposalId, 0, LOOKING);
      await consortium.vote(proposalId, 1, FAILING);
      await consortium.vote(proposalId, 2, CHANCE);
      for (let voter = 3; voter < 7; voter += 1) {
        const { info } = await consortium.vote(proposalId, voter);
        if (info.state !== "Open") return;
      }
      return;
    }
    case 5:
      await consortium.pass("set_constitution", { constitution: variant(decision) }, by);
      return;
    case 6: {
      const member = createParty(`late${decision}`, "Secp256R1");
      const args = {
        cert: member.cert,
        encryption_pub_key: member.encryptionKey,
        member_data: { decision },
      };
      await consortium.pass("set_member", args, by);
      await consortium.activate(member);
      await consortium.pass("remove_member", { member_id: member.id }, by);
      return;
    }
    case 7: {
      const nodeId = consortium.join(decision % 2 === 0 ? "governance" : "recovery");
      await consortium.pass(
        "transition_node_to_trusted",
        { node_id: nodeId, valid_from: "2026-11-21 00:00:00", validity_period_days: 30 },
        by,
      );
      await consortium.pass("remove_node", { node_id: nodeId }, by);
      return;
    }
    case 8:
      await consortium.pass(
        "set_service_certificate_validity",
        { valid_from: "2026-11-21 00:00:00", validity_period_days: 20 + (decision % 50) },
        by,
      );
      return;
    case 9:
      await consortium.pass("trigger_ledger_rekey", undefined, by);
      return;
    case 10:
      await consortium.pass("trigger_recovery_shares_refresh", undefined, by);
      return;
    case 11:
      await consortium.pass(
        "set_ca_cert_bundle",
        { name: `bundle${decision}`, cert_bundle: consortium.serviceCert },
        by,
      );
      return;
    case 12:
      await consortium.proposeActions(
        [
          {
            name: "set_user_data",
            args: { user_id: users[0] ?? "ab".repeat(32), user_data: { decision } },
          },
          { name: "trigger_ledger_chunk" },
        ],
        by,
      );
      return;
    default: {
      const user = createParty(`user${decision}`, "Secp256R1");
      users.push(user.id);
      await consortium.pass("set_user", { cert: user.cert, user_data: { decision } }, by);
    }
  }
}

const LOOKING = `export function vote (proposal, proposerId) {
  let active = 0;
  ccf.kv["public:ccf.gov.members.info"].forEach((v) => { if (ccf.bufToJsonCompatible(v).status === "Active") active += 1; });
  return active >= 3 && Date.now() > 0;
}`;
const FAILING = `export function vote () { throw new Error("not today"); }`;
const CHANCE = `export function vote () { return Math.random() >= 0; }`;

/** The same actions under other rules of the majority. */
function variant(decision: number): string {
  const text = defaultConstitution();
  const needed = ["Math.floor(active.size / 2)", "Math.floor(active.size / 3)", "active.size - 2"];
  const rule = needed[Math.floor(decision / 20) % needed.length]!;
  return text
    .replace("Math.floor(active.size / 2)", rule)
    .concat(`/* the rules as of decision ${decision} */\n`);
}
