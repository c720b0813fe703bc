// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { encode } from "cborg";
import type { CheckResult } from "../check.js";
import {
  createUvmSigner,
  snpFixture,
  type UvmAlgorithm,
  type UvmSigner,
  type UvmStatement,
} from "../testing/index.js";
import { checkUvmEndorsements, readUvmEndorsements } from "./index.js";

const MEASUREMENT = "0a".repeat(48);
const signer = createUvmSigner();

function failures(checks: readonly CheckResult[]): Record<string, string> {
  const failed = checks.filter(({ outcome }) => outcome === "failed");
  return Object.fromEntries(failed.map(({ id, found }) => [id, found]));
}

function check(statement: Partial<UvmStatement>, by: UvmSigner = signer): Record<string, string> {
  const bytes = by.endorse({ measurement: MEASUREMENT, ...statement });
  return failures(checkUvmEndorsements(bytes, MEASUREMENT).checks);
}

const REAL = [
  {
    file: "uvm_0.2.9.cose",
    issuer:
      "did:x509:0:sha256:I__iuL25oXEVFdTP_aBLx_eT1RPHbCQ_ECBQfYZpt9s::eku:1.3.6.1.4.1.311.76.59.1.2",
    feed: "ContainerPlat-AMD-UVM",
    svn: 103n,
    measurement:
      "d0c9e2be22046e60779be88868cff64c2aa22047c15d3127ba495cee3fbc2854c5633f9da2096e6c64ae2b69bbff8082",
  },
  {
    file: "ecdsa_test1.cose",
    issuer:
      "did:x509:0:sha256:I__iuL25oXEVFdTP_aBLx_eT1RPHbCQ_ECBQfYZpt9s::eku:1.3.6.1.4.1.311.76.59.1.5",
    feed: "ConfAKS-AMD-UVM",
    svn: 1n,
    measurement:
      "1b66347ceafca663690ff17ed2144b8acdee661edc5d28e69a7c85dde7ba0c3a6f9862096e8b38da7aa622ddeed75c37",
  },
] as const;

for (const { file, issuer, feed, svn, measurement } of REAL) {
  test(`the real endorsements ${file} hold, though a certificate in them has run out`, () => {
    const { endorsement, checks } = checkUvmEndorsements(snpFixture(file), measurement);
    assert.deepEqual(failures(checks), {});
    assert.equal(endorsement?.layout, "json");
    assert.equal(endorsement.algorithm, -38);
    assert.equal(endorsement.issuer, issuer);
    assert.equal(endorsement.feed, feed);
    assert.equal(endorsement.svn, svn);
    assert.equal(endorsement.measurement, measurement);
    assert.equal(endorsement.chain.length, 3);
  });

  test(`the real endorsements ${file} fail for another measurement`, () => {
    const { checks } = checkUvmEndorsements(snpFixture(file), MEASUREMENT);
    assert.deepEqual(Object.keys(failures(checks)), ["uvm.measurement"]);
  });

  test(`a turned bit in ${file} is found wherever it is signed`, () => {
    const original = snpFixture(file);
    // The unprotected header, a time stamp of 5210 bytes, is nobody's word and is not used.
    const stamp = original.indexOf(Buffer.from("timestamp"));
    for (let offset = 0; offset < original.length; offset += 13) {
      if (offset >= stamp - 2 && offset < stamp + 5300) continue;
      const changed = Buffer.from(original);
      changed.writeUInt8(original.readUInt8(offset) ^ 4, offset);
      const { checks } = checkUvmEndorsements(changed, measurement);
      assert.notDeepEqual(failures(checks), {}, `offset ${offset}`);
    }
  });
}

test("every shortened message is refused with its code", () => {
  const bytes = signer.endorse({ measurement: MEASUREMENT });
  for (let length = 0; length < bytes.length; length += 11) {
    assert.throws(
      () => readUvmEndorsements(bytes.subarray(0, length)),
      (error) => isAppError(error, "UVM_ENDORSEMENTS_MALFORMED"),
    );
  }
});

