// SPDX-License-Identifier: Apache-2.0
action("set_ca_cert_bundle", {
  args: { name: string, cert_bundle: certificate },
  apply({ name, cert_bundle }) {
    writeRow("tls.ca_cert_bundles", name, cert_bundle);
  },
});

action("remove_ca_cert_bundle", {
  args: { name: string },
  apply({ name }) {
    table("tls.ca_cert_bundles").delete(ccf.strToBuf(name));
  },
});

function jwks(value, name) {
  object(value, name);
  array(value.keys, `${name}.keys`);
  value.keys.forEach((key, index) => jwk(key, `${name}.keys[${index}]`));
}

function jwk(key, name) {
  object(key, name);
  string(key.kid, `${name}.kid`);
  string(key.kty, `${name}.kty`);
  if (key.x5c) {
    array(key.x5c, `${name}.x5c`);
    if (key.x5c.length === 0) fail(`${name}.x5c must not be empty`);
    key.x5c.forEach((der, index) => {
      string(der, `${name}.x5c[${index}]`);
      certificate(
        `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----`,
        `${name}.x5c[${index}]`,
      );
    });
  } else if (key.n && key.e) {
    string(key.n, `${name}.n`);
    string(key.e, `${name}.e`);
  } else if (key.x && key.y) {
    for (const part of ["x", "y", "crv"]) string(key[part], `${name}.${part}`);
  } else {
    fail(`${name} must have x5c, or n and e of an RSA key, or x, y and crv of an EC key`);
  }
}

/** Where keys are fetched by the nodes themselves, the address must be one that is safe to ask. */
function checkRefresh({ auto_refresh, ca_cert_bundle_name, issuer }) {
  if (!auto_refresh) return;
  if (!ca_cert_bundle_name)
    fail("ca_cert_bundle_name is missing but required if auto_refresh is true");
  const url = /^([a-z][a-z0-9+.-]*):\/\/[^/?#]+[^?#]*(\?[^#]*)?(#.*)?$/i.exec(issuer);
  if (url === null) fail("issuer must be a URL if auto_refresh is true");
  if (url[1].toLowerCase() !== "https")
    fail("issuer must be a URL starting with https:// if auto_refresh is true");
  if (url[2] || url[3]) fail("issuer must be a URL without query/fragment if auto_refresh is true");
}

action("set_jwt_issuer", {
  args: {
    issuer: string,
    auto_refresh: optional(boolean),
    ca_cert_bundle_name: optional(string),
    jwks: optional(jwks),
  },
  check: checkRefresh,
  apply({ jwks: keys, ...metadata }) {
    const { issuer, auto_refresh, ca_cert_bundle_name } = metadata;
    if (auto_refresh && !table("tls.ca_cert_bundles").has(ccf.strToBuf(ca_cert_bundle_name))) {
      fail(`No CA cert bundle found with name '${ca_cert_bundle_name}'`);
    }
    if (keys) ccf.setJwtPublicSigningKeys(issuer, metadata, keys);
    writeRow("jwt.issuers", issuer, metadata);
  },
});

action("set_jwt_public_signing_keys", {
  args: { issuer: string, jwks },
  apply({ issuer, jwks: keys }) {
    const metadata = readRow("jwt.issuers", issuer);
    if (metadata === undefined) fail(`issuer ${issuer} not found`);
    ccf.setJwtPublicSigningKeys(issuer, metadata, keys);
  },
});

action("remove_jwt_issuer", {
  args: { issuer: string },
  apply({ issuer }) {
    const issuers = table("jwt.issuers");
    const key = ccf.strToBuf(issuer);
    if (!issuers.has(key)) return;
    ccf.removeJwtPublicSigningKeys(issuer);
    issuers.delete(key);
  },
});

action("cleanup_legacy_jwt_records", {
  args: { ensure_new_records_exist: optional(boolean) },
  apply({ ensure_new_records_exist }) {
    const legacy = table("jwt.public_signing_keys");
    if (ensure_new_records_exist && legacy.size > 0) {
      const current = table("jwt.public_signing_keys_metadata_v2");
      legacy.forEach((_, kid) => {
        if (!current.has(kid)) fail(`key ${ccf.bufToStr(kid)} has no new record`);
      });
    }
    for (const name of [
      "public_signing_keys",
      "public_signing_keys_metadata",
      "public_signing_key_issuer",
    ]) {
      table(`jwt.${name}`).clear();
    }
  },
});
