// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { renderFields } from "../../render/table.js";
import { statusWord } from "../../render/text.js";
import { ServiceCommand } from "../../service-command.js";

interface RecoveryStatusResult {
  serviceStatus: string;
  recoveryThreshold: number;
  submittedCount: number;
  shareHolders: string[];
}

export default class RecoveryStatus extends ServiceCommand {
  static override summary =
    "Show who holds recovery shares, and how many a recovery needs and has.";
  static override examples = ["<%= config.bin %> recovery status"];
  static override flags = serviceFlags;

  async run(): Promise<RecoveryStatusResult> {
    const { flags } = await this.parse(RecoveryStatus);
    using client = await this.recovery(flags);
    const { serviceStatus, recoveryThreshold, submittedCount, shareHolders } =
      await client.getRecoveryStatus({});
    const result = {
      serviceStatus,
      recoveryThreshold,
      submittedCount,
      shareHolders: [...shareHolders],
    };
    this.log(
      renderFields([
        ["service", statusWord(serviceStatus)],
        ["shares needed", String(recoveryThreshold)],
        ["shares submitted", String(submittedCount)],
        [
          "share holders",
          result.shareHolders.length === 0 ? "none" : result.shareHolders.join("\n"),
        ],
      ]),
    );
    return result;
  }
}
