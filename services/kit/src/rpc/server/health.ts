// SPDX-License-Identifier: Apache-2.0
import type { Server } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";

/** The standard health service, `grpc.health.v1.Health`. */
export interface HealthReporter {
  /** The empty name is the server as a whole. */
  set(service: string, serving: boolean): void;
  setAll(serving: boolean): void;
}

/** Adds the health service; every given service and the server as a whole begin as serving. */
export function addHealthService(server: Server, services: readonly string[]): HealthReporter {
  const names = ["", ...services];
  const health = new HealthImplementation(
    Object.fromEntries(names.map((name) => [name, "SERVING" as const])),
  );
  health.addToServer(server);
  function set(service: string, serving: boolean): void {
    health.setStatus(service, serving ? "SERVING" : "NOT_SERVING");
  }
  return {
    set,
    setAll(serving) {
      for (const name of names) set(name, serving);
    },
  };
}
