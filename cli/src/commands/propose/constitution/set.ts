// SPDX-License-Identifier: Apache-2.0
import { constitutionFilesArgument } from "../../../flags/constitution.js";
import { readConstitution } from "../../../operations/constitution/read-constitution.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_constitution",
  summary: "Propose a new constitution.",
  description:
    "Proposes the action set_constitution. Several files are joined in the order given, each followed by a newline, as the node does at its start. `constitution set` tries it first.",
  examples: [
    "<%= config.bin %> propose constitution set actions.js validate.js resolve.js apply.js",
  ],
  args: { files: constitutionFilesArgument },
  build: async ({ args }) => ({ constitution: await readConstitution(args.files) }),
});
