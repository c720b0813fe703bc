// SPDX-License-Identifier: Apache-2.0
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ccfctl } from "./ccfctl.js";
import type { Consortium } from "./consortium.js";
import type { Participant } from "./participants.js";

/** The real `ccfctl` in the folder of a consortium, with a context of it. */
export async function ccfctlOf(consortium: Consortium): Promise<Ccfctl> {
  const file = join(consortium.folder, "contexts.json");
  const identities = (participants: readonly Participant[]): object =>
    Object.fromEntries(
      participants.map(({ name, keyFile, certificateFile }) => [
        name,
        { key: keyFile, certificate: certificateFile },
      ]),
    );
  const { addresses, members, users } = consortium;
  const definition = {
    nodeAddress: addresses.node.rpc,
    governanceAddress: addresses.governance.rpc,
    recoveryAddress: addresses.recovery.rpc,
    serviceCertificate: consortium.serviceCertificateFile,
    members: identities(members),
    member: members[0]?.name,
    users: identities(users),
    user: users[0]?.name,
    databaseUrl: consortium.storeUrls.auditor,
  };
  await writeFile(file, JSON.stringify({ current: "test", contexts: { test: definition } }));
  return new Ccfctl({ cwd: consortium.folder, env: { CCFCTL_CONTEXT: file } });
}
