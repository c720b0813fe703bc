// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { dataFlags, readObjectData } from "../../../flags/action-arguments.js";
import { readCertificate, readPublicKeyPem } from "../../../input/certificate.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_member",
  summary: "Propose a new member, or new keys or data of one.",
  examples: [
    "<%= config.bin %> propose member add --member-cert member3_cert.pem --encryption-key member3_enc_pubk.pem",
    "<%= config.bin %> propose member add --member-cert operator_cert.pem --data '{\"is_operator\": true}'",
  ],
  flags: {
    ...dataFlags,
    "member-cert": Flags.string({
      required: true,
      helpValue: "FILE",
      description: "certificate of the member (PEM)",
    }),
    "encryption-key": Flags.string({
      helpValue: "FILE",
      description: "public encryption key, so that the member gets a recovery share (PEM)",
    }),
    "recovery-role": Flags.option({
      options: ["NonParticipant", "Participant", "Owner"] as const,
      dependsOn: ["encryption-key"],
      description: "part in recovery; an owner can recover alone",
    })(),
  },
  async build({ flags }) {
    const { "member-cert": file, "encryption-key": keyFile, "recovery-role": role } = flags;
    const { pem } = await readCertificate(file);
    const data = await readObjectData(flags);
    return {
      cert: pem,
      ...(keyFile === undefined ? {} : { encryption_pub_key: await readPublicKeyPem(keyFile) }),
      ...(data === undefined ? {} : { member_data: data }),
      ...(role === undefined ? {} : { recovery_role: role }),
    };
  },
});
