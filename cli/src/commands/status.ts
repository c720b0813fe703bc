// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { resolveTarget, type ServiceKind } from "../connect/target.js";
import type { Target } from "../connect/target.js";
import { exitCodeOf } from "../exit-codes.js";
import { serviceFlags } from "../flags/common.js";
import { lookAtEverything, type StatusResult } from "../operations/status.js";
import { renderStatus } from "../render/status.js";
import { ServiceCommand } from "../service-command.js";

const { address: _address, ...flagsOfAll } = serviceFlags;

function addressFlag(kind: string) {
  return Flags.string({
    helpGroup: "CONNECTION",
    helpValue: "HOST:PORT",
    description: `of the ${kind} service, instead of the context's`,
  });
}

export default class Status extends ServiceCommand {
  static override summary =
    "Look at everything: services, ledger, members, proposals, certificates.";
  static override description =
    "Exit code 8 says that a service could not be reached; what the others said is shown all the same.";
  static override examples = ["<%= config.bin %> status", "<%= config.bin %> status --json"];
  static override flags = {
    ...flagsOfAll,
    "node-address": addressFlag("node"),
    "governance-address": addressFlag("governance"),
    "recovery-address": addressFlag("recovery"),
  };

  async run(): Promise<StatusResult> {
    const { flags } = await this.parse(Status);
    const context = await this.readContext(flags);
    const { cacert, timeout } = flags;
    const target = async (
      kind: ServiceKind,
      given: string | undefined,
    ): Promise<Target | undefined> => {
      const address = given ?? context[`${kind}Address`];
      return address === undefined
        ? undefined
        : resolveTarget(kind, context, { address, cacert, timeout });
    };
    const node =
      (await target("node", flags["node-address"])) ??
      (await resolveTarget("node", context, flags));
    const status = await lookAtEverything({
      node,
      governance: await target("governance", flags["governance-address"]),
      recovery: await target("recovery", flags["recovery-address"]),
    });
    this.log(renderStatus(status));
    if (status.services.some(({ reachable }) => !reachable))
      process.exitCode = exitCodeOf("unavailable");
    return status;
  }
}
