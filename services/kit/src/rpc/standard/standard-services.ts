// SPDX-License-Identifier: Apache-2.0
import type { Server } from "@grpc/grpc-js";
import { toleratingMalformed } from "../server/malformed.js";
import { Health, HEALTH_SERVICE } from "./health.js";
import { REFLECTION_SERVICES, reflectionImplementation } from "./reflection.js";
import { definitionOf, loadRegistry } from "./registry.js";

/** Mounts what every server has beside its own services: health, and reflection in both versions. */
export function addStandardServices(server: Server, services: readonly string[]): Health {
  const registry = loadRegistry();
  const health = new Health(services);
  server.addService(
    toleratingMalformed(definitionOf(registry, HEALTH_SERVICE)),
    health.implementation(),
  );
  const all = [...services, HEALTH_SERVICE, ...REFLECTION_SERVICES];
  for (const name of REFLECTION_SERVICES) {
    server.addService(
      toleratingMalformed(definitionOf(registry, name)),
      reflectionImplementation(registry, all),
    );
  }
  return health;
}
