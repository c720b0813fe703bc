// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { keyFromText, type KvKey, type KvReader } from "../../kv/types.js";
import { encodeJson, type JsonValue } from "../../tables/json.js";
import { TABLES } from "../../tables/names.js";
import { type AttestedEvidence, type AttestedSnp, QUOTE_FORMATS } from "../attest.js";
import { attestationErrors } from "../errors.js";
import { cpuidOf, decodeTcb, productOf, tcbHex } from "../snp/index.js";
import { feedsOf, minimumSvn } from "./uvm-table.js";

/** A row of the join policy. */
export interface PolicyRow {
  readonly table: string;
  readonly key: KvKey;
  readonly value: Uint8Array;
}

export interface OwnRowsOptions {
  /** The text whose SHA-256 is the host data; empty if it is not known. */
  readonly securityPolicy?: string;
  /** The tables so far, when a service recovers: an SVN that was trusted is not raised. */
  readonly kv?: KvReader;
}

const ALLOWED = encodeJson("AllowedToJoin");
const SET_MEMBER = new Uint8Array(8);

/**
 * The rows by which the first node of a service, or the one that recovers it, allows itself (reference
 * A.3). Only the platform's word has been checked for it. Throws `INVALID_QUOTE`.
 */
export function ownPolicyRows(
  evidence: AttestedEvidence,
  options: OwnRowsOptions = {},
): PolicyRow[] {
  const { measurement, hostData } = evidence;
  if (hostData === undefined) throw unfit("it has no host data");
  if (evidence.format === QUOTE_FORMATS.virtual) {
    return [
      row(TABLES.nodesVirtualMeasurements, measurement, ALLOWED),
      row(TABLES.nodesVirtualHostData, hostData, SET_MEMBER),
    ];
  }
  const { securityPolicy = "" } = options;
  const digest = createHash("sha256").update(securityPolicy, "utf8").digest("hex");
  if (securityPolicy !== "" && digest !== hostData) {
    throw unfit(`its host data is ${hostData}, the security policy's digest ${digest}`);
  }
  return [
    measurementRow(evidence, options.kv),
    row(TABLES.nodesSnpHostData, hostData, encodeJson(securityPolicy)),
    tcbRow(evidence),
  ];
}

function measurementRow({ uvm, measurement }: AttestedSnp, kv: KvReader | undefined): PolicyRow {
  if (uvm === undefined) return row(TABLES.nodesSnpMeasurements, measurement, ALLOWED);
  const { endorsement, checks } = uvm;
  const failed = checks.find(({ outcome }) => outcome !== "passed");
  if (endorsement === undefined || failed !== undefined) {
    throw unfit(`its UVM endorsements do not hold: ${failed?.found}`);
  }
  const { issuer, feed, svn } = endorsement;
  const stored = kv && minimumSvn(kv, issuer, feed);
  const least = stored !== undefined && stored < svn ? stored : svn;
  const others = kv === undefined ? {} : feedsOf(kv, issuer);
  const feeds: JsonValue = { ...others, [feed]: { svn: String(least) } };
  return row(TABLES.nodesSnpUvmEndorsements, issuer, encodeJson(feeds));
}

function tcbRow({ report }: AttestedSnp): PolicyRow {
  const product = productOf(report.cpu);
  const cpuid = cpuidOf(report.cpu);
  if (product === undefined || cpuid === undefined) throw unfit("its processor is unknown");
  const { reportedTcb } = report;
  const policy = { hexstring: tcbHex(reportedTcb), ...decodeTcb(reportedTcb, product) };
  return row(TABLES.nodesSnpTcbVersions, cpuid, encodeJson(policy));
}

function row(table: string, key: string, value: Uint8Array): PolicyRow {
  return { table, key: keyFromText(key), value };
}

function unfit(what: string): Error {
  return attestationErrors("INVALID_QUOTE", `the evidence cannot found a service: ${what}`);
}
