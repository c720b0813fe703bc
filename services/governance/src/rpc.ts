// SPDX-License-Identifier: Apache-2.0
import { type GrpcService, type Logger, unary } from "@consortium/kit";
import { governance } from "@consortium/proto";
import type { KvReader } from "@consortium/ledger";
import { acknowledge } from "./member/acknowledge.js";
import { updateStateDigest } from "./member/update-state-digest.js";
import { governanceErrors } from "./errors.js";
import { getHistory, listHistory } from "./history/history-reads.js";
import type { LedgerHistory } from "./history/ledger-history.js";
import { listOpenProposals } from "./history/open-proposals.js";
import type { LedgerPort } from "./ports.js";
import { previewProposal } from "./preview/preview-proposal.js";
import { PreviewSandbox } from "./preview/preview-sandbox.js";
import { createProposal, type ProposalRecord } from "./proposal/create-proposal.js";
import type { Committed } from "./proposal/execute.js";
import { submitBallot } from "./proposal/submit-ballot.js";
import { withdrawProposal } from "./proposal/withdraw-proposal.js";
import { getModule, javascriptAppJson, listModules } from "./reads/javascript-app.js";
import { getMember, getStateDigest, listMembers } from "./reads/members.js";
import type { Page } from "./reads/page.js";
import { joinPolicyJson, jwkJson } from "./reads/policies.js";
import {
  getBallot,
  getProposal,
  getProposalActions,
  listProposals,
  toProposal,
} from "./reads/proposals.js";
import { getConstitution, getServiceInfo } from "./reads/service.js";
import { getUser, listUsers } from "./reads/users.js";
import { MemberKeys } from "./request/member-key.js";
import { DEFAULT_LIMITS, type EvaluationLimits } from "./sandbox/limits.js";
import { Sandbox } from "./sandbox/sandbox.js";
import { createTurns, type GovernanceScope } from "./scope.js";

export interface GovernanceServiceOptions {
  readonly ledger: LedgerPort;
  readonly log?: Logger;
  /** What one evaluation of JavaScript may use; the same on all nodes of a service. */
  readonly limits?: EvaluationLimits;
  /** Without it the node does not tell of proposals that the tables have forgotten. */
  readonly history?: LedgerHistory;
  /** Milliseconds since the epoch; the system's clock by default. */
  readonly now?: () => number;
}

export interface GovernanceService extends GrpcService, AsyncDisposable {
  readonly implementation: governance.GovernanceServiceServer;
}

/**
 * Serves `ccf.governance.v1` on a replica of the ledger.
 *
 * @example
 * await using service = await createGovernanceService({ ledger, log });
 * await startGrpcServer({ address, credentials, services: [service] });
 */
export async function createGovernanceService(
  options: GovernanceServiceOptions,
): Promise<GovernanceService> {
  const sandbox = await Sandbox.start();
  const previews = new PreviewSandbox();
  const scope: GovernanceScope = {
    ledger: options.ledger,
    sandbox,
    memberKeys: new MemberKeys(),
    limits: options.limits ?? DEFAULT_LIMITS,
    log: options.log?.child({ area: "governance" }),
    now: options.now ?? Date.now,
    turn: createTurns(),
  };
  const state = (): KvReader => options.ledger.snapshot().kv;
  return {
    definition: governance.GovernanceServiceService,
    implementation: {
      ...writes(scope),
      ...previewing(scope, previews),
      ...proposalReads(state),
      ...historyReads(options.history),
      ...serviceReads(state),
    },
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await previews[Symbol.asyncDispose]();
    },
  };
}

type Server = governance.GovernanceServiceServer;
type Writes = Pick<
  Server,
  | "createProposal"
  | "withdrawProposal"
  | "submitBallot"
  | "updateStateDigest"
  | "acknowledgeStateDigest"
>;

