// SPDX-License-Identifier: Apache-2.0
import { idArgument } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "remove_user",
  summary: "Propose to remove a user.",
  examples: [
    "<%= config.bin %> propose user remove 2cf067ac46b52be737ad2871b1a3614c46c721eab41834cb42fdc838aa7a3bc7",
  ],
  args: { user: idArgument("user id") },
  build: ({ args }) => ({ user_id: args.user }),
});
