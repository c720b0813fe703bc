// SPDX-License-Identifier: Apache-2.0
import { EventEmitter, on } from "node:events";
import { defineErrors } from "../../errors/define-errors.js";
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { serverStream, unary } from "../server/handlers.js";

/** `grpc.health.v1.HealthCheckResponse.ServingStatus`. */
const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;

interface HealthCheckRequest {
  service: string;
}

interface HealthCheckResponse {
  status: number;
}

interface HealthListResponse {
  statuses: Record<string, HealthCheckResponse>;
}

export const HEALTH_SERVICE = "grpc.health.v1.Health";

const errors = defineErrors({ SERVICE_UNKNOWN: "not_found" });

/** What the standard health service answers. The empty name is the server as a whole. */
export class Health {
  readonly #statuses = new Map<string, number>();
  readonly #changes = new EventEmitter();

  /** Every service begins as serving. */
  constructor(services: readonly string[]) {
    for (const service of ["", ...services]) this.#statuses.set(service, SERVING);
    // One listener for each client that watches.
    this.#changes.setMaxListeners(0);
  }

  set(service: string, serving: boolean): void {
    const status = serving ? SERVING : NOT_SERVING;
    if (this.#statuses.get(service) === status) return;
    this.#statuses.set(service, status);
    this.#changes.emit(eventOf(service), status);
  }

  setAll(serving: boolean): void {
    for (const service of this.#statuses.keys()) this.set(service, serving);
  }

  implementation(): UntypedServiceImplementation {
    const statuses = this.#statuses;
    const changes = this.#changes;
    return {
      check: unary<HealthCheckRequest, HealthCheckResponse>(async ({ service }) => {
        const status = statuses.get(service);
        if (status !== undefined) return { status };
        throw errors("SERVICE_UNKNOWN", `this server has no service ${JSON.stringify(service)}`);
      }),
      list: unary<object, HealthListResponse>(async () => ({
        statuses: Object.fromEntries(
          [...statuses].map(([service, status]) => [service, { status }]),
        ),
      })),
      watch: serverStream<HealthCheckRequest, HealthCheckResponse>(async function* (
        { service },
        { signal },
      ) {
        const updates = on(changes, eventOf(service), { signal });
        yield { status: statuses.get(service) ?? SERVICE_UNKNOWN };
        for await (const [status] of updates) yield { status: status as number };
      }),
    };
  }
}

/** A name of its own for each service: `error` would be special to an emitter. */
function eventOf(service: string): string {
  return `status of ${service}`;
}
