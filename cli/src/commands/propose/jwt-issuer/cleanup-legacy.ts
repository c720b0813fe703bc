// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "cleanup_legacy_jwt_records",
  summary: "Propose to clear the key tables of older versions.",
  examples: ["<%= config.bin %> propose jwt-issuer cleanup-legacy --ensure-new-records-exist"],
  flags: {
    "ensure-new-records-exist": Flags.boolean({
      allowNo: true,
      description: "only if the new tables have keys",
    }),
  },
  build({ flags }) {
    const ensure = flags["ensure-new-records-exist"];
    return ensure === undefined ? {} : { ensure_new_records_exist: ensure };
  },
});
