// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { cliErrors } from "../../../errors.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_service_configuration",
  summary: "Propose settings of the service.",
  examples: ["<%= config.bin %> propose service configure --recent-proposals-window 200"],
  flags: {
    "recovery-threshold": Flags.integer({
      min: 1,
      max: 254,
      helpValue: "N",
      description: "shares needed for a recovery",
    }),
    "recent-proposals-window": Flags.integer({
      min: 1,
      max: 10_000,
      helpValue: "N",
      description: "proposals remembered against replay",
    }),
    "reconfiguration-type": Flags.option({
      options: ["OneTransaction", "TwoTransaction"] as const,
      description: "how changes of the node set are made",
    })(),
  },
  build({ flags }) {
    const {
      "recovery-threshold": threshold,
      "recent-proposals-window": window,
      "reconfiguration-type": type,
    } = flags;
    const args = {
      ...(type === undefined ? {} : { reconfiguration_type: type }),
      ...(threshold === undefined ? {} : { recovery_threshold: threshold }),
      ...(window === undefined ? {} : { recent_cose_proposals_window_size: window }),
    };
    if (Object.keys(args).length === 0) {
      throw cliErrors("INVALID_INPUT", "no setting was given", {
        hint: "Give at least one of the settings.",
      });
    }
    return args;
  },
});
