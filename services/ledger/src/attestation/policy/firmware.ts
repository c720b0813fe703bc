// SPDX-License-Identifier: Apache-2.0
import { keyFromText, type KvReader } from "../../kv/types.js";
import type { JsonObject } from "../../tables/json.js";
import { TABLES } from "../../tables/names.js";
import type { SnpReport, TcbPart, TcbVersion } from "../snp/index.js";
import { cpuidOf, decodeTcb, describeTcb, meetsTcb, productOf, TCB_PARTS } from "../snp/index.js";
import { REFUSALS, refused } from "./refusal.js";
import { readObject } from "./uvm-table.js";

/** Check 4 of a join: the firmware is not older than members want it for this processor. */
export function requireTcb(report: SnpReport, kv: KvReader): void {
  const product = productOf(report.cpu);
  const cpuid = cpuidOf(report.cpu);
  const row =
    cpuid === undefined ? undefined : kv.get(TABLES.nodesSnpTcbVersions, keyFromText(cpuid));
  if (product === undefined || cpuid === undefined || row === undefined) {
    throw refused(
      REFUSALS.cpuid,
      { cpuid: cpuid ?? "none" },
      "members name the least firmware of a processor with a proposal of set_snp_minimum_tcb_version_hex",
    );
  }
  const reported = decodeTcb(report.reportedTcb, product);
  const minimum = minimumOf(readObject(row.value));
  if (minimum !== undefined && meetsTcb(reported, minimum)) return;
  throw refused(
    REFUSALS.tcb,
    {
      cpuid,
      reported_tcb: describeTcb(reported),
      minimum_tcb: minimum === undefined ? "unreadable" : describeTcb(minimum),
    },
    "update the firmware of the processor",
  );
}

/** The parts of the row. Its hex text is for people and not looked at. */
function minimumOf(row: JsonObject | undefined): TcbVersion | undefined {
  if (row === undefined) return undefined;
  const minimum: Partial<Record<TcbPart, number>> = {};
  for (const part of TCB_PARTS) {
    const value = row[part];
    if (value === undefined) continue;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) return undefined;
    minimum[part] = value;
  }
  return minimum;
}
