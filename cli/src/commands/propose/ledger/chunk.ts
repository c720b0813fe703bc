// SPDX-License-Identifier: Apache-2.0
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "trigger_ledger_chunk",
  summary: "Propose to end the current ledger chunk at the next signature.",
  examples: ["<%= config.bin %> propose ledger chunk"],
  build: () => undefined,
});
