// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { generateEcKeyPem, publicKeySpki } from "@consortium/kit/x509";
import type { join } from "@consortium/proto";
import { TABLES } from "../tables/index.js";
import { QUOTE_FORMATS } from "./attest.js";
import { REFUSALS } from "./policy/refusal.js";
import { policyState, type PolicyTables, refusalOf } from "./testing/index.js";
import { verifyEvidence } from "./verify-evidence.js";

/* Joins of nodes outside a TEE. */

const publicKey = publicKeySpki(generateEcKeyPem());
const HOST_DATA = "bb".repeat(32);
const VIRTUAL_MEASUREMENT = "Insecure hard-coded virtual measurement v1";
const VIRTUAL_POLICY: PolicyTables = {
  [TABLES.nodesVirtualHostData]: { [HOST_DATA]: new Uint8Array(8) },
  [TABLES.nodesVirtualMeasurements]: { [VIRTUAL_MEASUREMENT]: "AllowedToJoin" },
};

function virtualQuote(changes: Record<string, unknown> = {}): join.QuoteInfo {
  const statement = {
    measurement: VIRTUAL_MEASUREMENT,
    host_data: HOST_DATA,
    report_data: createHash("sha256").update(publicKey).digest("base64"),
    ...changes,
  };
  return {
    format: QUOTE_FORMATS.virtual,
    quote: Buffer.from(JSON.stringify(statement)),
    endorsements: new Uint8Array(),
    uvmEndorsements: new Uint8Array(),
    endorsedTcb: new Uint8Array(),
  };
}

function virtualRefusal(quote: join.QuoteInfo | undefined, tables: PolicyTables): string {
  return refusalOf(() => verifyEvidence(quote, publicKey, policyState(tables))).message;
}

test("a virtual node that members allow is accepted, and marked as insecure", () => {
  const evidence = verifyEvidence(virtualQuote(), publicKey, policyState(VIRTUAL_POLICY));
  assert.equal(evidence.format, QUOTE_FORMATS.virtual);
  assert.equal(evidence.insecure, true);
  assert.equal(evidence.measurement, VIRTUAL_MEASUREMENT);
  assert.equal(Buffer.from(evidence.codeDigest, "hex").toString(), VIRTUAL_MEASUREMENT);
  assert.equal(evidence.hostData, HOST_DATA);
});

test("host data in capitals is the same host data", () => {
  const quote = virtualQuote({ host_data: HOST_DATA.toUpperCase() });
  const evidence = verifyEvidence(quote, publicKey, policyState(VIRTUAL_POLICY));
  assert.equal(evidence.hostData, HOST_DATA);
});

test("a service without rows for virtual nodes refuses all of them", () => {
  assert.equal(virtualRefusal(virtualQuote(), {}), "Quote host data is not authorised");
  const { [TABLES.nodesVirtualHostData]: _, ...withoutHostData } = VIRTUAL_POLICY;
  assert.equal(virtualRefusal(virtualQuote(), withoutHostData), REFUSALS.hostData);
  const { [TABLES.nodesVirtualMeasurements]: ___, ...withoutMeasurement } = VIRTUAL_POLICY;
  assert.equal(virtualRefusal(virtualQuote(), withoutMeasurement), REFUSALS.measurement);
});

const VIRTUAL_CASES: readonly [string, join.QuoteInfo | undefined, string][] = [
  ["no evidence", undefined, "Quote could not be verified"],
  ["a format of SGX", { ...virtualQuote(), format: "OE_SGX_v1" }, "Quote could not be verified"],
  ["no format", { ...virtualQuote(), format: "" }, "Quote could not be verified"],
  [
    "a quote that is no JSON",
    { ...virtualQuote(), quote: Buffer.from("nonsense") },
    "Quote could not be verified",
  ],
  [
    "a quote that is no UTF-8",
    { ...virtualQuote(), quote: Buffer.of(0x22, 0xff, 0x22) },
    "Quote could not be verified",
  ],
  [
    "a quote that is null",
    { ...virtualQuote(), quote: Buffer.from("null") },
    "Quote could not be verified",
  ],
  ["no measurement", virtualQuote({ measurement: 1 }), "Quote could not be verified"],
  ["no report data", virtualQuote({ report_data: undefined }), "Quote could not be verified"],
  ["short report data", virtualQuote({ report_data: "AAAA" }), "Quote could not be verified"],
  [
    "no host data",
    virtualQuote({ host_data: undefined }),
    "Quote does not contain trusted host data",
  ],
  [
    "host data that is no digest",
    virtualQuote({ host_data: "bb" }),
    "Quote does not contain trusted host data",
  ],
  [
    "other host data",
    virtualQuote({ host_data: "cc".repeat(32) }),
    "Quote host data is not authorised",
  ],
  [
    "another measurement",
    virtualQuote({ measurement: "another" }),
    "Quote does not contain known enclave measurement",
  ],
  [
    "another node's key",
    virtualQuote({ report_data: Buffer.alloc(32).toString("base64") }),
    "Quote report data does not match the hash of the public key for this node",
  ],
];

for (const [what, quote, message] of VIRTUAL_CASES) {
  test(`virtual evidence is refused for ${what}`, () => {
    assert.equal(virtualRefusal(quote, VIRTUAL_POLICY), message);
  });
}
