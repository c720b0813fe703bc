// SPDX-License-Identifier: Apache-2.0
import type { ServiceDefinition } from "@grpc/grpc-js";
import { kitErrors } from "../../errors/kit-errors.js";

/** Stands in for a request that could not be decoded. */
class MalformedRequest {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/**
 * The same service, but a request that is not valid protobuf reaches the adapter, which answers
 * INVALID_ARGUMENT. Left alone, gRPC would answer INTERNAL for the caller's mistake.
 */
export function toleratingMalformed(definition: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(definition).map(([name, method]) => [
      name,
      { ...method, requestDeserialize: tolerate(method.requestDeserialize) },
    ]),
  );
}

function tolerate(deserialize: (bytes: Buffer) => unknown): (bytes: Buffer) => unknown {
  return (bytes) => {
    try {
      return deserialize(bytes);
    } catch (error) {
      return new MalformedRequest(error);
    }
  };
}

/** Throws `MALFORMED_REQUEST` when the request could not be decoded. */
export function refuseMalformed(request: unknown): void {
  if (request instanceof MalformedRequest) {
    throw kitErrors("MALFORMED_REQUEST", "the request is not a valid message of this method", {
      cause: request.cause,
    });
  }
}
