// SPDX-License-Identifier: Apache-2.0
import { Args } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { type Context, resolveContext } from "../../context/index.js";
import { cliErrors } from "../../errors.js";
import { contextFlag } from "../../flags/common.js";
import type { JsonObject } from "../../json.js";
import { renderFields } from "../../render/table.js";

export default class ContextShow extends BaseCommand {
  static override summary = "Show a connection: addresses, certificate and identities.";
  static override examples = ["<%= config.bin %> context show"];
  static override flags = contextFlag;
  static override args = {
    name: Args.string({
      ignoreStdin: true,
      description: "name of the context [default: the current one]",
    }),
  };

  async run(): Promise<JsonObject> {
    const { args, flags } = await this.parse(ContextShow);
    const context = await resolveContext(args.name ?? flags.context, this.contextPlaces());
    if (context.name === undefined) {
      throw cliErrors("CONTEXT_NOT_FOUND", "no context is in use", {
        hint: "See `ccfctl context list`, or bring up a local consortium with `ccfctl sandbox up`.",
      });
    }
    this.log(renderContext(context));
    // A password in the connection string is nobody's business on a screen.
    return JSON.parse(
      JSON.stringify({ ...context, databaseUrl: hidePassword(context.databaseUrl) }),
    ) as JsonObject;
  }
}

function renderContext(context: Context): string {
  const identities = (
    kind: "members" | "users",
    chosen: string | undefined,
  ): string | undefined => {
    const names = Object.keys(context[kind] ?? {});
    return names.length === 0
      ? undefined
      : names.map((name) => (name === chosen ? `${name} (used)` : name)).join(", ");
  };
  return renderFields([
    ["context", context.name],
    ["file", context.file],
    ["node", context.nodeAddress],
    ["governance", context.governanceAddress],
    ["recovery", context.recoveryAddress],
    ["service certificate", context.serviceCertificate],
    ["members", identities("members", context.member)],
    ["users", identities("users", context.user)],
    ["database", hidePassword(context.databaseUrl)],
  ]);
}

function hidePassword(url: string | undefined): string | undefined {
  return url?.replace(/(:\/\/[^:@/]+):[^@]*@/, "$1:***@");
}
