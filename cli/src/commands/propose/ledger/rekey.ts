// SPDX-License-Identifier: Apache-2.0
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "trigger_ledger_rekey",
  summary: "Propose a new ledger secret.",
  description:
    "Proposes the action trigger_ledger_rekey. What is written afterwards is encrypted with the new secret; new recovery shares are issued.",
  examples: ["<%= config.bin %> propose ledger rekey"],
  build: () => undefined,
});
