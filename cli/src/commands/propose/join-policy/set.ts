// SPDX-License-Identifier: Apache-2.0
import { fileArgument } from "../../../flags/action-arguments.js";
import { readInputText } from "../../../input/read-input.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_node_join_policy",
  summary: "Propose a script that decides which nodes may join.",
  examples: ["<%= config.bin %> propose join-policy set policy.rego"],
  args: { file: fileArgument("file with the policy") },
  build: async ({ args }) => ({ policy: await readInputText(args.file) }),
});