for (const algorithm of ["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"] as const) {
  test(`endorsements signed with ${algorithm} hold in both layouts`, () => {
    const by = createUvmSigner({ algorithm });
    assert.deepEqual(check({ layout: "cwt" }, by), {});
    assert.deepEqual(check({ layout: "json" }, by), {});
  });
}

for (const layout of ["cwt", "json"] as const) {
  for (const svn of [7, "7", 0, "0"]) {
    test(`the ${layout} layout may give the SVN as ${JSON.stringify(svn)}`, () => {
      const bytes = signer.endorse({ layout, svn, measurement: MEASUREMENT });
      assert.equal(readUvmEndorsements(bytes).svn, BigInt(svn));
    });
  }

  for (const svn of [-1, 1.5, "", "1a", " 1", "-1", null, [1], "9".repeat(21)]) {
    test(`the ${layout} layout is refused with the SVN ${JSON.stringify(svn)}`, () => {
      assert.deepEqual(check({ layout, svn }), {
        "uvm.format": "the UVM endorsements cannot be read: the SVN is not a number",
      });
    });
  }
}

test("an SVN beyond the numbers of JavaScript keeps its value", () => {
  const bytes = signer.endorse({ svn: 2n ** 63n, measurement: MEASUREMENT });
  assert.equal(readUvmEndorsements(bytes).svn, 2n ** 63n);
});

test("tagged times and unknown headers do not disturb", () => {
  const header = (map: Map<unknown, unknown>): void => {
    map.set("another", 1);
    map.set(34, [-16, new Uint8Array(32)]);
  };
  assert.deepEqual(check({ header }), {});
});

test("claims without an SVN are those of the legacy layout", () => {
  const header = (map: Map<unknown, unknown>): void => {
    map.set(15, new Map([[1, "did:x509:0:sha256:x::eku:1.2"]]));
  };
  assert.deepEqual(check({ layout: "json", header }), {});
});

type HeaderChange = (header: Map<unknown, unknown>) => void;
const MALFORMED: readonly [string, "cwt" | "json", HeaderChange, string][] = [
  ["no algorithm", "cwt", (map) => map.delete(1), "no algorithm is named"],
  ["an algorithm in words", "cwt", (map) => map.set(1, "PS384"), "no algorithm is named"],
  ["no chain", "cwt", (map) => map.delete(33), "there is no chain of certificates"],
  [
    "a chain without an end",
    "cwt",
    (map) => map.set(33, Array(11).fill(Buffer.of(1))),
    "the chain is too long",
  ],
  ["a chain of text", "cwt", (map) => map.set(33, ["x"]), "there is no chain of certificates"],
  [
    "a chain of other bytes",
    "cwt",
    (map) => map.set(33, [Buffer.of(1)]),
    "a certificate of the chain cannot be read",
  ],
  [
    "another content type of the preimage",
    "cwt",
    (map) => map.set(259, "application/json"),
    "the payload's content type is not application/octet-stream",
  ],
  [
    "no content type of the preimage",
    "cwt",
    (map) => map.delete(259),
    "the payload's content type is not application/octet-stream",
  ],
  [
    "another content type",
    "json",
    (map) => map.set(3, "text/plain"),
    "the payload's content type is not application/json",
  ],
  ["no issuer", "json", (map) => map.delete("iss"), "there is no issuer"],
  ["no feed", "json", (map) => map.delete("feed"), "there is no feed"],
  [
    "claims without an issuer",
    "cwt",
    (map) => map.set(15, new Map<unknown, unknown>([["svn", 1]])),
    "there is no issuer",
  ],
  [
    "claims without a subject",
    "cwt",
    (map) =>
      map.set(
        15,
        new Map<unknown, unknown>([
          ["svn", 1],
          [1, "did:x"],
        ]),
      ),
    "there is no subject",
  ],
];

