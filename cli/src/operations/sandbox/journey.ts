// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import { app } from "@consortium/proto";
import type { GovernanceClient, KvClient, NodeClient } from "../../connect/clients.js";
import { cliErrors } from "../../errors.js";
import { readCertificate } from "../../input/certificate.js";
import { type Json, type JsonObject, parseJsonText } from "../../json.js";
import { acknowledge, listMembers, listUsers } from "../governance/members.js";
import {
  ballotText,
  createProposal,
  getProposalBody,
  listProposals,
  submitBallot,
} from "../governance/proposals.js";
import { getReceipt, type ReceiptVerification, verifyReceiptFile } from "../receipts.js";
import type { MemberSigner } from "../signing/member-signer.js";
import { keyFile, USER, type SandboxLayout } from "./layout.js";
import type { Reporter } from "./reporter.js";

/* The steps of the members and of the first user. Each looks first whether it was done before. */

export interface Member {
  name: string;
  signer: MemberSigner;
}

/** Every member acknowledges the state of the service, and so becomes active. */
export async function activateMembers(
  client: GovernanceClient,
  members: readonly Member[],
  report: Reporter,
): Promise<void> {
  const known = await listMembers(client);
  const active = new Set(
    known.filter(({ status }) => status === "Active").map(({ memberId }) => memberId),
  );
  for (const { name, signer } of members) {
    if (active.has(signer.memberId)) continue;
    report.step(`${name} acknowledges the state of the service`, `ccfctl ack --as ${name}`);
    const { stateDigest, transactionId } = await acknowledge(client, signer);
    report.fact(`digest ${stateDigest.slice(0, 16)}…, transaction ${transactionId}`);
  }
}

/** A proposal opens the service, unless it is open. */
export async function openService(
  client: GovernanceClient,
  members: readonly Member[],
  layout: SandboxLayout,
  report: Reporter,
): Promise<void> {
  const { status } = await client.getServiceInfo({});
  if (status === "Open") return;
  const { pem } = await readCertificate(layout.serviceCertificate);
  await decide(client, members, report, {
    title: "proposes to open the service",
    command: "ccfctl propose service open",
    action: { name: "transition_service_to_open", args: { next_service_identity: pem } },
  });
}

/** A proposal adds the first user, unless it is known. */
export async function addUser(
  client: GovernanceClient,
  members: readonly Member[],
  layout: SandboxLayout,
  report: Reporter,
): Promise<void> {
  const certificate = await readCertificate(keyFile(layout, USER, "cert"));
  const users = await listUsers(client);
  if (users.some(({ userId }) => userId === certificate.id)) return;
  await decide(client, members, report, {
    title: `proposes to add the user ${USER}`,
    command: `ccfctl propose user add --user-cert ${layout.show(certificate.file)}`,
    action: { name: "set_user", args: { cert: certificate.pem } },
  });
}

interface Decision {
  title: string;
  command: string;
  action: { name: string; args: JsonObject };
}

/** Proposes an action, or takes up the proposal that an earlier run made, and votes until it is accepted. */
async function decide(
  client: GovernanceClient,
  members: readonly Member[],
  report: Reporter,
  { title, command, action }: Decision,
): Promise<void> {
  const [proposer] = members;
  if (proposer === undefined) throw new TypeError("a decision needs a member");
  const body = Buffer.from(JSON.stringify({ actions: [action] }));
  let proposal = await findOpenProposal(client, body);
  if (proposal === undefined) {
    report.step(`${proposer.name} ${title}`, command);
    ({ proposal } = await createProposal(client, proposer.signer, body));
    report.fact(`proposal ${proposal.proposalId} is ${proposal.proposalState}`);
  }
  for (const { name, signer } of members) {
    if (proposal.proposalState !== "Open") break;
    if (proposal.ballotSubmitters.includes(signer.memberId)) continue;
    const { proposalId } = proposal;
    report.step(
      `${name} votes for it`,
      `ccfctl proposal vote ${proposalId.slice(0, 10)} --yes --as ${name}`,
    );
    ({ proposal } = await submitBallot(client, signer, proposalId, ballotText(true)));
    report.fact(`proposal is ${proposal.proposalState}`);
  }
  if (proposal.proposalState === "Accepted") return;
  throw cliErrors("PROPOSAL_NOT_ACCEPTED", `the proposal is ${proposal.proposalState}`, {
    details: { proposal_id: proposal.proposalId },
    hint: `See \`ccfctl proposal show ${proposal.proposalId.slice(0, 10)}\`.`,
  });
}

