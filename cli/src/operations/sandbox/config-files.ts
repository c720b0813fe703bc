// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { writeFileAtomic } from "@consortium/kit/lifecycle";
import type { Json, JsonObject } from "../../json.js";
import { keyFile, MEMBERS, type ProcessName, PROGRAM_OF, type SandboxLayout } from "./layout.js";
import { PID_FILE } from "./processes.js";
import { addressOf, nodeToNodeAddressOf, type SandboxState } from "./state.js";

const CERTIFICATE_DAYS = 90;
export const STORE_URL_FILE = "store.url";

/** Writes the configuration of a process, unless it is there: a person may have changed it. */
export async function writeConfig(
  layout: SandboxLayout,
  state: SandboxState,
  name: ProcessName,
  command: JsonObject,
): Promise<void> {
  const file = layout.configOf(name);
  await mkdir(dirname(file), { recursive: true });
  if (existsSync(file)) return;
  const config = {
    network: {
      node_to_node_interface: { bind_address: nodeToNodeAddressOf(state, name) },
      rpc_interfaces: { primary_rpc_interface: { bind_address: addressOf(state, name) } },
    },
    node_certificate: {
      subject_name: `CN=Sandbox ${PROGRAM_OF[name]} node`,
      initial_validity_days: CERTIFICATE_DAYS,
    },
    store: { url_file: STORE_URL_FILE },
    output_files: { pid_file: PID_FILE },
    command,
  };
  await writeFileAtomic(file, `${JSON.stringify(config, undefined, 2)}\n`);
}

/** The command of the node that starts the service. */
export function startCommandConfig(
  layout: SandboxLayout,
  constitutionFiles: readonly string[],
): JsonObject {
  const from = (path: string): string => relative(layout.folderOf("node0"), path);
  return {
    type: "Start",
    service_certificate_file: from(layout.serviceCertificate),
    start: {
      constitution_files: constitutionFiles.map((file) => from(file)),
      members: MEMBERS.map((name): Json => ({
        certificate_file: from(keyFile(layout, name, "cert")),
        encryption_public_key_file: from(keyFile(layout, name, "enc_pubk")),
      })),
      initial_service_certificate_validity_days: CERTIFICATE_DAYS,
      service_subject_name: "CN=Sandbox Service",
      service_configuration: { recovery_threshold: 2 },
    },
  };
}

export function joinCommandConfig(
  layout: SandboxLayout,
  state: SandboxState,
  name: ProcessName,
): JsonObject {
  return {
    type: "Join",
    service_certificate_file: relative(layout.folderOf(name), layout.serviceCertificate),
    join: { target_rpc_address: addressOf(state, "node0"), retry_timeout: "200ms" },
  };
}
