// SPDX-License-Identifier: Apache-2.0
import { textArgument } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "remove_ca_cert_bundle",
  summary: "Propose to remove a bundle of CA certificates.",
  examples: ["<%= config.bin %> propose ca-bundle remove jwt-issuers"],
  args: { name: textArgument("name of the bundle") },
  build: ({ args }) => ({ name: args.name }),
});
