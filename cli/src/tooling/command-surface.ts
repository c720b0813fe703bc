// SPDX-License-Identifier: Apache-2.0
import type { Command } from "@oclif/core";
import { loadPlugin } from "./load-commands.js";

/** What scripts rely on: the names of commands, arguments and flags, and what is required. */
export interface CommandSurface {
  args: string[];
  flags: string[];
}

export async function readCommandSurface(): Promise<Record<string, CommandSurface>> {
  const { manifest } = await loadPlugin();
  const ids = Object.keys(manifest.commands).sort();
  return Object.fromEntries(
    ids.flatMap((id) => {
      const command = manifest.commands[id];
      return command === undefined ? [] : [[id.replaceAll(":", " "), surfaceOf(command)]];
    }),
  );
}

function surfaceOf(command: Command.Cached): CommandSurface {
  return {
    args: Object.values(command.args).map(({ name, required, multiple }) => {
      const text = multiple === true ? `${name}...` : name;
      return required === true ? text : `[${text}]`;
    }),
    flags: Object.values(command.flags)
      .map((flag) => describeFlag(flag))
      .sort(),
  };
}

function describeFlag(flag: Command.Flag.Cached): string {
  const names = `--${flag.name}${flag.char === undefined ? "" : ` -${flag.char}`}`;
  if (flag.type === "boolean") return names;
  const value = flag.options === undefined ? "VALUE" : flag.options.join("|");
  return `${names} ${value}${flag.required === true ? " (required)" : ""}`;
}
