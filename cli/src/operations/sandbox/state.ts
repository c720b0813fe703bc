// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { writeFileAtomic } from "@consortium/kit/lifecycle";
import { cliErrors } from "../../errors.js";
import { PROCESSES, type ProcessName, type SandboxLayout } from "./layout.js";

/** What a sandbox keeps between its runs. */
export interface SandboxState {
  version: 1;
  ports: Record<ProcessName, { rpc: number; nodeToNode: number }>;
  databasePasswords: Record<DatabaseUser, string>;
}

export type DatabaseUser = "ledger" | "governance" | "recovery" | "auditor";

const HOST = "127.0.0.1";
/** Tried first, so that addresses are easy to remember. */
const FIRST_PORT = 8000;
const DATABASE_USERS: readonly DatabaseUser[] = ["ledger", "governance", "recovery", "auditor"];

export function addressOf(state: SandboxState, name: ProcessName): string {
  return `${HOST}:${state.ports[name].rpc}`;
}

export function nodeToNodeAddressOf(state: SandboxState, name: ProcessName): string {
  return `${HOST}:${state.ports[name].nodeToNode}`;
}

/** The state of an existing sandbox, or undefined when there is none in the folder. */
export async function readState(layout: SandboxLayout): Promise<SandboxState | undefined> {
  if (!existsSync(layout.stateFile)) return undefined;
  const state: unknown = JSON.parse(await readFile(layout.stateFile, "utf8"));
  if (typeof state === "object" && state !== null && "version" in state && state.version === 1) {
    return state as SandboxState;
  }
  throw cliErrors("SANDBOX_NOT_FOUND", `${layout.stateFile} is of another version`, {
    hint: "Begin anew with `ccfctl sandbox up --fresh`.",
  });
}

export async function requireState(layout: SandboxLayout): Promise<SandboxState> {
  const state = await readState(layout);
  if (state !== undefined) return state;
  throw cliErrors("SANDBOX_NOT_FOUND", `there is no sandbox in ${layout.root}`, {
    details: { directory: layout.root },
    hint: "Bring one up with `ccfctl sandbox up`, or give its folder with --dir.",
  });
}

/** Chooses what a new sandbox will keep. Ports are free when chosen. */
export async function createState(layout: SandboxLayout): Promise<SandboxState> {
  await mkdir(layout.root, { recursive: true, mode: 0o755 });
  const ports = await choosePorts(PROCESSES.length * 2);
  const state: SandboxState = {
    version: 1,
    ports: Object.fromEntries(
      PROCESSES.map((name, i) => [
        name,
        { rpc: ports[i], nodeToNode: ports[PROCESSES.length + i] },
      ]),
    ) as SandboxState["ports"],
    databasePasswords: Object.fromEntries(
      DATABASE_USERS.map((user) => [user, randomBytes(24).toString("hex")]),
    ) as SandboxState["databasePasswords"],
  };
  await writeFileAtomic(layout.stateFile, `${JSON.stringify(state, undefined, 2)}\n`, {
    mode: 0o600,
  });
  return state;
}

async function choosePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  try {
    for (let i = 0; i < count; i++) {
      held.push((await listen(FIRST_PORT + i)) ?? (await listen(0)) ?? noPort());
    }
    return held.map((server) => portOf(server));
  } finally {
    await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  }
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ port, host: HOST, exclusive: true }, () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : noPort();
}

function noPort(): never {
  throw cliErrors("PROCESS_FAILED", "no free port was found on this machine");
}
