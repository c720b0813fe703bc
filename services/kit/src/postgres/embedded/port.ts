// SPDX-License-Identifier: Apache-2.0
import { createServer } from "node:net";
import { readFile } from "node:fs/promises";

const ADDRESS = "127.0.0.1";

/** The port asked for, else the last one if it is still free, else any free one. */
export async function choosePort(asked: number | undefined, portFile: string): Promise<number> {
  if (asked !== undefined && asked !== 0) return asked;
  const last = Number.parseInt(await readFile(portFile, "utf8").catch(() => ""), 10);
  if (last > 0 && last < 65536 && (await isPortFree(last))) return last;
  return freePort();
}

export async function isPortFree(port: number): Promise<boolean> {
  return listenBriefly(port).then(
    () => true,
    () => false,
  );
}

export function freePort(): Promise<number> {
  return listenBriefly(0);
}

function listenBriefly(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host: ADDRESS, port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
