// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Logger, runService } from "@consortium/kit";
import {
  type JoinerContext,
  type LedgerFollower,
  openGroupReader,
  runJoiner,
} from "@consortium/ledger";
import { node } from "@consortium/proto";
import { LedgerHistory } from "./history/ledger-history.js";
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
        services: async (follower, context) => {
          const { log, scope: inner } = context;
          const history = inner.stack.use(await openHistory(path, context, log));
          const ledger = ledgerPort(follower);
          return [inner.stack.use(await createGovernanceService({ ledger, history, log }))];
        },
      },
      scope,
    ),
  );
}

/** Reads the store with a connection of its own: what the tables forget is nowhere else. */
async function openHistory(
  configPath: string,
  { config, scope }: JoinerContext,
  log: Logger,
): Promise<LedgerHistory> {
  const fromConfig = (file: string): string => resolve(dirname(resolve(configPath)), file);
  const url = (await readFile(fromConfig(config.store.url_file), "utf8")).trim();
  const certificateFile = fromConfig(config.command.service_certificate_file);
  const reader = await openGroupReader({ url, group: 0, log: log.child({ area: "history" }) });
  scope.stack.use(reader);
  return new LedgerHistory({
    reader,
    serviceCertificate: await readFile(certificateFile, "utf8"),
  });
}

/** The verified replica and the channel to the primary, as governance sees them. */
function ledgerPort(follower: LedgerFollower): LedgerPort {
  return {
    snapshot: () => follower.snapshot(),
    submit: (transaction, { signal }) => follower.submit(transaction, signal),
    reached: (seqno, { signal }) => follower.reached(seqno, signal),
  };
}
