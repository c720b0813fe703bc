// SPDX-License-Identifier: Apache-2.0
import { dataFlags, idArgument, readData } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_user_data",
  summary: "Propose new data of a user; without data, to delete it.",
  examples: [
    "<%= config.bin %> propose user set-data 2cf067ac46b52be737ad2871b1a3614c46c721eab41834cb42fdc838aa7a3bc7 --data-file user.json",
  ],
  flags: dataFlags,
  args: { user: idArgument("user id") },
  async build({ args, flags }) {
    const data = await readData(flags);
    return { user_id: args.user, ...(data === undefined ? {} : { user_data: data }) };
  },
});
