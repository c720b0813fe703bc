// SPDX-License-Identifier: Apache-2.0
// A process of its own that answers `echo`, for tests that kill it: reads its set-up from standard
// input and prints its address.
import { text } from "node:stream/consumers";
import { createLogger, startGrpcServer } from "@consortium/kit";
import { createChannelHub } from "../hub.js";
import { CHANNEL_SERVER_LIMITS } from "../limits.js";
import { QUICK } from "./network.js";
import type { TestNode } from "./service.js";

export interface EchoSetup {
  readonly node: TestNode;
  readonly serviceCertificate: string;
  readonly address: string;
}

const setup = JSON.parse(await text(process.stdin)) as EchoSetup;
const hub = createChannelHub({
  identity: setup.node,
  nodeCertificate: setup.node.certificate,
  serviceCertificate: setup.serviceCertificate,
  trust: () => true,
  addressOf: () => undefined,
  log: createLogger({ name: "echo", level: "silent" }),
  limits: QUICK,
});
hub.onRequest("echo", async (_peerId, payload) => payload);
const server = await startGrpcServer({
  address: setup.address,
  credentials: "plaintext",
  services: [hub.service],
  limits: CHANNEL_SERVER_LIMITS,
});
process.stdout.write(`${server.address}\n`);
