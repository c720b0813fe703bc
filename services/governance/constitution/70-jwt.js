// SPDX-License-Identifier: Apache-2.0

/* Issuers of JSON Web Tokens, and the keys that they sign with. */

const jwtIssuers = jsonTable("public:ccf.gov.jwt.issuers");
const jwtKeys = jsonTable("public:ccf.gov.jwt.public_signing_keys_metadata_v2");
const legacyJwtTables = [
  textTable("public:ccf.gov.jwt.public_signing_keys"),
  textTable("public:ccf.gov.jwt.public_signing_keys_metadata"),
  textTable("public:ccf.gov.jwt.public_signing_key_issuer"),
];

defineAction("set_jwt_issuer", {
  validate({ issuer, auto_refresh, ca_cert_bundle_name, jwks }) {
    checkString(issuer, "issuer");
    checkOptional(checkBoolean, auto_refresh, "auto_refresh");
    checkOptional(checkString, ca_cert_bundle_name, "ca_cert_bundle_name");
    checkOptional(checkKeySet, jwks, "jwks");
    if (auto_refresh) checkRefreshable(issuer, ca_cert_bundle_name);
  },
  apply({ jwks, ...rest }) {
    const metadata = withoutNulls(rest);
    const { issuer, auto_refresh, ca_cert_bundle_name } = metadata;
    demand(
      !auto_refresh || caBundles.has(ca_cert_bundle_name),
      `ca_cert_bundle_name ${ca_cert_bundle_name} is not the name of a CA bundle`,
    );
    if (!isAbsent(jwks)) ccf.setJwtPublicSigningKeys(issuer, metadata, jwks);
    jwtIssuers.write(issuer, metadata);
  },
});

/** The keys are fetched from the issuer's own server, which the service must recognise. */
function checkRefreshable(issuer, ca_cert_bundle_name) {
  demand(
    !isAbsent(ca_cert_bundle_name) && ca_cert_bundle_name !== "",
    "ca_cert_bundle_name is required if auto_refresh is true",
  );
  demand(
    /^https:\/\/[^/?#]/.test(issuer),
    "issuer must be a URL starting with https:// if auto_refresh is true",
  );
  demand(
    !/[?#]/.test(issuer),
    "issuer must be a URL without query and fragment if auto_refresh is true",
  );
}

defineAction("set_jwt_public_signing_keys", {
  validate({ issuer, jwks }) {
    checkString(issuer, "issuer");
    checkKeySet(jwks, "jwks");
  },
  apply({ issuer, jwks }) {
    const metadata = jwtIssuers.read(issuer);
    demand(metadata !== undefined, `issuer ${issuer} is not known`);
    ccf.setJwtPublicSigningKeys(issuer, metadata, jwks);
  },
});

defineAction("remove_jwt_issuer", {
  validate({ issuer }) {
    checkString(issuer, "issuer");
  },
  apply({ issuer }) {
    if (!jwtIssuers.has(issuer)) return;
    jwtIssuers.remove(issuer);
    ccf.removeJwtPublicSigningKeys(issuer);
  },
});

defineBareAction("cleanup_legacy_jwt_records", {
  validate(args) {
    if (isAbsent(args)) return;
    checkObject(args, "args");
    checkOptional(checkBoolean, args.ensure_new_records_exist, "ensure_new_records_exist");
  },
  apply(args) {
    demand(
      !args?.ensure_new_records_exist || !jwtKeys.isEmpty(),
      "ensure_new_records_exist is true, but there are no new records of keys",
    );
    for (const table of legacyJwtTables) table.clear();
  },
});

/** A JSON Web Key Set. @type {Check} */
function checkKeySet(value, name) {
  checkObject(value, name);
  checkArray(value.keys, `${name}.keys`);
  demand(value.keys.length > 0, `${name}.keys must have at least one key`);
  for (const [index, key] of value.keys.entries()) checkWebKey(key, `${name}.keys[${index}]`);
}

/** Certificates, or the numbers of an RSA key, or the point of an EC key. @type {Check} */
function checkWebKey(key, name) {
  checkObject(key, name);
  checkString(key.kid, `${name}.kid`);
  checkString(key.kty, `${name}.kty`);
  if (key.x5c) checkCertificateChain(key.x5c, `${name}.x5c`);
  else if (key.n && key.e) checkStrings(key, ["n", "e"], name);
  else if (key.x && key.y) checkStrings(key, ["x", "y", "crv"], name);
  else throw new Error(`${name} must have x5c, or n and e (RSA), or x, y and crv (EC)`);
}

function checkStrings(value, fields, name) {
  for (const field of fields) checkString(value[field], `${name}.${field}`);
}

/** Base64 of DER each, without PEM around it. @type {Check} */
function checkCertificateChain(chain, name) {
  checkArray(chain, name);
  demand(chain.length > 0, `${name} must have at least one certificate`);
  for (const [index, text] of chain.entries()) {
    const each = `${name}[${index}]`;
    checkString(text, each);
    demand(
      ccf.crypto.isValidX509CertBundle(
        `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`,
      ),
      `${each} must be an X.509 certificate in base64`,
    );
  }
}
