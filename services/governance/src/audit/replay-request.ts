// SPDX-License-Identifier: Apache-2.0
import { isAppError } from "@consortium/kit";
import { type KvReader, Transaction } from "@consortium/ledger";
import { acknowledge } from "../member/acknowledge.js";
import { updateStateDigest } from "../member/update-state-digest.js";
import type { LedgerSnapshot, PreparedTransaction } from "../ports.js";
import { createProposal } from "../proposal/create-proposal.js";
import { submitBallot } from "../proposal/submit-ballot.js";
import { withdrawProposal } from "../proposal/withdraw-proposal.js";
import { authenticate } from "../request/authenticate.js";
import { MemberKeys } from "../request/member-key.js";
import type { MessageType } from "../request/message-type.js";
import type { SignedRequest } from "../request/signed-request.js";
import { DEFAULT_LIMITS } from "../sandbox/limits.js";
import type { Sandbox } from "../sandbox/sandbox.js";
import type { GovernanceScope } from "../scope.js";
import { AuditLedger } from "./audit-ledger.js";
import { type ReplayConditions, ReplaySandbox } from "./replay-sandbox.js";

/** What a request comes to when it is made again. */
export interface Replayed {
  /** What it would have recorded; `undefined` if nothing. */
  readonly submitted: PreparedTransaction | undefined;
  /** Why its sender would have been refused. A refusal may be recorded. */
  readonly refusal: Error | undefined;
  /** Something took longer here than it may. */
  readonly hasTimedOut: boolean;
}

type UseCase = (envelope: Uint8Array, scope: GovernanceScope) => Promise<unknown>;

const USE_CASES: Readonly<Record<Exclude<MessageType, "recovery_share">, UseCase>> = {
  proposal: createProposal,
  ballot: submitBallot,
  withdrawal: withdrawProposal,
  state_digest: updateStateDigest,
  ack: acknowledge,
};

/** Makes recorded requests again, by the very use cases that members call. */
export class RequestReplay {
  readonly #sandbox: Pick<Sandbox, "evaluate">;
  readonly #memberKeys = new VerifiedOnce();

  constructor(sandbox: Pick<Sandbox, "evaluate">) {
    this.#sandbox = sandbox;
  }

  async run(
    type: keyof typeof USE_CASES,
    request: SignedRequest,
    snapshot: LedgerSnapshot,
    conditions: ReplayConditions = {},
  ): Promise<Replayed> {
    const ledger = new AuditLedger(snapshot);
    const sandbox = new ReplaySandbox(this.#sandbox, conditions);
    const scope: GovernanceScope = {
      ledger,
      sandbox,
      memberKeys: this.#memberKeys,
      limits: DEFAULT_LIMITS,
      log: undefined,
      // What is on the ledger was taken in.
      now: () => Infinity,
      turn: (action) => action(),
    };
    let refusal: Error | undefined;
    try {
      await USE_CASES[type](request.envelope, scope);
    } catch (error) {
      if (!isAppError(error) || error.code === "SANDBOX_FAILED") throw error;
      refusal = error;
    }
    return { submitted: ledger.submitted, refusal, hasTimedOut: sandbox.hasTimedOut };
  }

  /** Why the request is not by a member who may make it; `undefined` if it is. */
  authenticate(request: SignedRequest, type: MessageType, state: KvReader): string | undefined {
    try {
      authenticate(request, type, new Transaction(state), this.#memberKeys);
      return undefined;
    } catch (error) {
      if (!isAppError(error)) throw error;
      return error.message;
    }
  }
}

/** Remembers the last signature, for when a request is made again under other conditions. */
class VerifiedOnce implements Pick<MemberKeys, "verify"> {
  readonly #keys = new MemberKeys();
  #last: { signature: string; certificatePem: string; verified: boolean } | undefined;

  verify(request: SignedRequest, certificatePem: string): boolean {
    const signature = Buffer.from(request.envelope).toString("latin1");
    const last = this.#last;
    if (last?.signature === signature && last.certificatePem === certificatePem)
      return last.verified;
    const verified = this.#keys.verify(request, certificatePem);
    this.#last = { signature, certificatePem, verified };
    return verified;
  }
}
