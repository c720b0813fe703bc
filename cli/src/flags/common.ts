// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { cliErrors } from "../errors.js";

const DURATION = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)?$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const DEFAULT_TIMEOUT_MS = 10_000;

/** `500ms`, `10s`, `2m`, `1h`; a bare number is seconds. */
export function parseDurationMs(text: string): number {
  const match = DURATION.exec(text);
  const ms = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? "s"] ?? Number.NaN);
  if (Number.isFinite(ms) && ms > 0) return Math.ceil(ms);
  throw cliErrors("INVALID_INPUT", `"${text}" is not a duration`, {
    hint: "Write it as 500ms, 10s, 2m or 1h.",
  });
}

const duration = Flags.custom<number>({ parse: (text) => Promise.resolve(parseDurationMs(text)) });

export const contextFlag = {
  context: Flags.string({
    helpGroup: "CONNECTION",
    helpValue: "NAME",
    env: "CCFCTL_CONTEXT",
    description:
      "named connection to use (see `ccfctl context list`), or the path of a context file",
  }),
};

/** How to reach the one service a command talks to. */
export const serviceFlags = {
  ...contextFlag,
  address: Flags.string({
    helpGroup: "CONNECTION",
    helpValue: "HOST:PORT",
    description: "of the service, instead of the context's",
  }),
  cacert: Flags.string({
    helpGroup: "CONNECTION",
    helpValue: "FILE",
    description: "certificate that endorses the service (PEM), instead of the context's",
  }),
  timeout: duration({
    helpGroup: "CONNECTION",
    helpValue: "TIME",
    default: DEFAULT_TIMEOUT_MS,
    defaultHelp: () => Promise.resolve("10s"),
    description: "of each call, for example 500ms or 10s",
  }),
};

/** Who acts. */
export const identityFlags = {
  as: Flags.string({
    helpGroup: "IDENTITY",
    helpValue: "NAME",
    exclusive: ["key", "cert"],
    description: "identity of the context to act as",
  }),
  key: Flags.string({
    helpGroup: "IDENTITY",
    helpValue: "FILE",
    dependsOn: ["cert"],
    description:
      "private key to act with: a file (PEM), or pkcs11:token=…;object=…?module-path=…&pin-source=… for one on a token",
  }),
  cert: Flags.string({
    helpGroup: "IDENTITY",
    helpValue: "FILE",
    dependsOn: ["key"],
    description: "certificate of that key (PEM)",
  }),
};

export const waitTimeoutFlag = Flags.custom<number>({
  parse: (text) => Promise.resolve(parseDurationMs(text)),
  helpValue: "TIME",
  default: 60_000,
  defaultHelp: () => Promise.resolve("1m"),
  description: "how long to wait at most",
});
