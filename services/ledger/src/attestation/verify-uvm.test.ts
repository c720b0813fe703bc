// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateEcKeyPem, publicKeySpki } from "@consortium/kit/x509";
import type { join } from "@consortium/proto";
import { TABLES } from "../tables/index.js";
import { QUOTE_FORMATS } from "./attest.js";
import { REFUSALS } from "./policy/refusal.js";
import {
  createSnpProcessor,
  createUvmSigner,
  policyState,
  type PolicyTables,
  type Refusal,
  refusalOf,
} from "./testing/index.js";
import { verifyEvidence } from "./verify-evidence.js";

/* Joins in which somebody endorses the measurement. */

const publicKey = publicKeySpki(generateEcKeyPem());
const MEASUREMENT = "aa".repeat(48);
const FEED = "ContainerPlat-AMD-UVM";
const processor = createSnpProcessor();
const uvmSigner = createUvmSigner();
const trust = { roots: processor.roots, at: new Date("2026-01-01T00:00:00Z") };

const SNP_POLICY: PolicyTables = {
  [TABLES.nodesSnpHostData]: { ["bb".repeat(32)]: "package policy" },
  [TABLES.nodesSnpMeasurements]: { [MEASUREMENT]: "AllowedToJoin" },
  [TABLES.nodesSnpTcbVersions]: { "00a00f11": { boot_loader: 4, tee: 0, snp: 24, microcode: 219 } },
  [TABLES.nodesSnpUvmEndorsements]: { [uvmSigner.did]: { [FEED]: { svn: "100" } } },
};

function refusal(quote: join.QuoteInfo, tables: PolicyTables): Refusal {
  return refusalOf(() => verifyEvidence(quote, publicKey, policyState(tables), trust));
}

function withUvm(uvmEndorsements: Uint8Array): join.QuoteInfo {
  return { ...processor.quote(publicKey), uvmEndorsements };
}

const { [TABLES.nodesSnpMeasurements]: _, ...WITHOUT_MEASUREMENT } = SNP_POLICY;

for (const layout of ["cwt", "json"] as const) {
  test(`UVM endorsements of the ${layout} layout stand in for the measurement's row`, () => {
    const quote = withUvm(uvmSigner.endorse({ layout, measurement: MEASUREMENT }));
    const evidence = verifyEvidence(quote, publicKey, policyState(WITHOUT_MEASUREMENT), trust);
    assert.ok(evidence.format === QUOTE_FORMATS.snp);
    assert.equal(evidence.uvm?.endorsement?.svn, 100n);
  });
}

const stranger = createUvmSigner();
const UVM_CASES: readonly [string, () => Uint8Array, Readonly<Record<string, string>>][] = [
  [
    "an SVN that is too low",
    () => uvmSigner.endorse({ measurement: MEASUREMENT, svn: 99 }),
    { did: uvmSigner.did, feed: FEED, svn: "99", minimum_svn: "100" },
  ],
  [
    "another feed",
    () => uvmSigner.endorse({ measurement: MEASUREMENT, feed: "ConfAKS-AMD-UVM" }),
    { did: uvmSigner.did, feed: "ConfAKS-AMD-UVM", svn: "100", minimum_svn: "none" },
  ],
  [
    "a feed with a name that all objects have",
    () => uvmSigner.endorse({ measurement: MEASUREMENT, feed: "constructor" }),
    { did: uvmSigner.did, feed: "constructor", svn: "100", minimum_svn: "none" },
  ],
  [
    "another issuer",
    () => stranger.endorse({ measurement: MEASUREMENT }),
    { did: stranger.did, feed: FEED, svn: "100", minimum_svn: "none" },
  ],
  [
    "another measurement",
    () => uvmSigner.endorse({ measurement: "cc".repeat(48) }),
    { check: "uvm.measurement" },
  ],
  [
    "an issuer whose certificates are others",
    () => stranger.endorse({ measurement: MEASUREMENT, issuer: uvmSigner.did }),
    { check: "uvm.issuer" },
  ],
  [
    "a changed signature",
    () => {
      const message = uvmSigner.endorse({ measurement: MEASUREMENT });
      message.writeUInt8(message.readUInt8(message.length - 1) ^ 1, message.length - 1);
      return message;
    },
    { check: "uvm.signature" },
  ],
  ["bytes that are no message", () => Buffer.of(1), { check: "uvm.format" }],
];

for (const [what, endorse, found] of UVM_CASES) {
  test(`UVM endorsements are not authorised for ${what}, even if the measurement is known`, () => {
    const { message, details } = refusal(withUvm(endorse()), SNP_POLICY);
    assert.equal(message, "UVM endorsements are not authorised");
    for (const [name, value] of Object.entries(found)) assert.equal(details[name], value, name);
  });
}

const MALFORMED_ROWS: readonly [string, unknown][] = [
  ["no JSON", Buffer.from("{")],
  ["a list", [{ svn: "1" }]],
  ["a feed that is no object", { [FEED]: "1" }],
  ["a feed without an SVN", { [FEED]: {} }],
  ["an SVN in words", { [FEED]: { svn: "one" } }],
  ["an SVN with a sign", { [FEED]: { svn: "-1" } }],
];

for (const [what, row] of MALFORMED_ROWS) {
  test(`a row of trusted UVM endorsements with ${what} trusts nothing`, () => {
    const quote = withUvm(uvmSigner.endorse({ measurement: MEASUREMENT }));
    const tables = { ...SNP_POLICY, [TABLES.nodesSnpUvmEndorsements]: { [uvmSigner.did]: row } };
    assert.equal(refusal(quote, tables).message, REFUSALS.uvmEndorsements);
  });
}

test("a row may give the SVN as a number", () => {
  const quote = withUvm(uvmSigner.endorse({ measurement: MEASUREMENT, svn: "100" }));
  const row = { [uvmSigner.did]: { [FEED]: { svn: 100 } } };
  const tables = { ...WITHOUT_MEASUREMENT, [TABLES.nodesSnpUvmEndorsements]: row };
  assert.doesNotThrow(() => verifyEvidence(quote, publicKey, policyState(tables), trust));
});
