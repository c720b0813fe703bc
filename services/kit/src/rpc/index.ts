// SPDX-License-Identifier: Apache-2.0
export { formatAddress, type HostPort, parseAddress } from "./address.js";
export { type ClientOptions, createClient } from "./client/create-client.js";
export {
  createNetworkClient,
  NetworkClient,
  type NetworkCallOptions,
  type NetworkClientOptions,
} from "./client/network-client.js";
export type { ClientIdentityOptions } from "./client/credentials.js";
export type {
  DuplexCall,
  RpcCallOptions,
  RpcChannel,
  RpcClient,
  ServiceClientConstructor,
  ServiceShape,
} from "./client/service-types.js";
export type { CallContext } from "./server/call-context.js";
export {
  type GrpcServer,
  type GrpcServerOptions,
  type GrpcService,
  type ServerLimits,
  startGrpcServer,
} from "./server/grpc-server.js";
export {
  bidi,
  type BidiHandler,
  duplex,
  type DuplexHandler,
  type ResponseWriter,
  serverStream,
  type ServerStreamHandler,
  unary,
  type UnaryHandler,
} from "./server/handlers.js";
export type { ServerIdentity, TlsServerCredentials } from "./server/listener.js";
export type { PeerCertificate } from "./server/peer-certificate.js";
export { ERROR_DOMAIN, fromServiceError, toServiceError } from "./status.js";