function writes(scope: GovernanceScope): Writes {
  return {
    createProposal: unary(async ({ coseSign1 }, { signal }) =>
      proposalResponse(await createProposal(coseSign1, scope, signal)),
    ),
    withdrawProposal: unary(async ({ coseSign1 }, { signal }) =>
      proposalResponse(await withdrawProposal(coseSign1, scope, signal)),
    ),
    submitBallot: unary(async ({ coseSign1 }, { signal }) =>
      proposalResponse(await submitBallot(coseSign1, scope, signal)),
    ),
    updateStateDigest: unary(async ({ coseSign1 }, { signal }) => {
      const { value, transactionId } = await updateStateDigest(coseSign1, scope, signal);
      return { ...value, transactionId };
    }),
    acknowledgeStateDigest: unary(async ({ coseSign1 }, { signal }) => {
      const { transactionId } = await acknowledge(coseSign1, scope, signal);
      return { transactionId };
    }),
  };
}

function previewing(
  scope: GovernanceScope,
  previews: PreviewSandbox,
): Pick<Server, "previewProposal"> {
  return {
    previewProposal: unary((request) =>
      previews.run((sandbox) => previewProposal(request, { ...scope, sandbox }, scope.now())),
    ),
  };
}

type ProposalReads = Pick<
  Server,
  "getProposal" | "listProposals" | "listOpenProposals" | "getProposalActions" | "getBallot"
>;

function proposalReads(state: () => KvReader): ProposalReads {
  return {
    getProposal: read(({ proposalId }) => ({ proposal: getProposal(state(), proposalId) })),
    listProposals: read((request) => {
      const { items, nextPageToken } = listProposals(state(), request, request.state);
      return { proposals: items, nextPageToken };
    }),
    listOpenProposals: read((request) => listOpenProposals(state(), request)),
    getProposalActions: read(({ proposalId }) => ({
      body: getProposalActions(state(), proposalId),
    })),
    getBallot: read(({ proposalId, memberId }) => ({
      ballot: getBallot(state(), proposalId, memberId),
    })),
  };
}

function historyReads(
  history: LedgerHistory | undefined,
): Pick<Server, "listHistory" | "getHistory"> {
  const offered = (): LedgerHistory => {
    if (history !== undefined) return history;
    throw governanceErrors("HISTORY_NOT_OFFERED", "this node keeps no history of proposals");
  };
  return {
    listHistory: unary(async (request) => listHistory(request, offered())),
    getHistory: unary(async (request) => getHistory(request, offered())),
  };
}

type ServiceReads = Pick<
  Server,
  | "getStateDigest"
  | "getServiceInfo"
  | "getConstitution"
  | "listMembers"
  | "getMember"
  | "listUsers"
  | "getUser"
  | "getJoinPolicy"
  | "getJwk"
  | "getJavascriptApp"
  | "listJavascriptModules"
  | "getJavascriptModule"
>;

function serviceReads(state: () => KvReader): ServiceReads {
  return {
    getStateDigest: read(({ memberId }) => getStateDigest(state(), memberId)),
    getServiceInfo: read(() => getServiceInfo(state())),
    getConstitution: read(() => ({ constitution: getConstitution(state()) })),
    listMembers: read((page) => {
      const { items, nextPageToken } = listMembers(state(), page);
      return { members: items, nextPageToken };
    }),
    getMember: read(({ memberId }) => ({ member: getMember(state(), memberId) })),
    listUsers: read((page) => {
      const { items, nextPageToken } = listUsers(state(), page);
      return { users: items, nextPageToken };
    }),
    getUser: read(({ userId }) => ({ user: getUser(state(), userId) })),
    getJoinPolicy: read(() => ({ joinPolicyJson: joinPolicyJson(state()) })),
    getJwk: read(() => ({ jwkJson: jwkJson(state()) })),
    getJavascriptApp: read(({ originalCase }) => ({
      appJson: javascriptAppJson(state(), originalCase),
    })),
    listJavascriptModules: read((page) => {
      const { items, nextPageToken }: Page<string> = listModules(state(), page);
      return { moduleNames: items, nextPageToken };
    }),
    getJavascriptModule: read(({ moduleName }) => ({ source: getModule(state(), moduleName) })),
  };
}

/** A read is answered from the replica, at once. */
function read<Request, Response>(
  answer: (request: Request) => Response,
): ReturnType<typeof unary<Request, Response>> {
  // An async function, so that what the read throws becomes the answer.
  return unary(async (request: Request) => Promise.resolve(answer(request)));
}

function proposalResponse({ value, transactionId }: Committed<ProposalRecord>): {
  proposal: governance.Proposal;
  transactionId: string;
} {
  return { proposal: toProposal(value.proposalId, value.info), transactionId };
}
