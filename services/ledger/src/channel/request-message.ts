// SPDX-License-Identifier: Apache-2.0
import { type AppError, fromServiceError, toServiceError } from "@consortium/kit";
import { rpcStatus } from "@consortium/proto";
import { buffer, concat, malformed, textOf, utf8, WireReader } from "./wire.js";

const KIND_BYTES_MAX = 64;

export function encodeRequest(kind: string, payload: Uint8Array): Uint8Array {
  return concat(buffer(utf8(kind)), payload);
}

export function decodeRequest(bytes: Uint8Array): { kind: string; payload: Uint8Array } {
  const reader = new WireReader(bytes);
  const kind = textOf(reader.buffer("request kind", KIND_BYTES_MAX), "request kind");
  return { kind, payload: reader.rest() };
}

const STATUS_TRAILER = "grpc-status-details-bin";

/**
 * An error of a handler, told to the peer as gRPC would tell it to a client: with its code, message,
 * details and hint if it is one of ours, as a reference into this node's log otherwise.
 */
export function encodeFailure(
  error: unknown,
  onUnexpected: (error: unknown, reference: string) => void,
): Uint8Array {
  const status = toServiceError(error, onUnexpected).metadata.get(STATUS_TRAILER)[0];
  if (!Buffer.isBuffer(status)) throw new TypeError("an error without status details");
  return status;
}

export function decodeFailure(bytes: Uint8Array): AppError {
  let status: rpcStatus.Status;
  try {
    status = rpcStatus.Status.decode(bytes);
  } catch {
    throw malformed("a failure is not a status");
  }
  // The shape of a gRPC error, which the kit turns back into ours.
  return fromServiceError(
    Object.assign(new Error(status.message), {
      code: status.code,
      details: status.message,
      metadata: { get: () => [Buffer.from(bytes)] },
    }),
  );
}
