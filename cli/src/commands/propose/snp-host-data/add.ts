// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { Flags } from "@oclif/core";
import { cliErrors } from "../../../errors.js";
import { idArgument } from "../../../flags/action-arguments.js";
import { readInputText } from "../../../input/read-input.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "add_snp_host_data",
  summary: "Propose host data with which SEV-SNP nodes may join.",
  examples: [
    "<%= config.bin %> propose snp-host-data add 4f4448c67f3c8dfc8de8a5e37125d807dadcc41f06cf23f615dbd52eec777d10 --security-policy policy.rego",
  ],
  flags: {
    "security-policy": Flags.string({
      helpValue: "FILE",
      description: "policy whose SHA-256 is the host data [default: none]",
    }),
  },
  args: { "host-data": idArgument("host data") },
  async build({ args, flags }) {
    const hostData = args["host-data"];
    const file = flags["security-policy"];
    const policy = file === undefined ? "" : await readInputText(file);
    if (policy !== "" && createHash("sha256").update(policy).digest("hex") !== hostData) {
      throw cliErrors("INVALID_INPUT", "the SHA-256 of --security-policy is not the host data", {
        details: { argument: "security-policy" },
      });
    }
    return { host_data: hostData, security_policy: policy };
  },
});
