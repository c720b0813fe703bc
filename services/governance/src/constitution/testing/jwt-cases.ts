// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, X509Certificate } from "node:crypto";
import { TABLES } from "@consortium/ledger";
import { badArguments, type BadCase, type GoodCase } from "./cases.js";
import { alice, bob, json } from "./state.js";

const ISSUER = "https://login.example.com/tenant";
const OTHER_ISSUER = "https://other.example.com";
const rsaKey = createPublicKey(alice.encryptionKey).export({ format: "jwk" });
const spki = createPublicKey(alice.encryptionKey)
  .export({ format: "der", type: "spki" })
  .toString("base64");
const ecKey = new X509Certificate(bob.cert).publicKey.export({ format: "jwk" });
const x5c = [new X509Certificate(bob.cert).raw.toString("base64")];
const jwk = { ...rsaKey, kid: "key-1" };
const jwks = { keys: [jwk] };
const keyRow = json([{ issuer: ISSUER, public_key: spki }]);
const bundle = { [TABLES.tlsCaCertBundles]: { "a bundle": json(bob.cert) } };
const knownIssuer = { [TABLES.jwtIssuers]: { [ISSUER]: json({ issuer: ISSUER }) } };
const knownKeys = { [TABLES.jwtPublicSigningKeysMetadata]: { "key-1": keyRow } };
const legacy = {
  [TABLES.jwtLegacyPublicSigningKeys]: { "key-0": "der" },
  [TABLES.jwtLegacyPublicSigningKeysMetadata]: { "key-0": "[]" },
  [TABLES.jwtLegacyPublicSigningKeyIssuer]: { "key-0": ISSUER },
};
const withoutLegacy = {
  [TABLES.jwtLegacyPublicSigningKeys]: { "key-0": null },
  [TABLES.jwtLegacyPublicSigningKeysMetadata]: { "key-0": null },
  [TABLES.jwtLegacyPublicSigningKeyIssuer]: { "key-0": null },
};

export const jwtCases: readonly GoodCase[] = [
  {
    action: "set_jwt_issuer",
    args: { issuer: ISSUER, jwks, auto_refresh: false, note: 1 },
    writes: {
      [TABLES.jwtIssuers]: { [ISSUER]: json({ issuer: ISSUER, auto_refresh: false, note: 1 }) },
      ...knownKeys,
    },
  },
  {
    action: "set_jwt_issuer",
    about: "whose keys are fetched",
    args: { issuer: ISSUER, auto_refresh: true, ca_cert_bundle_name: "a bundle" },
    given: bundle,
    writes: {
      [TABLES.jwtIssuers]: {
        [ISSUER]: json({ issuer: ISSUER, auto_refresh: true, ca_cert_bundle_name: "a bundle" }),
      },
    },
  },
  {
    action: "set_jwt_issuer",
    about: "with nulls, which are nothing",
    args: { issuer: ISSUER, jwks: null, auto_refresh: null, ca_cert_bundle_name: null },
    writes: { [TABLES.jwtIssuers]: { [ISSUER]: json({ issuer: ISSUER }) } },
    unlikeCcf: "CCF writes the nulls, which its nodes cannot read",
  },
  {
    action: "set_jwt_issuer",
    about: "whose keys are fetched, without the bundle",
    args: { issuer: ISSUER, auto_refresh: true, ca_cert_bundle_name: "no bundle" },
    failure: "ca_cert_bundle_name no bundle is not the name of a CA bundle",
  },
  {
    action: "set_jwt_public_signing_keys",
    args: { issuer: ISSUER, jwks: { keys: [jwk] } },
    given: knownIssuer,
    writes: knownKeys,
  },
  {
    action: "set_jwt_public_signing_keys",
    about: "of nobody",
    args: { issuer: ISSUER, jwks },
    failure: `issuer ${ISSUER} is not known`,
  },
  {
    action: "remove_jwt_issuer",
    args: { issuer: ISSUER },
    given: { ...knownIssuer, ...knownKeys },
    writes: {
      [TABLES.jwtIssuers]: { [ISSUER]: null },
      [TABLES.jwtPublicSigningKeysMetadata]: { "key-1": null },
    },
  },
  {
    action: "remove_jwt_issuer",
    about: "whom nobody knows",
    args: { issuer: OTHER_ISSUER },
    given: { ...knownIssuer, ...knownKeys },
  },
  { action: "cleanup_legacy_jwt_records", given: legacy, writes: withoutLegacy },
  {
    action: "cleanup_legacy_jwt_records",
    about: "if there are new ones",
    args: { ensure_new_records_exist: true },
    given: { ...legacy, ...knownKeys },
    writes: withoutLegacy,
  },
  {
    action: "cleanup_legacy_jwt_records",
    about: "if there are new ones, and there are none",
    args: { ensure_new_records_exist: true },
    given: legacy,
    failure: "ensure_new_records_exist is true, but there are no new records of keys",
  },
  {
    action: "set_ca_cert_bundle",
    args: { name: "a bundle", cert_bundle: `${bob.cert}${alice.cert}` },
    writes: { [TABLES.tlsCaCertBundles]: { "a bundle": json(`${bob.cert}${alice.cert}`) } },
  },
  {
    action: "remove_ca_cert_bundle",
    args: { name: "a bundle" },
    writes: { [TABLES.tlsCaCertBundles]: { "a bundle": null } },
  },
];

