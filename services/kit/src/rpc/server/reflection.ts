// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Server } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer, loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { protoPath as healthProtoPath } from "grpc-health-check";

/** Adds server reflection, v1 and v1alpha, so that grpcurl can list and call the services unaided. */
export function addReflectionService(server: Server, services: readonly string[]): void {
  const descriptors = readFileSync(
    fileURLToPath(import.meta.resolve("@consortium/proto/descriptors.binpb")),
  );
  const definitions = {
    ...loadFileDescriptorSetFromBuffer(descriptors),
    ...loadSync(healthProtoPath),
  };
  new ReflectionService(definitions, {
    services: [...services, "grpc.health.v1.Health"],
  }).addToServer(server);
}
