// SPDX-License-Identifier: Apache-2.0
import { join, relative, resolve } from "node:path";
import { CONTEXT_FILE } from "../../context/index.js";

/** The processes of a sandbox, in the order of their start. */
export const PROCESSES = ["node0", "governance0", "recovery0"] as const;
export type ProcessName = (typeof PROCESSES)[number];

export const PROGRAM_OF = {
  node0: "node",
  governance0: "governance",
  recovery0: "recovery",
} as const;

export const MEMBERS = ["member0", "member1", "member2"] as const;
export const USER = "user0";

/** Where everything of a sandbox lies. */
export interface SandboxLayout {
  root: string;
  postgres: string;
  keys: string;
  /** Settings that stay the same over restarts: ports and database passwords. Mode 0600. */
  stateFile: string;
  contextFile: string;
  serviceCertificate: string;
  folderOf(name: ProcessName): string;
  configOf(name: ProcessName): string;
  logOf(name: ProcessName): string;
  /** As shown in a command: relative to where the user is. */
  show(path: string): string;
}

export function sandboxLayout(directory: string): SandboxLayout {
  const root = resolve(directory);
  const folderOf = (name: ProcessName): string => join(root, name);
  return {
    root,
    postgres: join(root, "postgres"),
    keys: join(root, "keys"),
    stateFile: join(root, "sandbox.json"),
    contextFile: join(root, CONTEXT_FILE),
    serviceCertificate: join(root, "service_cert.pem"),
    folderOf,
    configOf: (name) => join(folderOf(name), `${PROGRAM_OF[name]}.json`),
    logOf: (name) => join(folderOf(name), `${PROGRAM_OF[name]}.log`),
    show: (path) => relative(process.cwd(), path) || ".",
  };
}

export function keyFile(
  layout: SandboxLayout,
  name: string,
  kind: "privk" | "cert" | "enc_privk" | "enc_pubk",
): string {
  return join(layout.keys, `${name}_${kind}.pem`);
}
