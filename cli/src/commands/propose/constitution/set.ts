// SPDX-License-Identifier: Apache-2.0
import { Args } from "@oclif/core";
import { readInputText } from "../../../input/read-input.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_constitution",
  summary: "Propose a new constitution.",
  description:
    "Proposes the action set_constitution. Several files are joined in the order given, each followed by a newline, as the node does at its start.",
  examples: [
    "<%= config.bin %> propose constitution set actions.js validate.js resolve.js apply.js",
  ],
  args: {
    files: Args.string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: "files of the constitution (JavaScript)",
    }),
  },
  async build({ args }) {
    const texts = await Promise.all(args.files.map((file) => readInputText(file)));
    return { constitution: texts.map((text) => `${text}\n`).join("") };
  },
});
