// SPDX-License-Identifier: Apache-2.0
import { textArgument } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "remove_jwt_issuer",
  summary: "Propose to remove an issuer and its keys.",
  examples: ["<%= config.bin %> propose jwt-issuer remove https://login.example.com"],
  args: { issuer: textArgument("issuer, as in the tokens") },
  build: ({ args }) => ({ issuer: args.issuer }),
});
