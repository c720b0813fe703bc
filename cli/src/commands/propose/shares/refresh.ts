// SPDX-License-Identifier: Apache-2.0
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "trigger_recovery_shares_refresh",
  summary: "Propose new recovery shares for the same ledger secret.",
  examples: ["<%= config.bin %> propose shares refresh"],
  build: () => undefined,
});
