// SPDX-License-Identifier: Apache-2.0
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "trigger_snapshot",
  summary: "Propose a snapshot at the next signature.",
  examples: ["<%= config.bin %> propose snapshot create"],
  build: () => undefined,
});
