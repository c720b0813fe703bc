// SPDX-License-Identifier: Apache-2.0
import { Args, Flags } from "@oclif/core";
import { cliErrors } from "../errors.js";
import { decodeBytes, type Encoding, ENCODINGS } from "../views/bytes.js";
import { identityFlags, serviceFlags } from "./common.js";

export const kvFlags = {
  ...serviceFlags,
  ...identityFlags,
  map: Flags.string({
    char: "m",
    required: true,
    helpValue: "NAME",
    description: "map of the record; public: in front keeps it in plain text on the ledger",
  }),
  "key-encoding": Flags.option({
    options: ENCODINGS,
    default: "utf8" as const,
    description: "how keys are written on the command line",
  })(),
};

export const writeFlags = {
  "idempotency-key": Flags.string({
    helpGroup: "WRITE",
    helpValue: "TEXT",
    description: "repeating a write with the same key writes once [default: a new one]",
  }),
  "claims-digest": Flags.string({
    helpGroup: "WRITE",
    helpValue: "HEX",
    description: "32 bytes to be bound into the receipt",
  }),
  "no-wait": Flags.boolean({
    helpGroup: "WRITE",
    description: "answer as soon as the transaction has its id, before it is committed",
  }),
};

export const outputFlag = {
  output: Flags.option({
    char: "o",
    options: [...ENCODINGS, "raw"] as const,
    description: "how to write values [default: utf8 if printable, else base64]",
  })(),
};

export function keyArgument() {
  return Args.string({ required: true, ignoreStdin: true, description: "key of the record" });
}

/** Bytes given as text; what is not of the encoding is refused. */
export function parseBytes(text: string, encoding: Encoding, what: string): Buffer {
  const bytes = decodeBytes(text, encoding);
  if (bytes !== undefined) return bytes;
  throw cliErrors("INVALID_INPUT", `${what} is not ${encoding}`, { details: { argument: what } });
}

export function parseClaimsDigest(text: string | undefined): Uint8Array {
  if (text === undefined) return new Uint8Array();
  const bytes = decodeBytes(text, "hex");
  if (bytes?.length === 32) return bytes;
  throw cliErrors("INVALID_INPUT", "--claims-digest is not 64 hex digits", {
    details: { argument: "claims-digest" },
  });
}
