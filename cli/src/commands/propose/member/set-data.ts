// SPDX-License-Identifier: Apache-2.0
import { cliErrors } from "../../../errors.js";
import { dataFlags, idArgument, readObjectData } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_member_data",
  summary: "Propose new data of a member.",
  examples: [
    "<%= config.bin %> propose member set-data d16982561337a4a08d57e654b6640266d0aced4b360ac06fca780b708e8aaeaf --data '{\"is_operator\": true}'",
  ],
  flags: dataFlags,
  args: { member: idArgument("member id") },
  async build({ args, flags }) {
    const data = await readObjectData(flags);
    if (data === undefined) throw cliErrors("INVALID_INPUT", "no data: give --data or --data-file");
    return { member_id: args.member, member_data: data };
  },
});
