// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { generateEcKeyPem, publicKeySpki } from "@consortium/kit/x509";
import type { join } from "@consortium/proto";
import { keyToText } from "../../kv/index.js";
import { TABLES } from "../../tables/index.js";
import { attest, QUOTE_FORMATS } from "../attest.js";
import {
  createSnpProcessor,
  createUvmSigner,
  policyState,
  type PolicyTables,
} from "../testing/index.js";
import { verifyEvidence } from "../verify-evidence.js";
import { ownPolicyRows, type OwnRowsOptions, type PolicyRow } from "./own-rows.js";

const AT = new Date("2026-01-01T00:00:00Z");
const publicKey = publicKeySpki(generateEcKeyPem());
const MEASUREMENT = "aa".repeat(48);
const POLICY = "package policy\nallow := true";
const hostData = createHash("sha256").update(POLICY).digest();
const FEED = "ContainerPlat-AMD-UVM";
const processor = createSnpProcessor();
const trust = { roots: processor.roots, at: AT };
const signer = createUvmSigner({ algorithm: "ES256" });

function tablesOf(rows: readonly PolicyRow[]): PolicyTables {
  return Object.fromEntries(
    rows.map(({ table, key, value }) => [table, { [keyToText(key)]: value }]),
  );
}

function rowsOf(quote: join.QuoteInfo, options?: OwnRowsOptions): Record<string, unknown> {
  const rows = ownPolicyRows(attest(quote, trust), options);
  return Object.fromEntries(
    rows.map(({ table, key, value }) => [
      `${table} ${keyToText(key)}`,
      value.every((byte) => byte === 0) ? "set" : JSON.parse(Buffer.from(value).toString()),
    ]),
  );
}

const plain = processor.quote(publicKey, { hostData });
const endorsed = {
  ...plain,
  uvmEndorsements: signer.endorse({ measurement: MEASUREMENT, svn: 101 }),
};
const tcb = { hexstring: "db18000000000004", boot_loader: 4, tee: 0, snp: 24, microcode: 219 };

test("a node on SEV-SNP allows its measurement, host data and firmware", () => {
  assert.deepEqual(rowsOf(plain, { securityPolicy: POLICY }), {
    [`${TABLES.nodesSnpMeasurements} ${MEASUREMENT}`]: "AllowedToJoin",
    [`${TABLES.nodesSnpHostData} ${hostData.toString("hex")}`]: POLICY,
    [`${TABLES.nodesSnpTcbVersions} 00a00f11`]: tcb,
  });
});

test("a security policy that is not known is empty", () => {
  const rows = rowsOf(plain);
  assert.equal(rows[`${TABLES.nodesSnpHostData} ${hostData.toString("hex")}`], "");
});

test("with UVM endorsements the node allows who made them", () => {
  const rows = rowsOf(endorsed);
  assert.deepEqual(rows[`${TABLES.nodesSnpUvmEndorsements} ${signer.did}`], {
    [FEED]: { svn: "101" },
  });
  assert.ok(!Object.keys(rows).some((name) => name.startsWith(TABLES.nodesSnpMeasurements)));
});

test("on recovery the lower SVN stays, and other feeds too", () => {
  const svn = (stored: string): unknown => {
    const row = { [FEED]: { svn: stored }, other: { svn: "7" } };
    const kv = policyState({ [TABLES.nodesSnpUvmEndorsements]: { [signer.did]: row } });
    return rowsOf(endorsed, { kv })[`${TABLES.nodesSnpUvmEndorsements} ${signer.did}`];
  };
  assert.deepEqual(svn("100"), { [FEED]: { svn: "100" }, other: { svn: "7" } });
  assert.deepEqual(svn("102"), { [FEED]: { svn: "101" }, other: { svn: "7" } });
  assert.deepEqual(svn("unreadable"), { [FEED]: { svn: "101" }, other: { svn: "7" } });
});

test("a virtual node allows itself as what it is", () => {
  const statement = {
    measurement: "Insecure hard-coded virtual measurement v1",
    host_data: hostData.toString("hex"),
    report_data: createHash("sha256").update(publicKey).digest("base64"),
  };
  const quote = {
    ...plain,
    format: QUOTE_FORMATS.virtual,
    quote: Buffer.from(JSON.stringify(statement)),
  };
  assert.deepEqual(rowsOf(quote), {
    [`${TABLES.nodesVirtualMeasurements} ${statement.measurement}`]: "AllowedToJoin",
    [`${TABLES.nodesVirtualHostData} ${statement.host_data}`]: "set",
  });
});

for (const quote of [plain, endorsed]) {
  test("a node that comes later with the same evidence satisfies these rows", () => {
    const tables = tablesOf(ownPolicyRows(attest(quote, trust)));
    assert.doesNotThrow(() => verifyEvidence(quote, publicKey, policyState(tables), trust));
  });
}

test("evidence that does not hold founds nothing", () => {
  const expected = { code: "INVALID_QUOTE" };
  assert.throws(() => rowsOf(plain, { securityPolicy: "another" }), expected);
  const other = { ...plain, uvmEndorsements: signer.endorse({ measurement: "cc".repeat(48) }) };
  assert.throws(() => rowsOf(other), expected);
  assert.throws(() => rowsOf({ ...plain, uvmEndorsements: Buffer.of(1) }), expected);
});
