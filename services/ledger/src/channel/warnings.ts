// SPDX-License-Identifier: Apache-2.0
import { isAppError, type Logger } from "@consortium/kit";
import type { Clock } from "./clock.js";

/** What no honest node and no bad network does. */
const SUSPICIOUS = [
  "CHANNEL_AUTHENTICATION_FAILED",
  "CHANNEL_CERTIFICATE_REFUSED",
  "CHANNEL_FRAME_FORGED",
] as const;

const QUIET_MS = 10_000;

/** Warns of signs of an attack, but not once for each message of an attacker. */
export class WarningThrottle {
  readonly #log: Logger;
  readonly #clock: Clock;
  #quietUntil = Number.NEGATIVE_INFINITY;
  #unmentioned = 0;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  consider(reason: unknown): void {
    if (!isAppError(reason, ...SUSPICIOUS)) return;
    if (this.#clock.now() < this.#quietUntil) {
      this.#unmentioned += 1;
      return;
    }
    this.#log.warn({ err: reason, unmentioned: this.#unmentioned }, "a stream was refused or cut");
    this.#unmentioned = 0;
    this.#quietUntil = this.#clock.now() + QUIET_MS;
  }
}
