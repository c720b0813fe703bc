// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { asObject, fileArgument } from "../../../flags/action-arguments.js";
import { readInputJson } from "../../../input/read-input.js";
import type { Json } from "../../../json.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_js_app",
  summary: "Propose a JavaScript application.",
  examples: ["<%= config.bin %> propose js-app set bundle.json"],
  flags: {
    "disable-bytecode-cache": Flags.boolean({
      description: "compile at each call instead of once",
    }),
  },
  args: { bundle: fileArgument("file with the bundle: metadata and modules (JSON)") },
  async build({ args, flags }) {
    const bundle = asObject((await readInputJson(args.bundle)) as Json, args.bundle);
    return { bundle, ...(flags["disable-bytecode-cache"] ? { disable_bytecode_cache: true } : {}) };
  },
});
