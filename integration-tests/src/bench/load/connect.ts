// SPDX-License-Identifier: Apache-2.0
import { checkServerIdentity } from "node:tls";
import { ChannelCredentials, type ChannelOptions, type Client } from "@grpc/grpc-js";
import { app, node } from "@consortium/proto";
import type { Target } from "./messages.js";

/** Bare gRPC clients, as anybody generates them, over one connection each. */
export interface Clients {
  readonly kv: app.KvServiceClient;
  readonly node: node.NodeServiceClient;
}

const CONNECT_MS = 10_000;

export async function connect(target: Target): Promise<Clients> {
  const host = target.address.slice(0, target.address.lastIndexOf(":"));
  const credentials = ChannelCredentials.createSsl(
    Buffer.from(target.rootCertificate),
    Buffer.from(target.key),
    Buffer.from(target.certificate),
    { checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate) },
  );
  const options: ChannelOptions = { "grpc.use_local_subchannel_pool": 1 };
  const clients = {
    kv: new app.KvServiceClient(target.address, credentials, options),
    node: new node.NodeServiceClient(target.address, credentials, options),
  };
  await Promise.all([ready(clients.kv), ready(clients.node)]);
  return clients;
}

function ready(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + CONNECT_MS, (error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}
