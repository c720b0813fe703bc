// SPDX-License-Identifier: Apache-2.0
import { Command, ux } from "@oclif/core";
import { type Context, type ContextPlaces, resolveContext } from "./context/index.js";
import { describeFailure, failureToJson, failureToOclif } from "./failure.js";

/**
 * What all commands share. `run()` of each returns the result as JSON types, so that what `--json`
 * prints and what is rendered for people cannot drift apart.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  protected override async catch(error: Error & { exitCode?: number }): Promise<void> {
    if ("oclif" in error && "code" in error && error.code === "EEXIT") throw error;
    const failure = describeFailure(error, this.id);
    if (this.jsonEnabled()) {
      process.exitCode = failure.exitCode;
      this.logJson(failureToJson(failure));
      return;
    }
    throw failureToOclif(failure);
  }

  protected contextPlaces(): ContextPlaces {
    return { directory: process.cwd(), environment: process.env };
  }

  protected readContext(flags: { context?: string | undefined }): Promise<Context> {
    return resolveContext(flags.context, this.contextPlaces());
  }

  /** Plain JSON, without colours, so that it is the same on a terminal and in a pipe. */
  protected override logJson(json: unknown): void {
    ux.stdout("%s", JSON.stringify(json, undefined, 2));
  }
}
