// SPDX-License-Identifier: Apache-2.0
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "remove_js_app",
  summary: "Propose to remove the JavaScript application.",
  examples: ["<%= config.bin %> propose js-app remove"],
  build: () => undefined,
});
