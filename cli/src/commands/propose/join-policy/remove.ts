// SPDX-License-Identifier: Apache-2.0
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "remove_node_join_policy",
  summary: "Propose to remove the join policy script.",
  examples: ["<%= config.bin %> propose join-policy remove"],
  build: () => undefined,
});
