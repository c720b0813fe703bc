// SPDX-License-Identifier: Apache-2.0
import type { Extension } from "@peculiar/asn1-x509";
import { checkReport, type SnpTrust } from "../snp/index.js";
import { rawExtension } from "./issue-certificate.js";
import {
  createSnpProcessor,
  type ProcessorOptions,
  type ReportOptions,
  type SnpProcessor,
} from "./snp-processor.js";

const AT = new Date("2026-01-01T00:00:00Z");

/** Evidence of a processor made for a test, and the checks that it must fail. */
export interface ProcessorCase {
  readonly what: string;
  readonly processor?: ProcessorOptions;
  readonly report?: ReportOptions;
  readonly claimedTcb?: string;
  readonly trust?: SnpTrust;
  /** Rearranges the evidence after it was made. */
  readonly after?: (processor: SnpProcessor) => { report?: Uint8Array; endorsements?: string };
  /** The checks that fail, with what they find. */
  readonly fails: Readonly<Record<string, string>>;
}

/** What fails, by the id of the check. */
export function evaluate(one: ProcessorCase): Record<string, string> {
  const processor = createSnpProcessor(one.processor);
  const replaced = one.after?.(processor) ?? {};
  const evidence = {
    report: replaced.report ?? processor.report(one.report),
    endorsements: Buffer.from(replaced.endorsements ?? processor.certificates.join("")),
    claimedTcb: one.claimedTcb,
  };
  const { checks } = checkReport(evidence, { roots: processor.roots, at: AT, ...one.trust });
  const failed = checks.filter(({ outcome }) => outcome === "failed");
  return Object.fromEntries(failed.map(({ id, found }) => [id, found]));
}

export function without(extensions: readonly Extension[], oid: string): Extension[] {
  return extensions.filter(({ extnID }) => extnID !== oid);
}

export function replacing(oid: string, value: Uint8Array): ProcessorOptions {
  return { extensions: (all) => [...without(all, oid), rawExtension(oid, value)] };
}

export function removing(oid: string): ProcessorOptions {
  return { extensions: (all) => without(all, oid) };
}

export function changing(change: (bytes: Buffer) => void): ReportOptions {
  return { change };
}
