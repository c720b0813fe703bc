// SPDX-License-Identifier: Apache-2.0
import { zAddress, zDuration, zSize } from "@consortium/kit";
import { z } from "zod";

const address = zAddress();
const file = z.string().min(1);

/** A network interface: where it listens, and how others reach it. */
export const interfaceSchema = z.strictObject({
  bind_address: address,
  /** Default: the bind address. */
  published_address: address.optional(),
});

const joinSchema = z.strictObject({
  /** Where a node that is part of the network serves clients. */
  target_rpc_address: address,
  /** How long to wait before asking again while Pending. */
  retry_timeout: zDuration().default(1000),
});

/** What every process of the network is configured with; CCF's names where CCF has the field. */
export const peerConfigShape = {
  network: z.strictObject({
    node_to_node_interface: interfaceSchema,
    rpc_interfaces: z
      .record(z.string(), interfaceSchema)
      .refine((interfaces) => Object.keys(interfaces).length > 0, "needs at least one interface"),
  }),
  node_certificate: z
    .strictObject({
      subject_name: z.string().startsWith("CN=").default("CN=CCF Node"),
      /** `iPAddress:…` or `dNSName:…`; default: the hosts of the published addresses. */
      subject_alt_names: z.array(z.string().regex(/^(iPAddress|dNSName):\S+$/)).default([]),
      curve_id: z.enum(["Secp384R1", "Secp256R1"]).default("Secp384R1"),
      initial_validity_days: z.int().min(1).max(3650).default(1),
    })
    .prefault({}),
  /** An opaque JSON document shown with the node. */
  node_data_json_file: file.optional(),
  store: z.strictObject({
    /** A file with the PostgreSQL connection string, readable by the owner only. */
    url_file: file,
    /** How long a primary leads without renewing its lease. */
    lease: zDuration().default(1000),
  }),
  output_files: z
    .strictObject({
      node_certificate_file: file.default("nodecert.pem"),
      /** The node's identity: its keys (mode 0600). Kept, so that the node can be restarted. */
      node_private_key_file: file.default("node_privk.pem"),
      /** What the node last verified; a store that is behind it is refused. */
      checkpoint_file: file.default("checkpoint.json"),
      pid_file: file.default("node.pid"),
      rpc_addresses_file: file.optional(),
    })
    .prefault({}),
  limits: z
    .strictObject({
      max_message_size: zSize().default(4 * 1024 * 1024),
      max_uncommitted_tx_count: z.int().min(1).default(10_000),
    })
    .prefault({}),
  metrics: z.strictObject({ bind_address: address }).optional(),
  logging: z
    .strictObject({
      format: z.enum(["Text", "Json"]).default("Text"),
      level: z.enum(["trace", "debug", "info", "warn", "error"]).default("info"),
    })
    .prefault({}),
};

/** A process that can only join: governance and recovery. */
export const joinerConfigSchema = z.strictObject({
  ...peerConfigShape,
  command: z.strictObject({
    type: z.literal("Join"),
    /** The service certificate, handed over out of band; the anchor of trust. */
    service_certificate_file: file.default("service_cert.pem"),
    join: joinSchema,
  }),
});

export type JoinerConfig = z.infer<typeof joinerConfigSchema>;
export type PeerConfig = Omit<JoinerConfig, "command">;
export { address as addressSchema, file as fileSchema, joinSchema };