function withKeys(...keys: unknown[]): unknown {
  return { keys };
}

const badKeySets: [string, unknown, string][] = [
  ["jwks", "text", "jwks must be an object but is a string"],
  ["jwks", {}, "jwks.keys must be an array but is missing"],
  ["jwks", withKeys(), "jwks.keys must have at least one key"],
  ["jwks", withKeys(7), "jwks.keys[0] must be an object but is a number"],
  ["jwks", withKeys(null), "jwks.keys[0] must be an object but is null"],
  ["jwks", withKeys(jwk, { ...jwk, kid: 1 }), "jwks.keys[1].kid must be a string but is a number"],
  [
    "jwks",
    withKeys({ ...jwk, kty: undefined }),
    "jwks.keys[0].kty must be a string but is missing",
  ],
  [
    "jwks",
    withKeys({ kid: "a", kty: "RSA", n: "a" }),
    "jwks.keys[0] must have x5c, or n and e (RSA), or x, y and crv (EC)",
  ],
  ["jwks", withKeys({ ...jwk, n: 1 }), "jwks.keys[0].n must be a string but is a number"],
  [
    "jwks",
    withKeys({ ...ecKey, kid: "a", crv: undefined }),
    "jwks.keys[0].crv must be a string but is missing",
  ],
  [
    "jwks",
    withKeys({ kid: "a", kty: "EC", x5c: "a" }),
    "jwks.keys[0].x5c must be an array but is a string",
  ],
  [
    "jwks",
    withKeys({ kid: "a", kty: "EC", x5c: [] }),
    "jwks.keys[0].x5c must have at least one certificate",
  ],
  [
    "jwks",
    withKeys({ kid: "a", kty: "EC", x5c: [...x5c, 1] }),
    "jwks.keys[0].x5c[1] must be a string but is a number",
  ],
  [
    "jwks",
    withKeys({ kid: "a", kty: "EC", x5c: ["AAAA"] }),
    "jwks.keys[0].x5c[0] must be an X.509 certificate in base64",
  ],
];

const refreshed = { issuer: ISSUER, auto_refresh: true, ca_cert_bundle_name: "a bundle" };

export const badJwt: readonly BadCase[] = [
  ...badArguments("set_jwt_issuer", { issuer: ISSUER, jwks }, [
    ["issuer", undefined, "issuer must be a string but is missing"],
    ["auto_refresh", "yes", "auto_refresh must be a boolean but is a string"],
    ["auto_refresh", true, "ca_cert_bundle_name is required if auto_refresh is true"],
    ["ca_cert_bundle_name", 7, "ca_cert_bundle_name must be a string but is a number"],
    ...badKeySets,
  ]),
  ...badArguments("set_jwt_issuer", refreshed, [
    [
      "issuer",
      "http://login.example.com",
      "issuer must be a URL starting with https:// if auto_refresh is true",
    ],
    ["issuer", "https://", "issuer must be a URL starting with https:// if auto_refresh is true"],
    [
      "issuer",
      `${ISSUER}?a=1`,
      "issuer must be a URL without query and fragment if auto_refresh is true",
    ],
    [
      "issuer",
      `${ISSUER}#a`,
      "issuer must be a URL without query and fragment if auto_refresh is true",
    ],
    ["ca_cert_bundle_name", "", "ca_cert_bundle_name is required if auto_refresh is true"],
  ]),
  ...badArguments("set_jwt_public_signing_keys", { issuer: ISSUER, jwks }, [
    ["issuer", 7, "issuer must be a string but is a number"],
    ["jwks", undefined, "jwks must be an object but is missing"],
    ...badKeySets,
  ]),
  ...badArguments("remove_jwt_issuer", { issuer: ISSUER }, [
    ["issuer", undefined, "issuer must be a string but is missing"],
  ]),
  {
    action: "cleanup_legacy_jwt_records",
    args: "text",
    message: "args must be an object but is a string",
  },
  {
    action: "cleanup_legacy_jwt_records",
    args: { ensure_new_records_exist: 1 },
    message: "ensure_new_records_exist must be a boolean but is a number",
  },
  ...badArguments("set_ca_cert_bundle", { name: "a", cert_bundle: bob.cert }, [
    ["name", undefined, "name must be a string but is missing"],
    ["cert_bundle", undefined, "cert_bundle must be a string but is missing"],
    ["cert_bundle", "PEM", "cert_bundle must be one or more X.509 certificates in PEM format"],
  ]),
  ...badArguments("remove_ca_cert_bundle", { name: "a" }, [
    ["name", 7, "name must be a string but is a number"],
  ]),
];
