// SPDX-License-Identifier: Apache-2.0
import type { SandboxResult } from "../operations/sandbox/up.js";
import { renderFields } from "./table.js";
import { strong } from "./text.js";

const TRY_NEXT = [
  "ccfctl status",
  "ccfctl member list",
  "ccfctl proposal list",
  "ccfctl kv put KEY VALUE --map notes",
  "ccfctl kv range --map notes",
  "ccfctl sandbox down",
];

export function renderSandboxUp(result: SandboxResult): string {
  const fields = renderFields([
    ["node", result.nodeAddress],
    ["governance", result.governanceAddress],
    ["recovery", result.recoveryAddress],
    ["service certificate", result.serviceCertificate],
    ["context", `sandbox (in ${result.contextFile})`],
  ]);
  const seconds = (result.elapsedMs / 1000).toFixed(1);
  const what = result.continued ? "The consortium goes on" : "The consortium is up";
  const next = TRY_NEXT.map((command) => `  npx ${command}`).join("\n");
  return `\n${strong(`${what}: a receipt was verified after ${seconds} s.`)}\n${fields}\n\nTry next:\n${next}`;
}
