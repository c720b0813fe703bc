// SPDX-License-Identifier: Apache-2.0
import { createServer } from "node:net";

/* Below the range from which systems take ports for outgoing connections, and in blocks by process
   id, so that test files that run side by side do not meet. */
const FIRST = 20_000;
const BLOCKS = 500;
const BLOCK_SIZE = 20;

let next = 0;

/** Addresses on 127.0.0.1 that nothing listens on. They stay the same over restarts of a process. */
export async function freeAddresses(count: number): Promise<string[]> {
  const addresses: string[] = [];
  while (addresses.length < count) {
    const block = (process.pid + Math.floor(next / BLOCK_SIZE) * 7) % BLOCKS;
    const port = FIRST + block * BLOCK_SIZE + (next % BLOCK_SIZE);
    next += 1;
    if (next > BLOCKS * BLOCK_SIZE) throw new Error("no free port was found");
    if (await isFree(port)) addresses.push(`127.0.0.1:${port}`);
  }
  return addresses;
}

export async function freeAddress(): Promise<string> {
  const [address = ""] = await freeAddresses(1);
  return address;
}

export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}
