// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coseSign1Sign } from "@consortium/crypto-wasm";
import { SINGLETON_KEY } from "../kv/types.js";
import * as internal from "../tables/internal-rows.js";
import { encodeBase64 } from "../tables/json.js";
import { TABLES } from "../tables/names.js";
import { fixtureEntries, fixtureServiceCert } from "../verify/testing/fixtures.js";
import { createTestService } from "../verify/testing/identities.js";
import { endorsementHeader } from "./cose-header.js";
import { issueIdentityEndorsement, verifyEndorsementRow } from "./identity-endorsement.js";
import { readPublicKey } from "./keys.js";

const [former, current] = [createTestService("Secp384R1"), createTestService("Secp384R1")];
const key = readPublicKey(current.certPem);
const issued = issueIdentityEndorsement({
  endorsingKey: current.key,
  endorsedKey: former.key.publicKeySpki(),
  issuedAt: 1_750_000_000,
  epochStart: "2.1",
  epochEnd: "2.40",
  epochEndRoot: new Uint8Array(32).fill(4),
  previousVersion: 13,
});

describe("an identity endorsement", () => {
  it("is read back with the endorsed key and its epoch", () => {
    const row = internal.previousServiceIdentityEndorsement.decode(
      internal.previousServiceIdentityEndorsement.encode(issued),
    );
    const endorsement = verifyEndorsementRow(row, key);
    assert.equal(endorsement.endorsedKey.id, former.keyId);
    assert.equal(endorsement.epochStart, "2.1");
    assert.equal(endorsement.epochEnd, "2.40");
    assert.deepEqual([...(endorsement.epochEndRoot ?? [])], Array(32).fill(4));
    assert.equal(row.previous_version, 13);
  });

  it("is understood as CCF writes it", () => {
    for (const [name, seqno, start] of [
      ["cose_flipflop_service", 13, "2.1"],
      ["expired_service", 60, "4.29"],
    ] as const) {
      const { decoded } = fixtureEntries(name)[seqno - 1] ?? assert.fail();
      const value = decoded.publicWrites
        .get(TABLES.previousServiceIdentityEndorsement)
        ?.get(SINGLETON_KEY);
      const row = internal.previousServiceIdentityEndorsement.decode(value ?? new Uint8Array());
      const service = readPublicKey(fixtureServiceCert(name));
      const endorsement = verifyEndorsementRow(row, service);
      assert.equal(endorsement.endorsedKey.id, service.id);
      assert.equal(endorsement.epochStart, start);
      assert.equal(endorsement.epochEnd, undefined);
    }
  });

  const signed = (header: Uint8Array, payload: Uint8Array, detached = false): string =>
    encodeBase64(coseSign1Sign(current.key, header, payload, { detached }));
  const spki = former.key.publicKeySpki();
  const header = endorsementHeader({ alg: -35, iat: 1, epochStart: "2.1", epochEnd: "2.40" });
  const forged = issueIdentityEndorsement({
    endorsingKey: former.key,
    endorsedKey: spki,
    issuedAt: 1,
    epochStart: "2.1",
    epochEnd: "2.40",
  });
  const bad: [what: string, change: Partial<typeof issued>][] = [
    ["another epoch in the row", { endorsement_epoch_end: "2.41" }],
    ["another start in the row", { endorsement_epoch_begin: "2.2" }],
    ["another endorsing key in the row", { endorsing_key: encodeBase64(spki) }],
    ["another signer", { endorsement: forged.endorsement }],
    ["no COSE", { endorsement: "AAAA" }],
    ["a detached payload", { endorsement: signed(header, spki, true) }],
    ["a payload that is no key", { endorsement: signed(header, spki.subarray(1)) }],
    [
      "an epoch that is no transaction id",
      {
        endorsement: signed(endorsementHeader({ alg: -35, iat: 1, epochStart: "2" }), spki),
        endorsement_epoch_begin: "2",
      },
    ],
  ];
  for (const [what, change] of bad) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => verifyEndorsementRow({ ...issued, ...change }, key), {
        code: "IDENTITY_ENDORSEMENT_INVALID",
      });
    });
  }
});
