// SPDX-License-Identifier: Apache-2.0
import { isIP } from "node:net";
import { kitErrors } from "../errors/kit-errors.js";

export interface HostPort {
  /** Without brackets. */
  host: string;
  port: number;
}

/** Reads `host:port`, `127.0.0.1:0` or `[::1]:8080`. Throws `ADDRESS_INVALID`. */
export function parseAddress(address: string): HostPort {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  const bracketed = match?.[1] !== undefined;
  if (host === undefined || port > 65_535 || (bracketed && isIP(host) !== 6)) {
    throw kitErrors("ADDRESS_INVALID", `${JSON.stringify(address)} is not an address`, {
      details: { address },
      hint: "Write it as host:port, for example 127.0.0.1:8080 or [::1]:8080.",
    });
  }
  return { host, port };
}

/** The inverse of {@link parseAddress}: an IPv6 host gets brackets. */
export function formatAddress({ host, port }: HostPort): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
