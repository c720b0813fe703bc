// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { isAppError } from "@consortium/kit/errors";
import { connectGovernance, connectNode, connectRecovery } from "../../connect/clients.js";
import type { Target } from "../../connect/target.js";
import { readCertificate } from "../../input/certificate.js";
import { nodeStateName } from "../../views/enum-names.js";
import type { ProcessName, SandboxLayout } from "./layout.js";
import { processFailed, type StartedProcess } from "./processes.js";

const POLL_MS = 50;
const READY_WITHIN_MS = 60_000;
const CALL_MS = 2_000;

/** Waits until a process serves with the certificate that the service endorsed. */
export async function waitUntilReady(
  layout: SandboxLayout,
  name: ProcessName,
  address: string,
  started?: StartedProcess,
): Promise<void> {
  let last = "is not reachable";
  for (const end = Date.now() + READY_WITHIN_MS; Date.now() < end; await sleep(POLL_MS)) {
    const exit = started?.exited();
    if (exit !== undefined) {
      throw await processFailed(
        layout,
        name,
        `ended with ${exit.signal ?? `exit code ${exit.code}`}`,
      );
    }
    if (!existsSync(layout.serviceCertificate) || !(await isListening(address))) continue;
    const problem = await whyNotReady(layout, name, address);
    if (problem === undefined) return;
    last = problem;
  }
  throw await processFailed(layout, name, `is not ready: ${last}`);
}

/** Undefined when it is ready. A client of its own for each try: a channel would wait before it connects again. */
async function whyNotReady(
  layout: SandboxLayout,
  name: ProcessName,
  address: string,
): Promise<string | undefined> {
  const { pem } = await readCertificate(layout.serviceCertificate);
  const target = { address, rootCertificate: pem, deadlineMs: CALL_MS };
  try {
    return await PROBES[name](target);
  } catch (error) {
    return isAppError(error) ? `${error.code}: ${error.message}` : String(error);
  }
}

const PROBES: Readonly<Record<ProcessName, (target: Target) => Promise<string | undefined>>> = {
  node0: async (target) => {
    using client = connectNode(target);
    const { state } = await client.getState({});
    const name = nodeStateName(state);
    return name === "PartOfNetwork" ? undefined : `it is ${name}`;
  },
  governance0: async (target) => {
    using client = connectGovernance(target);
    await client.getServiceInfo({});
    return undefined;
  },
  recovery0: async (target) => {
    using client = connectRecovery(target);
    await client.getRecoveryStatus({});
    return undefined;
  },
};

export function isListening(address: string): Promise<boolean> {
  const [host = "127.0.0.1", port] = address.split(":");
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    const answer = (listening: boolean) => () => {
      socket.destroy();
      resolve(listening);
    };
    socket.once("connect", answer(true));
    socket.once("error", answer(false));
  });
}
