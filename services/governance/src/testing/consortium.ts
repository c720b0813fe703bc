// SPDX-License-Identifier: Apache-2.0
import { createSelfSigned, type EcCurve, generateEcKeyPem } from "@consortium/kit";
import { rows, TABLES, type WriteSet } from "@consortium/ledger";
import { defaultConstitution } from "../constitution/default-constitution.js";
import { acknowledge } from "../member/acknowledge.js";
import { updateStateDigest } from "../member/update-state-digest.js";
import { createProposal, type ProposalRecord } from "../proposal/create-proposal.js";
import { submitBallot } from "../proposal/submit-ballot.js";
import { MemberKeys } from "../request/member-key.js";
import { DEFAULT_LIMITS, type EvaluationLimits } from "../sandbox/limits.js";
import { Sandbox } from "../sandbox/sandbox.js";
import { createTurns, type GovernanceScope } from "../scope.js";
import { InProcessLedger, put } from "./in-process-ledger.js";
import { createParty, type Party, signRequest } from "./member.js";

export interface ConsortiumOptions {
  readonly members?: number;
  readonly curve?: EcCurve;
  readonly constitution?: string;
  readonly status?: rows.ServiceStatus;
  readonly memberStatus?: rows.MemberStatus;
  readonly recoveryThreshold?: number;
  readonly replayWindow?: number;
  readonly limits?: EvaluationLimits;
  /** Members without an encryption key. */
  readonly withoutShares?: boolean;
  readonly sandbox?: Sandbox;
}

export const YES = "export function vote (rawProposal, proposerId) { return true }";
export const NO = "export function vote (rawProposal, proposerId) { return false }";

/** A service with members, on a ledger of its own, and what its members do. */
export class Consortium implements AsyncDisposable {
  readonly ledger = new InProcessLedger();
  readonly members: readonly Party[];
  readonly serviceCert: string;
  readonly scope: GovernanceScope;
  /** To close when it is our own. */
  readonly #sandbox: Sandbox | undefined;
  /** Each signed request is a second later than the one before. */
  #clock = 1_795_177_164;

  static async start(options: ConsortiumOptions = {}): Promise<Consortium> {
    const sandbox = options.sandbox ?? (await Sandbox.start());
    return new Consortium(options, sandbox);
  }

  private constructor(options: ConsortiumOptions, sandbox: Sandbox) {
    this.#sandbox = options.sandbox === undefined ? sandbox : undefined;
    const count = options.members ?? 3;
    this.members = Array.from({ length: count }, (_, index) =>
      createParty(`member${index}`, options.curve),
    );
    const keyPem = generateEcKeyPem();
    this.serviceCert = createSelfSigned({ keyPem, subject: "CN=CCF Service", days: 90 });
    this.ledger.append(this.#genesis(options));
    this.ledger.sign();
    this.scope = {
      ledger: this.ledger,
      sandbox,
      memberKeys: new MemberKeys(),
      limits: options.limits ?? DEFAULT_LIMITS,
      log: undefined,
      now: () => this.#clock * 1000,
      turn: createTurns(),
    };
  }

  member(index: number): Party {
    const member = this.members[index];
    if (member === undefined) throw new RangeError(`there is no member ${index}`);
    return member;
  }

  now(): number {
    this.#clock += 1;
    return this.#clock;
  }

  async propose(body: unknown, by = 0): Promise<ProposalRecord> {
    const request = signRequest(this.member(by), "proposal", body, { createdAt: this.now() });
    return (await createProposal(request, this.scope)).value;
  }

  proposeAction(name: string, args?: unknown, by = 0): Promise<ProposalRecord> {
    return this.propose({ actions: [args === undefined ? { name } : { name, args }] }, by);
  }

  async vote(proposalId: string, by: number, ballot: unknown = YES): Promise<ProposalRecord> {
    const options = { createdAt: this.now(), proposalId };
    const request = signRequest(this.member(by), "ballot", { ballot }, options);
    return (await submitBallot(request, this.scope)).value;
  }

  /** Proposes and has as many members agree as the constitution wants. */
  async pass(name: string, args?: unknown): Promise<ProposalRecord> {
    const { proposalId } = await this.proposeAction(name, args);
    const needed = Math.floor(this.members.length / 2) + 1;
    let record: ProposalRecord | undefined;
    for (let by = 0; by < needed; by += 1) record = await this.vote(proposalId, by);
    return record as ProposalRecord;
  }

  async activate(member: Party): Promise<void> {
    const update = signRequest(member, "state_digest", undefined, { createdAt: this.now() });
    const { value } = await updateStateDigest(update, this.scope);
    await acknowledge(signRequest(member, "ack", value, { createdAt: this.now() }), this.scope);
  }

  text(map: string, key: string): string | undefined {
    const row = this.ledger.state.committed.get(map, Buffer.from(key).toString("latin1"));
    return row === undefined ? undefined : Buffer.from(row.value).toString("utf8");
  }

  json(map: string, key: string): unknown {
    const text = this.text(map, key);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sandbox?.close();
  }

  #genesis(options: ConsortiumOptions): WriteSet {
    const writes: WriteSet = new Map();
    const one = "\0".repeat(8);
    const constitution = options.constitution ?? defaultConstitution();
    put(writes, TABLES.constitution, one, rows.constitution.encode(constitution));
    put(
      writes,
      TABLES.serviceInfo,
      one,
      rows.serviceInfo.encode({
        cert: this.serviceCert,
        status: options.status ?? "Open",
        recovery_count: 0,
        service_data: null,
        current_service_create_txid: "2.1",
      }),
    );
    put(
      writes,
      TABLES.serviceConfig,
      one,
      rows.serviceConfig.encode({
        recovery_threshold: options.recoveryThreshold ?? 1,
        maximum_node_certificate_validity_days: 365,
        maximum_service_certificate_validity_days: 365,
        recent_cose_proposals_window_size: options.replayWindow ?? 100,
      }),
    );
    for (const { id, cert, encryptionKey } of this.members) {
      put(writes, TABLES.membersCerts, id, cert);
      if (options.withoutShares !== true)
        put(writes, TABLES.membersEncryptionPublicKeys, id, encryptionKey);
      put(
        writes,
        TABLES.membersInfo,
        id,
        rows.membersInfo.encode({ status: options.memberStatus ?? "Active" }),
      );
      put(writes, TABLES.membersAcks, id, rows.membersAcks.encode({ state_digest: "" }));
    }
    return writes;
  }
}
