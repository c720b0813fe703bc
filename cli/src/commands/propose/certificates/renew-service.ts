// SPDX-License-Identifier: Apache-2.0
import { validityArguments, validityFlags } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_service_certificate_validity",
  summary: "Propose a new validity of the service certificate.",
  examples: ["<%= config.bin %> propose certificates renew-service --validity-days 365"],
  flags: validityFlags,
  build: ({ flags }) => validityArguments(flags),
});
