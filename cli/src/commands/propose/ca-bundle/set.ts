// SPDX-License-Identifier: Apache-2.0
import { fileArgument, textArgument } from "../../../flags/action-arguments.js";
import { readCertificate } from "../../../input/certificate.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_ca_cert_bundle",
  summary: "Propose a named bundle of CA certificates.",
  examples: ["<%= config.bin %> propose ca-bundle set jwt-issuers ca_bundle.pem"],
  args: {
    name: textArgument("name of the bundle"),
    file: fileArgument("file with the certificates (PEM)"),
  },
  build: async ({ args }) => ({
    name: args.name,
    cert_bundle: (await readCertificate(args.file)).pem,
  }),
});
