// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { Config, Plugin } from "@oclif/core";

/** The folder of this package. */
export const ROOM = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");

/** Every command of ours, read from the compiled files, never from a manifest that may be old. */
export async function loadPlugin(): Promise<Plugin> {
  const plugin = new Plugin({
    root: ROOM,
    type: "core",
    ignoreManifest: true,
    errorOnManifestCreate: true,
  });
  await plugin.load();
  return plugin;
}

export function loadConfig(): Promise<Config> {
  return Config.load({ root: ROOM, ignoreManifest: true });
}
