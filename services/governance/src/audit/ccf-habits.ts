// SPDX-License-Identifier: Apache-2.0
import {
  canonicalJson,
  GOVERNANCE_PREFIX,
  type JsonObject,
  type KvKey,
  type KvReader,
  rows,
  TABLES,
  type WriteSet,
} from "@consortium/ledger";
import type { Complaint } from "./finding.js";

/*
 * Where a ledger that CCF wrote differs from ours: it keeps an acknowledgement with what is
 * acknowledged alone, does not keep the request for a new state digest, and stores the bytecode of
 * an application's modules.
 */

/** The request for an acknowledgement that stands in the member's row and nowhere else. */
export function acknowledgementIn(
  writes: WriteSet,
  base: KvReader,
): { key: KvKey; row: Uint8Array } | undefined {
  const [[key, value] = []] = writes.get(TABLES.membersAcks) ?? [];
  if (key === undefined || value === undefined || value === null) return undefined;
  const request = ackOf(value)?.cose_sign1_req;
  const before = base.get(TABLES.membersAcks, key);
  if (request === undefined || request === ackOf(before?.value)?.cose_sign1_req) return undefined;
  return { key, row: rows.coseHistory.encode(request) };
}

/**
 * The digest that a transaction shows to one member, if it does nothing else: a request for it that
 * is not recorded decides nothing, because the member signs what it acknowledges.
 */
export function shownDigestIn(writes: WriteSet, base: KvReader): string | undefined {
  const touched = [...writes.keys()].filter((map) => map.startsWith(GOVERNANCE_PREFIX));
  const acks = [...(writes.get(TABLES.membersAcks) ?? [])];
  const [[key, value] = []] = acks;
  if (touched.length !== 1 || acks.length !== 1 || key === undefined) return undefined;
  const now = ackOf(value ?? undefined);
  const before = ackOf(base.get(TABLES.membersAcks, key)?.value);
  if (now === undefined || before === undefined) return undefined;
  const same = { ...before, state_digest: now.state_digest };
  return canonicalJson(same as JsonObject) === canonicalJson(now as JsonObject)
    ? now.state_digest
    : undefined;
}

const BYTECODE: ReadonlySet<string> = new Set([
  TABLES.modulesQuickjsBytecode,
  TABLES.modulesQuickjsVersion,
]);

/** Bytecode that goes with modules: made by one build of an interpreter, and of no consequence. */
export function isBytecode({ code, table, found }: Complaint): boolean {
  return code !== "ROW_MISSING" && BYTECODE.has(table ?? "") && found !== "removed";
}

/** Requests were signed as HTTP requests once; these cannot be made again. */
export function isSignedHttpRequest(writes: WriteSet): boolean {
  const signedAcks = writes.get(TABLES.membersAcks)?.values() ?? [];
  return (
    writes.has("public:ccf.gov.history") ||
    [...signedAcks].some((ack) => ackOf(ack ?? undefined)?.signed_req != null)
  );
}

function ackOf(row: Uint8Array | undefined): rows.MemberAck | undefined {
  try {
    return row === undefined ? undefined : rows.membersAcks.decode(row);
  } catch {
    return undefined;
  }
}
