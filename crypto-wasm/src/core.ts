// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import * as bindings from "../pkg/ledger_crypto.js";

export type Core = typeof bindings;

let loaded: Core | undefined;

/** The Rust core, instantiated on first use: importing this package does no work. */
export function core(): Core {
  return (loaded ??= load());
}

function load(): Core {
  const file = new URL("../pkg/ledger_crypto_bg.wasm", import.meta.url);
  bindings.initSync({ module: readFileSync(file) });
  return bindings;
}
