// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";
import { runService } from "@consortium/kit";
import { type LedgerFollower, runJoiner } from "@consortium/ledger";
import { node } from "@consortium/proto";
import type { LedgerPort } from "./ports.js";
import { createGovernanceService } from "./rpc.js";

const USAGE = `ccf-governance --config FILE

  --config FILE  the process's configuration, TOML or JSON (services/governance/README.md)
`;

const { values } = parseArgs({
  options: { config: { type: "string" }, help: { type: "boolean" } },
});

if (values.help === true || values.config === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = values.help === true ? 0 : 2;
} else {
  const path = values.config;
  await runService({ name: "ccf-governance" }, (scope) =>
    runJoiner(
      path,
      {
        name: "ccf-governance",
        role: node.NodeRole.GOVERNANCE,
        services: async (follower, { log, scope: { stack } }) => [
          stack.use(await createGovernanceService({ ledger: ledgerPort(follower), log })),
        ],
      },
      scope,
    ),
  );
}

/** The verified replica and the channel to the primary, as governance sees them. */
function ledgerPort(follower: LedgerFollower): LedgerPort {
  return {
    snapshot: () => follower.snapshot(),
    submit: (transaction, { signal }) => follower.submit(transaction, signal),
    reached: (seqno, { signal }) => follower.reached(seqno, signal),
  };
}
