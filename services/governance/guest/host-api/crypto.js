// SPDX-License-Identifier: Apache-2.0

// Buffers inside an algorithm (the label of RSA-OAEP) travel beside the JSON.
const crypto = {};

define(crypto, "digest", function digest(algorithm, data) {
  requireCount(arguments.length, 2);
  requireString(algorithm, "algorithm");
  requireBuffer(data, "data");
  return call("crypto.digest", [algorithm], data);
});

define(crypto, "sign", function sign(algorithm, key, data) {
  requireCount(arguments.length, 3);
  if (typeof key !== "string" && !isBuffer(key))
    throw new TypeError("key must be a string or an ArrayBuffer");
  requireBuffer(data, "data");
  return typeof key === "string"
    ? call("crypto.sign", [algorithm, key], data)
    : call("crypto.sign", [algorithm], data, key);
});

define(crypto, "verifySignature", function verifySignature(algorithm, key, signature, data) {
  requireCount(arguments.length, 4);
  requireString(key, "key");
  requireBuffer(signature, "signature");
  requireBuffer(data, "data");
  return call("crypto.verifySignature", [algorithm, key], signature, data);
});

define(crypto, "wrapKey", function wrapKey(key, wrappingKey, algorithm) {
  requireCount(arguments.length, 3);
  requireBuffer(key, "key");
  requireBuffer(wrappingKey, "wrapping key");
  const { name, aesKeySize, label } = algorithm;
  if (label !== undefined) requireBuffer(label, "label");
  return call("crypto.wrapKey", [name, aesKeySize, hexOf(label)], key, wrappingKey);
});

define(crypto, "unwrapKey", function unwrapKey(key, unwrappingKey, algorithm) {
  requireCount(arguments.length, 3);
  requireBuffer(key, "key");
  requireBuffer(unwrappingKey, "unwrapping key");
  const { name, aesKeySize, label } = algorithm;
  if (label !== undefined) requireBuffer(label, "label");
  return call("crypto.unwrapKey", [name, aesKeySize, hexOf(label)], key, unwrappingKey);
});

function hexOf(buffer) {
  return buffer === undefined ? "" : call("bufToHex", [], buffer);
}

define(crypto, "generateAesKey", function generateAesKey(bits) {
  requireCount(arguments.length, 1);
  return call("crypto.generateAesKey", [bits]);
});

define(crypto, "generateRsaKeyPair", function generateRsaKeyPair(bits, exponent) {
  requireCountBetween(arguments.length, 1, 2);
  return call("crypto.generateRsaKeyPair", [bits, exponent]);
});

for (const name of ["generateEcdsaKeyPair", "generateEddsaKeyPair"]) {
  define(crypto, name, function (curve) {
    requireCount(arguments.length, 1);
    requireString(curve, "curve");
    return call(`crypto.${name}`, [curve]);
  });
}

define(crypto, "isValidX509CertBundle", function isValidX509CertBundle(pem) {
  requireCount(arguments.length, 1);
  requireString(pem, "Argument");
  return call("crypto.isValidX509CertBundle", [pem]);
});

define(crypto, "isValidX509CertChain", function isValidX509CertChain(chain, trusted) {
  requireCount(arguments.length, 2);
  requireString(chain, "chain");
  requireString(trusted, "trusted");
  return call("crypto.isValidX509CertChain", [chain, trusted]);
});

for (const name of [
  "pubPemToJwk",
  "pemToJwk",
  "pubRsaPemToJwk",
  "rsaPemToJwk",
  "pubEddsaPemToJwk",
  "eddsaPemToJwk",
]) {
  define(crypto, name, function (pem, kid) {
    requireCountBetween(arguments.length, 1, 2);
    requireString(pem, "pem");
    if (kid !== undefined) requireString(kid, "kid");
    return call(`crypto.${name}`, [pem, kid]);
  });
}

for (const name of [
  "pubJwkToPem",
  "jwkToPem",
  "pubRsaJwkToPem",
  "rsaJwkToPem",
  "pubEddsaJwkToPem",
  "eddsaJwkToPem",
]) {
  define(crypto, name, function (jwk) {
    requireCount(arguments.length, 1);
    return call(`crypto.${name}`, [jwk]);
  });
}
define(ccf, "crypto", crypto);
