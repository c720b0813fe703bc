// SPDX-License-Identifier: Apache-2.0
import type { ClientDuplexStream, Metadata } from "@grpc/grpc-js";

/** One method as ts-proto describes it. */
export interface MethodShape {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

export type ServiceShape = Readonly<Record<string, MethodShape>>;

/** The generated client class, of which only the service description is used. */
export interface ServiceClientConstructor<Service extends ServiceShape> {
  readonly service: Service;
  readonly serviceName: string;
}

export interface RpcCallOptions {
  /** Relative to now. Unary calls have the client's default; streams have none unless given. */
  deadlineMs?: number;
  signal?: AbortSignal;
  metadata?: Metadata;
}

/** A bidirectional call. */
export interface DuplexCall<Request, Response> {
  /** Resolves when more may be written. */
  write(request: Request): Promise<void>;
  /** No more requests; responses go on. */
  end(): void;
  /** To be read once. Throws an AppError when the call fails. */
  readonly responses: AsyncIterable<Response>;
  cancel(): void;
  /** The call underneath, for who needs its events. */
  readonly raw: ClientDuplexStream<Request, Response>;
}

type RequestOf<Method extends MethodShape> = Parameters<Method["requestSerialize"]>[0];
type ResponseOf<Method extends MethodShape> = ReturnType<Method["responseDeserialize"]>;

type ClientMethod<Method extends MethodShape> = Method extends { requestStream: true }
  ? (options?: RpcCallOptions) => DuplexCall<RequestOf<Method>, ResponseOf<Method>>
  : Method extends { responseStream: true }
    ? (request: RequestOf<Method>, options?: RpcCallOptions) => AsyncIterable<ResponseOf<Method>>
    : (request: RequestOf<Method>, options?: RpcCallOptions) => Promise<ResponseOf<Method>>;

/** The methods of a service as promises and async iterables, and the channel they share. */
export type RpcClient<Service extends ServiceShape> = {
  readonly [Name in keyof Service]: ClientMethod<Service[Name]>;
} & RpcChannel;

export interface RpcChannel extends Disposable {
  /** Cuts the connection; calls in flight fail with CANCELLED. */
  close(): void;
}
