// SPDX-License-Identifier: Apache-2.0
import { encodeJson, rows, SINGLETON_KEY, TABLES, Transaction, KvState } from "@consortium/ledger";
import type { JsonObject, NodeIdentity, WriteSet } from "@consortium/ledger";
import type { StartConfig } from "../config.js";
import type { SecretVersion } from "../effects/secret-version.js";
import { wrapSecretsForNodes } from "../effects/wrap-for-nodes.js";
import type { InitialMember } from "./members.js";

export interface GenesisInput {
  readonly identity: NodeIdentity;
  /** The row of this node in `nodes.info`, without its status. */
  readonly nodeRow: JsonObject;
  readonly endorsedCertificate: string;
  readonly serviceCertificate: string;
  /** The private scalar of the service key. */
  readonly serviceKeyScalar: Uint8Array;
  readonly secret: SecretVersion;
  readonly members: readonly InitialMember[];
  readonly constitution: string;
  readonly start: StartConfig;
  readonly serviceData: JsonObject[string];
  readonly virtual: { readonly measurement: string; readonly hostData: string };
  readonly transactionId: string;
}

/** The first transaction of a ledger: everything a verifier must know (reference A.3). */
export function genesisWrites(input: GenesisInput): WriteSet {
  const transaction = new Transaction(new KvState().latest);
  const put = (map: string, key: string, value: Uint8Array | string): void =>
    transaction.put(map, key, Buffer.from(value as string));
  for (const member of input.members) {
    put(TABLES.membersCerts, member.id, member.certificate);
    if (member.encryptionKey !== undefined) {
      put(TABLES.membersEncryptionPublicKeys, member.id, member.encryptionKey);
    }
    put(TABLES.membersInfo, member.id, rows.membersInfo.encode(member.info));
    put(TABLES.membersAcks, member.id, rows.membersAcks.encode({ state_digest: "" }));
  }
  const { nodeId } = input.identity;
  const row = { ...input.nodeRow, status: "Trusted" };
  put(TABLES.nodesInfo, nodeId, encodeJson(row));
  put(TABLES.nodesEndorsedCertificates, nodeId, input.endorsedCertificate);
  put(TABLES.nodesVirtualMeasurements, input.virtual.measurement, encodeJson("AllowedToJoin"));
  put(TABLES.nodesVirtualHostData, input.virtual.hostData, new Uint8Array(8));
  put(TABLES.constitution, SINGLETON_KEY, encodeJson(input.constitution));
  put(TABLES.serviceConfig, SINGLETON_KEY, rows.serviceConfig.encode(serviceConfig(input)));
  put(
    TABLES.serviceInfo,
    SINGLETON_KEY,
    rows.serviceInfo.encode({
      cert: input.serviceCertificate,
      status: "Opening",
      recovery_count: 0,
      current_service_create_txid: input.transactionId,
      ...(input.serviceData === undefined ? {} : { service_data: input.serviceData as never }),
    }),
  );
  put(COSE_SIGNATURES_CONFIG, SINGLETON_KEY, encodeJson({ ...input.start.cose_signatures }));
  const { serviceKeyScalar, secret } = input;
  wrapSecretsForNodes(transaction, { serviceKeyScalar, secrets: [secret] });
  return transaction.writes;
}

/** CWT issuer and subject of the ledger's COSE signatures: every later primary uses the same. */
export const COSE_SIGNATURES_CONFIG = "public:ccf.internal.cose_signatures_config";

function serviceConfig({
  start,
  members,
}: GenesisInput): Parameters<typeof rows.serviceConfig.encode>[0] {
  const { recovery_threshold: configured, ...limits } = start.service_configuration;
  return { ...limits, recovery_threshold: recoveryThreshold(configured, members) };
}

/** 0 stands for all participants, or 1 if there are owners only (reference F.2). */
function recoveryThreshold(configured: number, members: readonly InitialMember[]): number {
  if (configured > 0) return configured;
  const participants = members.filter(({ recovers }) => recovers === "Participant").length;
  const owners = members.filter(({ recovers }) => recovers === "Owner").length;
  return participants > 0 ? participants : Math.min(owners, 1);
}