for (const [what, layout, header, reason] of MALFORMED) {
  test(`UVM endorsements are unreadable with ${what}`, () => {
    assert.deepEqual(check({ layout, header }), {
      "uvm.format": `the UVM endorsements cannot be read: ${reason}`,
    });
  });
}

const BAD_PAYLOADS: readonly [string, string, string][] = [
  ["no JSON", "{", "the payload is not JSON"],
  ["a text", '"x"', "the payload is not a JSON object"],
  ["null", "null", "the payload is not a JSON object"],
  ["no measurement", '{"x-ms-sevsnpvm-guestsvn":"1"}', "there is no launch measurement"],
  [
    "no SVN",
    JSON.stringify({ "x-ms-sevsnpvm-launchmeasurement": MEASUREMENT }),
    "the SVN is not a number",
  ],
];

for (const [what, payload, reason] of BAD_PAYLOADS) {
  test(`a payload of JSON is unreadable with ${what}`, () => {
    assert.deepEqual(check({ layout: "json", payload: Buffer.from(payload) }), {
      "uvm.format": `the UVM endorsements cannot be read: ${reason}`,
    });
  });
}

const BAD_MESSAGES: readonly [string, Uint8Array, string][] = [
  ["nothing", new Uint8Array(), "they are not a COSE_Sign1 message"],
  ["no message", Buffer.from("nonsense"), "they are not a COSE_Sign1 message"],
  ["a detached payload", message(encode(new Map([[1, -7]])), null), "they have no payload"],
  [
    "an unknown tag in the header",
    message(Buffer.from("a202c2410101 26".replace(" ", ""), "hex"), new Uint8Array()),
    "the protected header cannot be read",
  ],
];

function message(header: Uint8Array, payload: Uint8Array | null): Buffer {
  const parts = [header, new Map(), payload, new Uint8Array(64)].map((part) => encode(part));
  return Buffer.concat([Uint8Array.of(0xd2, 0x84), ...parts]);
}

for (const [what, bytes, reason] of BAD_MESSAGES) {
  test(`UVM endorsements are unreadable as ${what}`, () => {
    assert.deepEqual(failures(checkUvmEndorsements(bytes, MEASUREMENT).checks), {
      "uvm.format": `the UVM endorsements cannot be read: ${reason}`,
    });
  });
}

test("a measurement in capitals is another text than the report's", () => {
  const payload = JSON.stringify({
    "x-ms-sevsnpvm-launchmeasurement": MEASUREMENT.toUpperCase(),
    "x-ms-sevsnpvm-guestsvn": "1",
  });
  const found = check({ layout: "json", payload: Buffer.from(payload) });
  assert.deepEqual(Object.keys(found), ["uvm.measurement"]);
});

const WRONG_ALGORITHMS: readonly [UvmAlgorithm, number, string][] = [
  ["PS384", -37, "the signature is not the key's"],
  ["PS384", -257, "algorithm -257 is not accepted"],
  ["PS384", -7, "the key is not one for ES256"],
  ["ES256", -35, "the key is not one for ES384"],
  ["ES256", -38, "the key is not one for PS384"],
  ["ES256", -8, "algorithm -8 is not accepted"],
];

for (const [algorithm, named, reason] of WRONG_ALGORITHMS) {
  test(`a signature of ${algorithm} that is called ${named} does not hold`, () => {
    const by = createUvmSigner({ algorithm });
    assert.deepEqual(check({ header: (map) => map.set(1, named) }, by), {
      "uvm.signature": reason,
    });
  });
}

test("a signature by another key than the certificate's does not hold", () => {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const by = createUvmSigner({ end: { publicKey } });
  assert.deepEqual(check({}, by), { "uvm.signature": "the signature is not the key's" });
});

test("without a report's measurement the rest is still checked", () => {
  const bytes = signer.endorse({ measurement: MEASUREMENT });
  const { checks } = checkUvmEndorsements(bytes, undefined);
  assert.deepEqual(failures(checks), {});
  assert.equal(checks.find(({ id }) => id === "uvm.measurement")?.outcome, "skipped");
});
