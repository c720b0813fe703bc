// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";
import { runService } from "@consortium/kit";
import { runJoiner } from "@consortium/ledger";
import { node, recovery } from "@consortium/proto";
import { createRecoveryService } from "./recovery-service.js";

const USAGE = `ccf-recovery --config FILE

  --config FILE  the process's configuration, TOML or JSON (services/recovery/README.md)
`;

const { values } = parseArgs({
  options: { config: { type: "string" }, help: { type: "boolean" } },
});

if (values.help === true || values.config === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = values.help === true ? 0 : 2;
} else {
  const path = values.config;
  await runService({ name: "ccf-recovery" }, (scope) =>
    runJoiner(
      path,
      {
        name: "ccf-recovery",
        role: node.NodeRole.RECOVERY,
        services: async (follower) => [
          {
            definition: recovery.RecoveryServiceService,
            implementation: createRecoveryService(() => follower.snapshot().kv),
          },
        ],
      },
      scope,
    ),
  );
}
