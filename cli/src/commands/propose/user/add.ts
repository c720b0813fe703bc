// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { dataFlags, readData } from "../../../flags/action-arguments.js";
import { readCertificate } from "../../../input/certificate.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_user",
  summary: "Propose a new user, or new data of one.",
  examples: [
    "<%= config.bin %> propose user add --user-cert user0_cert.pem",
    '<%= config.bin %> propose user add --user-cert user0_cert.pem --data \'{"department": "claims"}\' --wait',
  ],
  flags: {
    ...dataFlags,
    "user-cert": Flags.string({
      required: true,
      helpValue: "FILE",
      description: "certificate of the user (PEM)",
    }),
  },
  async build({ flags }) {
    const { pem } = await readCertificate(flags["user-cert"]);
    const data = await readData(flags);
    return { cert: pem, ...(data === undefined ? {} : { user_data: data }) };
  },
});
