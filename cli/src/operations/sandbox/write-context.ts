// SPDX-License-Identifier: Apache-2.0
import { type ContextDefinition, writeContextFile } from "../../context/index.js";
import { MEMBERS, type SandboxLayout, USER } from "./layout.js";
import { addressOf, type SandboxState } from "./state.js";

/** The context by which `ccfctl` finds the sandbox without a flag. */
export async function writeContext(
  layout: SandboxLayout,
  state: SandboxState,
  databaseUrl: string,
): Promise<void> {
  const identity = (name: string) => ({
    key: `keys/${name}_privk.pem`,
    certificate: `keys/${name}_cert.pem`,
  });
  const definition: ContextDefinition = {
    nodeAddress: addressOf(state, "node0"),
    governanceAddress: addressOf(state, "governance0"),
    recoveryAddress: addressOf(state, "recovery0"),
    serviceCertificate: "service_cert.pem",
    members: Object.fromEntries(
      MEMBERS.map((name) => [
        name,
        { ...identity(name), encryptionKey: `keys/${name}_enc_privk.pem` },
      ]),
    ),
    member: MEMBERS[0],
    users: { [USER]: identity(USER) },
    user: USER,
    databaseUrl,
  };
  await writeContextFile(layout.contextFile, {
    current: "sandbox",
    contexts: { sandbox: definition },
  });
}
