// SPDX-License-Identifier: Apache-2.0
import { Client, type ChannelOptions } from "@grpc/grpc-js";
import { parseAddress } from "../address.js";
import { methodCaller } from "./calls.js";
import { type ClientIdentityOptions, channelCredentials } from "./credentials.js";
import type {
  RpcChannel,
  RpcClient,
  ServiceClientConstructor,
  ServiceShape,
} from "./service-types.js";

export interface ClientOptions extends ClientIdentityOptions {
  /** `host:port` or `[::1]:port`. */
  address: string;
  /** For unary calls. @default 10000 */
  defaultDeadlineMs?: number;
  /** @default 4 MiB */
  receiveBytesMax?: number;
  /** @default 4 MiB */
  sendBytesMax?: number;
}

const MIB = 1024 * 1024;

/**
 * A client of one service over one channel. Keep it and close it; a channel per call leaks memory.
 *
 * @example
 * using client = createClient(node.NodeServiceClient, { address: "127.0.0.1:8080", rootCertificate });
 * const { version } = await client.getVersion({});
 */
export function createClient<const Service extends ServiceShape>(
  service: ServiceClientConstructor<Service>,
  options: ClientOptions,
): RpcClient<Service> {
  const { host } = parseAddress(options.address);
  const { credentials, close } = channelCredentials(options, host);
  const client = new Client(options.address, credentials, channelOptions(options));
  const channel: RpcChannel = {
    close() {
      client.close();
      close();
    },
    [Symbol.dispose]() {
      this.close();
    },
  };
  const deadlineMs = options.defaultDeadlineMs ?? 10_000;
  const methods = Object.entries(service.service).map(
    ([name, shape]) => [name, methodCaller(client, shape, deadlineMs)] as const,
  );
  return Object.assign(channel, Object.fromEntries(methods)) as RpcClient<Service>;
}

function channelOptions(options: ClientOptions): ChannelOptions {
  return {
    "grpc.max_receive_message_length": options.receiveBytesMax ?? 4 * MIB,
    "grpc.max_send_message_length": options.sendBytesMax ?? 4 * MIB,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 15_000,
    "grpc.keepalive_permit_without_calls": 1,
    // Two clients with different identities must never share a connection.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.service_config_disable_resolution": 1,
    "grpc.enable_channelz": 0,
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 5_000,
  };
}
