// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import type { Extension } from "@peculiar/asn1-x509";
import { derInteger, evaluate, type ProcessorCase, rawExtension } from "../testing/index.js";

/* Chains below a root of their own: every check of them fails once. */

const AMD = "1.3.6.1.4.1.3704.1";
const strangerKeys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const stranger = { subject: "CN=SEV-Milan", privateKey: strangerKeys.privateKey };
const strangerRoot = { subject: "CN=ARK-Milan", privateKey: strangerKeys.privateKey };
const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });

const CHAIN_CASES: readonly ProcessorCase[] = [
  {
    what: "a root that nobody built in",
    trust: { roots: [] },
    fails: {
      "chain.root": "the key of ARK-Milan is none of them",
      "endorsed.product": "processor Milan, root of none",
    },
  },
  {
    what: "a root of a stranger with AMD's names",
    processor: { ark: { publicKey: strangerKeys.publicKey, issuer: strangerRoot } },
    fails: {
      "chain.root": "the key of ARK-Milan is none of them",
      "chain.ask": "SEV-Milan does not carry a signature by the key of ARK-Milan",
      "endorsed.product": "processor Milan, root of none",
    },
  },
  {
    what: "AMD's root key in a certificate that it did not sign",
    processor: { ark: { issuer: strangerRoot } },
    fails: { "chain.ark": "ARK-Milan does not carry a signature by the key of ARK-Milan" },
  },
  {
    what: "a root that is issued by somebody else",
    processor: { ark: { issuer: { ...strangerRoot, subject: "CN=Stranger" } } },
    fails: {
      "chain.ark":
        "ARK-Milan does not name ARK-Milan as issuer, or ARK-Milan may not sign certificates",
    },
  },
  {
    what: "an ASK that a stranger signed",
    processor: { ask: { issuer: strangerRoot } },
    fails: { "chain.ask": "SEV-Milan does not carry a signature by the key of ARK-Milan" },
  },
  {
    what: "an ASK that is no authority",
    processor: { ask: { authority: undefined as never } },
    fails: { "chain.vcek": "SEV-Milan is not a certificate authority" },
  },
  {
    what: "a root that allows no authorities below it",
    processor: { ark: { authority: { pathLength: 0 } } },
    fails: {
      "chain.ark": "ARK-Milan may not have authorities below it",
      "chain.ask": "ARK-Milan may not have authorities below it",
    },
  },
  {
    what: "an ASK with a critical extension that nobody knows",
    processor: { ask: { extensions: [rawExtension("1.2.3.4", Buffer.of(5, 0), true)] } },
    fails: {
      "chain.ask": "SEV-Milan has the extension 1.2.3.4, which is not understood here",
      "chain.vcek": "SEV-Milan has the extension 1.2.3.4, which is not understood here",
    },
  },
  {
    what: "an ASK with a weak key",
    processor: { ask: { publicKey: weak.publicKey } },
    fails: {
      "chain.ask": "the key of SEV-Milan is weak or of an unknown kind",
      "chain.vcek": "the key of SEV-Milan is weak or of an unknown kind",
    },
  },
  {
    what: "a VCEK that a stranger signed",
    processor: { vcek: { issuer: stranger } },
    fails: { "chain.vcek": "SEV-VCEK does not carry a signature by the key of SEV-Milan" },
  },
  {
    what: "a VCEK of another issuer",
    processor: { vcek: { issuer: { ...stranger, subject: "CN=Stranger" } } },
    fails: {
      "chain.vcek":
        "SEV-VCEK does not name SEV-Milan as issuer, or SEV-Milan may not sign certificates",
    },
  },
  {
    what: "a VCEK that is not valid any more",
    processor: { vcek: { validTo: new Date("2025-06-01T00:00:00Z") } },
    fails: {
      "chain.dates": "SEV-VCEK is valid from 2025-01-01T00:00:00.000Z to 2025-06-01T00:00:00.000Z",
    },
  },
  {
    what: "an ASK that is not valid yet",
    processor: { ask: { validFrom: new Date("2027-01-01T00:00:00Z") } },
    fails: {
      "chain.dates": "SEV-Milan is valid from 2027-01-01T00:00:00.000Z to 2032-01-01T00:00:00.000Z",
    },
  },
  {
    what: "a root that is not valid any more",
    processor: { ark: { validTo: new Date("2025-06-01T00:00:00Z") } },
    fails: {
      "chain.dates": "ARK-Milan is valid from 2025-01-01T00:00:00.000Z to 2025-06-01T00:00:00.000Z",
    },
  },
  {
    what: "a VCEK on another curve",
    processor: { curve: "prime256v1" },
    fails: { "chain.key": "prime256v1", "report.signature": "it is not by the VCEK's key" },
  },
  {
    what: "a VCEK for RSA",
    processor: { vcek: { publicKey: strangerKeys.publicKey } },
    fails: { "chain.key": "rsa", "report.signature": "it is not by the VCEK's key" },
  },
];

for (const one of CHAIN_CASES) {
  test(`a chain fails for ${one.what}`, () => assert.deepEqual(evaluate(one), one.fails));
}

test("an extension that is there twice makes the endorsements unreadable", () => {
  const extra = rawExtension(`${AMD}.3.1`, derInteger(0));
  const processor = { extensions: (all: readonly Extension[]) => [...all, extra] };
  const failures = evaluate({ what: "twice", processor, fails: {} });
  assert.deepEqual(failures, {
    "chain.format": `a certificate cannot be read: extension ${AMD}.3.1 is there twice`,
  });
});