async function findOpenProposal(client: GovernanceClient, body: Buffer) {
  const wanted = JSON.stringify(parseJsonText(body.toString("utf8")));
  const proposals = await listProposals(client);
  for (const proposal of proposals.filter(({ proposalState }) => proposalState === "Open")) {
    const text = await getProposalBody(client, proposal.proposalId);
    if (JSON.stringify(parseJsonText(text)) === wanted) return proposal;
  }
  return undefined;
}

const PRIVATE_MAP = "notes";
const PUBLIC_MAP = "public:notes";
const KEY = "greeting";

export interface Records {
  privateTransactionId: string;
  publicTransactionId: string;
}

/** The user writes a private and a public record, and reads them back. */
export async function writeRecords(client: KvClient, report: Reporter): Promise<Records> {
  const value = `hello at ${new Date().toISOString()}`;
  const written: string[] = [];
  for (const map of [PRIVATE_MAP, PUBLIC_MAP]) {
    const kind = map === PRIVATE_MAP ? "private" : "public";
    report.step(`${USER} writes a ${kind} record`, `ccfctl kv put ${KEY} "${value}" --map ${map}`);
    written.push(await put(client, map, value));
    report.fact(`committed as transaction ${written.at(-1)}`);
  }
  for (const map of [PRIVATE_MAP, PUBLIC_MAP]) {
    report.step(`${USER} reads it back`, `ccfctl kv get ${KEY} --map ${map}`);
    const { value: read } = await client.get({ groupId: 0, map, key: Buffer.from(KEY) });
    const text = Buffer.from(read).toString("utf8");
    report.fact(text);
    if (text !== value)
      throw cliErrors("VERIFICATION_FAILED", `the record in ${map} is not what was written`);
  }
  const [privateTransactionId = "", publicTransactionId = ""] = written;
  return { privateTransactionId, publicTransactionId };
}

async function put(client: KvClient, map: string, value: string): Promise<string> {
  const options = {
    idempotencyKey: randomUUID(),
    answerWhen: app.AnswerWhen.COMMITTED,
    claimsDigest: new Uint8Array(),
  };
  const request = { groupId: 0, map, key: Buffer.from(KEY), value: Buffer.from(value), options };
  const { transactionId } = await client.put(request);
  return transactionId;
}

/** Gets the receipt of a transaction and verifies it with nothing but the service certificate. */
export async function proveRecord(
  client: NodeClient,
  transactionId: string,
  layout: SandboxLayout,
  report: Reporter,
): Promise<{ verification: ReceiptVerification; receipt: Json }> {
  report.step(
    "The node proves it with a receipt",
    `ccfctl receipt get ${transactionId} --out receipt.json`,
  );
  const { receipt, coseReceipt } = await getReceipt(client, transactionId);
  report.fact(`signed by the node${coseReceipt === null ? "" : ", and by the service (COSE)"}`);
  const certificate = layout.show(layout.serviceCertificate);
  report.step(
    "Anyone verifies the receipt, offline",
    `ccfctl receipt verify receipt.json --service-cert ${certificate}`,
  );
  const { pem } = await readCertificate(layout.serviceCertificate);
  const verification = await verifyReceiptFile(Buffer.from(JSON.stringify(receipt)), pem);
  if (coseReceipt !== null) await verifyReceiptFile(Buffer.from(coseReceipt, "base64"), pem);
  report.fact(`verified: transaction ${verification.transactionId} is on the ledger`);
  return { verification, receipt };
}
