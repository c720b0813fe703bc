// SPDX-License-Identifier: Apache-2.0
import { zDuration, zSize } from "@consortium/kit";
import { fileSchema as file, joinSchema, peerConfigShape } from "@consortium/ledger";
import { z } from "zod";

/** A snapshot adds two transactions itself: its evidence, and the signature. */
const SNAPSHOT_TX_COUNT_MIN = 10;

const days = z.int().min(1).max(3650);

const memberSchema = z.strictObject({
  certificate_file: file,
  encryption_public_key_file: file.optional(),
  data_json_file: file.optional(),
  recovery_role: z.enum(["NonParticipant", "Participant", "Owner"]).optional(),
});

const startSchema = z.strictObject({
  /** Joined in this order, each followed by a newline. */
  constitution_files: z.array(file).min(1),
  members: z.array(memberSchema).min(1),
  initial_service_certificate_validity_days: days.default(1),
  service_subject_name: z.string().startsWith("CN=").default("CN=CCF Service"),
  cose_signatures: z
    .strictObject({ issuer: z.string().default(""), subject: z.string().default("") })
    .prefault({}),
  service_configuration: z
    .strictObject({
      /** 0: as many as there are recovery members. */
      recovery_threshold: z.int().min(0).max(254).default(0),
      maximum_node_certificate_validity_days: days.default(365),
      maximum_service_certificate_validity_days: days.default(365),
      recent_cose_proposals_window_size: z.int().min(1).max(10_000).default(100),
    })
    .prefault({}),
});

const serviceCertificateFile = file.default("service_cert.pem");

/** The configuration of a ledger node. */
export const nodeConfigSchema = z.strictObject({
  ...peerConfigShape,
  command: z.discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("Start"),
      /** Written at the start of a new service. */
      service_certificate_file: serviceCertificateFile,
      start: startSchema,
    }),
    z.strictObject({
      type: z.literal("Join"),
      /** Handed over out of band: the anchor of trust. */
      service_certificate_file: serviceCertificateFile,
      join: joinSchema,
    }),
  ]),
  service_data_json_file: file.optional(),
  ledger: z.strictObject({ chunk_size: zSize().default(5 * 1024 * 1024) }).prefault({}),
  consensus: z
    .strictObject({
      /** How often a primary tells the others that it leads. */
      message_timeout: zDuration().default(100),
      /** How long a primary goes on without the answers of a majority. */
      election_timeout: zDuration().default(5000),
    })
    .prefault({}),
  /** When a primary puts a snapshot beside the ledger. */
  snapshots: z
    .strictObject({
      /** Seqnos from one to the next; 0: only when the time has come, or when members ask for one. */
      tx_count: z
        .int()
        .refine((count) => count === 0 || count >= SNAPSHOT_TX_COUNT_MIN, {
          message: `must be 0, or at least ${SNAPSHOT_TX_COUNT_MIN}`,
        })
        .default(10_000),
      /** New transactions that are worth one when the time has come. */
      min_tx_count: z.int().min(1).default(2),
      /** 0: the time never comes. */
      time_interval: zDuration().default(0),
    })
    .prefault({}),
  /** How many transactions one signature covers at the most, and how long one may wait for it. */
  ledger_signatures: z
    .strictObject({
      tx_count: z.int().min(1).max(100_000).default(5000),
      delay: zDuration().default(0),
    })
    .prefault({}),
});

export type NodeConfig = z.infer<typeof nodeConfigSchema>;
export type StartConfig = z.infer<typeof startSchema>;
