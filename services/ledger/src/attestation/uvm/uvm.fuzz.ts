// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz, mutateCbor, pick, readCbor } from "@consortium/crypto-wasm/testing";
import { isAppError } from "@consortium/kit/errors";
import { createUvmSigner, snpFixture } from "../testing/index.js";
import { readUvmEndorsements } from "./index.js";

test("changed UVM endorsements are read or refused, and nothing else", async (t) => {
  const signer = createUvmSigner();
  const endorsements = [
    readCbor(snpFixture("ecdsa_test1.cose")),
    readCbor(signer.endorse({ measurement: "0a".repeat(48) })),
  ];
  const outcomes = await fuzz(t, { cases: 20_000 }, (random) => {
    try {
      readUvmEndorsements(mutateCbor(pick(random, endorsements), random));
      return "read";
    } catch (error) {
      assert.ok(isAppError(error, "UVM_ENDORSEMENTS_MALFORMED"), String(error));
      return "refused";
    }
  });
  for (const outcome of ["read", "refused"]) assert.ok((outcomes.get(outcome) ?? 0) > 0, outcome);
});
