// SPDX-License-Identifier: Apache-2.0
import { idArgument } from "../../../flags/action-arguments.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "remove_member",
  summary: "Propose to remove a member.",
  description:
    "Proposes the action remove_member. Refused when too few members with recovery shares would be left; the ledger gets a new key with it.",
  examples: [
    "<%= config.bin %> propose member remove d16982561337a4a08d57e654b6640266d0aced4b360ac06fca780b708e8aaeaf",
  ],
  args: { member: idArgument("member id") },
  build: ({ args }) => ({ member_id: args.member }),
});
