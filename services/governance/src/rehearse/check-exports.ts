// SPDX-License-Identifier: Apache-2.0
import { KvState, Transaction } from "@consortium/ledger";
import { DEFAULT_LIMITS } from "../sandbox/limits.js";
import type { Sandbox } from "../sandbox/sandbox.js";
import { TransactionHost } from "../sandbox/transaction-host.js";

/** Asks as a constitution does before it lets itself be replaced. */
const QUESTION = "export function f(text) { return ccf.gov.validateConstitution(text); }";

/** Why a text is no constitution: it does not compile, or lacks an export. `undefined` if it is one. */
export async function exportsFault(
  constitution: string,
  sandbox: Pick<Sandbox, "evaluate">,
): Promise<string | undefined> {
  const [outcome] = await sandbox.evaluate(
    [
      {
        module: { name: "check", text: QUESTION, keep: false },
        context: "validate",
        exportName: "f",
        args: [constitution],
        nowMs: 0,
        seed: new Uint8Array(32),
      },
    ],
    DEFAULT_LIMITS,
    new TransactionHost(new Transaction(new KvState().committed), [], "check"),
  );
  return outcome === undefined || outcome.ok ? undefined : outcome.reason;
}
