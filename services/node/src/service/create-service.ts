// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  certificateFacts,
  createServiceCertificate,
  endorse,
  generateEcKeyPem,
  writeFileAtomic,
} from "@consortium/kit";
import {
  type GroupStore,
  type JsonObject,
  KvState,
  type NodeIdentity,
  VIRTUAL_MEASUREMENT,
  type VirtualQuote,
  ViewHistory,
  type WriteSet,
} from "@consortium/ledger";
import { type NodeDescription, nodeRow } from "../admission/node-row.js";
import type { NodeConfig, StartConfig } from "../config.js";
import { ServiceKeys } from "../effects/service-keys.js";
import { genesisWrites } from "../genesis/genesis.js";
import { readMembers } from "../genesis/members.js";
import { nodeErrors } from "../errors.js";
import type { LeadableState } from "../group/leadable-state.js";
import { Checkpoint } from "./checkpoint.js";
import { scalarOfKey } from "./service-key.js";

export interface CreateServiceOptions {
  readonly config: NodeConfig;
  readonly start: StartConfig;
  /** Resolves a path of the configuration. */
  readonly resolve: (file: string) => string;
  readonly identity: NodeIdentity;
  readonly description: NodeDescription;
  readonly store: GroupStore;
}

export interface CreatedService {
  readonly state: LeadableState;
  readonly genesis: WriteSet;
  readonly checkpoint: Checkpoint;
}

/** Begins a new service: its key, its first ledger secret, and the genesis transaction. */
export async function createService(options: CreateServiceOptions): Promise<CreatedService> {
  const { config, start, resolve, identity, store } = options;
  const [members, constitution, serviceData] = await Promise.all([
    readMembers(start, resolve),
    readConstitution(start, resolve),
    readJson(config.service_data_json_file, resolve),
  ]);
  const keyPem = generateEcKeyPem("Secp384R1");
  const certificate = createServiceCertificate({
    keyPem,
    subject: start.service_subject_name,
    days: start.initial_service_certificate_validity_days,
  });
  const secret = { version: 1, raw: randomBytes(32) };
  const nodeCertificate = endorse({
    csr: options.description.signingRequest,
    issuerKeyPem: keyPem,
    issuerCert: certificate,
    days: config.node_certificate.initial_validity_days,
  });
  const lease = await store.acquireLease(0);
  if (lease.outcome !== "acquired") {
    throw nodeErrors("LEASE_HELD", "another process is starting a service on this store", {
      hint: "stop the other process, or name another database",
    });
  }
  const checkpoint = await Checkpoint.create(
    resolve(config.output_files.checkpoint_file),
    certificateFacts(certificate).nodeId,
  );
  await writeFileAtomic(resolve(config.command.service_certificate_file), certificate);
  const quote = JSON.parse(Buffer.from(options.description.quote.quote).toString()) as VirtualQuote;
  const genesis = genesisWrites({
    identity,
    nodeRow: { ...nodeRow(options.description), ledger_secret_seqno: 1 },
    endorsedCertificate: nodeCertificate,
    serviceCertificate: certificate,
    serviceKeyScalar: scalarOfKey(keyPem),
    secret,
    members,
    constitution,
    start,
    serviceData,
    virtual: { measurement: VIRTUAL_MEASUREMENT, hostData: quote.host_data },
    transactionId: `${lease.view}.1`,
  });
  const state: LeadableState = {
    keys: new ServiceKeys(keyPem, certificate, [secret]),
    kv: new KvState(),
    history: new ViewHistory(),
    lastSeqno: 0,
    tree: new Uint8Array(),
    view: lease.view,
    leaseSentAt: lease.sentAt,
    nodeCertificate,
    coseSignatures: start.cose_signatures,
  };
  return { state, genesis, checkpoint };
}

async function readConstitution(
  start: StartConfig,
  resolve: (file: string) => string,
): Promise<string> {
  const texts = start.constitution_files.map((file) => readFile(resolve(file), "utf8"));
  return (await Promise.all(texts)).map((text) => `${text}\n`).join("");
}

async function readJson(
  file: string | undefined,
  resolve: (file: string) => string,
): Promise<JsonObject[string]> {
  if (file === undefined) return undefined;
  return JSON.parse(await readFile(resolve(file), "utf8")) as JsonObject[string];
}
