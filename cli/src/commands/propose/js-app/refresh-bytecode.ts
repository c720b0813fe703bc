// SPDX-License-Identifier: Apache-2.0
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "refresh_js_app_bytecode_cache",
  summary: "Propose to compile the JavaScript application again.",
  examples: ["<%= config.bin %> propose js-app refresh-bytecode"],
  build: () => undefined,
});
