// SPDX-License-Identifier: Apache-2.0
import { createCsr, createSelfSigned, generateEcKeyPem } from "@consortium/kit";
import { TABLES } from "@consortium/ledger";
import { createParty } from "../../testing/member.js";
import { ONE, type Rows } from "./trial.js";

export const MEMBER_HISTORY = "public:ccf.gov.history";

/** Three active members who share in recovery, one who has not acknowledged yet, and one to come. */
export const [alice, bob, carol] = [createParty("alice"), createParty("bob"), createParty("carol")];
export const dave = createParty("dave");
export const erin = createParty("erin");
export const userCert = erin.cert;
export const userId = erin.id;
export const strangerId = "ab".repeat(32);
export const serviceCert = certificate("CN=CCF Service");
export const otherServiceCert = certificate("CN=Another Service");
export const request = createCsr({ keyPem: generateEcKeyPem(), subject: "CN=CCF Node" });

export const trustedNode = "11".repeat(32);
export const pendingNode = "22".repeat(32);
export const retiredNode = "33".repeat(32);
export const oldNode = "44".repeat(32);
export const SIGNED_ROOT = "5c".repeat(32);

export const proposalId = "01".repeat(32);
export const otherOpenProposal = "02".repeat(32);
export const acceptedProposal = "03".repeat(32);

/** Rows have fields that no action knows: they must be there afterwards. */
export const nodeRows = {
  [trustedNode]: {
    certificate_signing_request: request,
    node_data: { zone: 1 },
    role: "ledger",
    status: "Trusted",
    unknown: [1],
  },
  [pendingNode]: {
    certificate_signing_request: request,
    role: "governance",
    status: "Pending",
    unknown: { a: null },
  },
  [retiredNode]: { certificate_signing_request: request, role: "recovery", status: "Retired" },
};

export const configuration = {
  maximum_node_certificate_validity_days: 90,
  maximum_service_certificate_validity_days: 180,
  recovery_threshold: 2,
};

export const service = {
  cert: serviceCert,
  current_service_create_txid: "2.1",
  recovery_count: 0,
  service_data: null,
  status: "Open",
};

export const openProposal = { ballots: {}, proposer_id: alice.id, state: "Open" };

/** An open service in the middle of its life. */
export const state: Rows = {
  [TABLES.membersCerts]: textRows([alice, bob, carol, dave], "cert"),
  [TABLES.membersEncryptionPublicKeys]: textRows([alice, bob, carol], "encryptionKey"),
  [TABLES.membersInfo]: {
    [alice.id]: json({ member_data: { is_operator: true }, status: "Active", unknown: 7 }),
    [bob.id]: json({ status: "Active" }),
    [carol.id]: json({ recovery_role: "Participant", status: "Active" }),
    [dave.id]: json({ status: "Accepted" }),
  },
  [TABLES.membersAcks]: { [alice.id]: json({ state_digest: SIGNED_ROOT }) },
  [TABLES.nodesInfo]: Object.fromEntries(
    Object.entries(nodeRows).map(([id, row]) => [id, json(row)]),
  ),
  [TABLES.serviceInfo]: { [ONE]: json(service) },
  [TABLES.serviceConfig]: { [ONE]: json(configuration) },
  [TABLES.signatures]: { [ONE]: json({ root: SIGNED_ROOT, seqno: 9, view: 2 }) },
  [TABLES.proposalsInfo]: {
    [proposalId]: json(openProposal),
    [otherOpenProposal]: json({ ...openProposal, ballots: { [bob.id]: "a ballot" } }),
    [acceptedProposal]: json({ ...openProposal, state: "Accepted" }),
  },
};

/** What actions write that make the other proposals mean something else. */
export const dropped: Rows = {
  [TABLES.proposalsInfo]: {
    [otherOpenProposal]: json({
      ballots: { [bob.id]: "a ballot" },
      proposer_id: alice.id,
      state: "Dropped",
    }),
  },
};

export function serviceWith(fields: Partial<typeof service>): Rows {
  return { [TABLES.serviceInfo]: { [ONE]: json({ ...service, ...fields }) } };
}

/** JSON as it is written: without spaces, fields in their order. */
export function json(value: unknown): string {
  return JSON.stringify(value);
}

function textRows<Name extends "cert" | "encryptionKey">(
  parties: readonly ({ id: string } & Record<Name, string>)[],
  name: Name,
): Record<string, string> {
  return Object.fromEntries(parties.map((party) => [party.id, party[name]]));
}

function certificate(subject: string): string {
  return createSelfSigned({ keyPem: generateEcKeyPem(), subject, days: 90 });
}
