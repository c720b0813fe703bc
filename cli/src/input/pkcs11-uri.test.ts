// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { isPkcs11Uri, parsePkcs11Uri } from "./pkcs11-uri.js";

const MODULE = "module-path=/usr/lib/softhsm/libsofthsm2.so";

test("A key on a token is named as RFC 7512 does", () => {
  assert.deepEqual(
    parsePkcs11Uri(`pkcs11:token=t1;object=member0?${MODULE}&pin-source=file:/run/pin`),
    {
      modulePath: "/usr/lib/softhsm/libsofthsm2.so",
      token: "t1",
      object: "member0",
      pinFile: "/run/pin",
    },
  );
});

test("What is written with % is any byte, and what does not matter is passed over", () => {
  const uri = parsePkcs11Uri(
    `pkcs11:token=The%20token;serial=01%3B02;id=%01%ff;slot-id=7;manufacturer=M;model=%E2%82%AC;library-version=3;type=private?${MODULE}`,
  );
  assert.deepEqual(uri, {
    modulePath: "/usr/lib/softhsm/libsofthsm2.so",
    token: "The token",
    serial: "01;02",
    manufacturer: "M",
    model: "€",
    id: Buffer.from([1, 255]),
    slotId: 7,
  });
});

for (const [source, file] of [
  ["file:/run/pin", "/run/pin"],
  ["file:///run/pin", "/run/pin"],
  ["/run/pin", "/run/pin"],
  ["pin.txt", "pin.txt"],
  ["file:pin.txt", "pin.txt"],
] as const) {
  test(`The PIN of pin-source=${source} is in ${file}`, () => {
    const uri = parsePkcs11Uri(`pkcs11:object=a?${MODULE}&pin-source=${source}`);
    assert.equal(uri.pinFile, file);
  });
}

for (const [problem, uri, words] of [
  ["without a module", "pkcs11:object=a", /module-path=… is missing/],
  ["with an empty module", "pkcs11:object=a?module-path=", /module-path=… is missing/],
  ["without a key", `pkcs11:token=t?${MODULE}`, /names no key/],
  ["of a certificate", `pkcs11:object=a;type=cert?${MODULE}`, /type=cert is no private key/],
  ["with an attribute twice", `pkcs11:object=a;object=b?${MODULE}`, /object stands twice/],
  ["with an attribute nobody knows", `pkcs11:object=a;colour=red?${MODULE}`, /colour is not known/],
  [
    "with a setting nobody knows",
    `pkcs11:object=a?${MODULE}&module-name=x`,
    /module-name is not known/,
  ],
  ["with an attribute without a value", `pkcs11:object?${MODULE}`, /object has no value/],
  ["with a slot that is no number", `pkcs11:object=a;slot-id=-1?${MODULE}`, /not a number/],
  ["with a broken %", `pkcs11:object=%zz?${MODULE}`, /two hex digits/],
  ["with two queries", `pkcs11:object=a?${MODULE}?x=1`, /not a pkcs11: URI/],
  ["with a program for the PIN", `pkcs11:object=a?${MODULE}&pin-source=|/bin/pin`, /is not a file/],
  [
    "with another URL for the PIN",
    `pkcs11:object=a?${MODULE}&pin-source=https://a/b`,
    /is not a file/,
  ],
] as const) {
  test(`A URI ${problem} is refused`, () => {
    assert.throws(
      () => parsePkcs11Uri(uri),
      (error) => isAppError(error, "INVALID_INPUT") && words.test(error.message),
    );
  });
}

for (const uri of [
  `pkcs11:object=a?${MODULE}&pin-value=1234`,
  `pkcs11:object=a;pin-value=1234?${MODULE}`,
  "pkcs11:object=a;PIN-VALUE=1234%",
]) {
  test(`A PIN that is written out is refused, and not repeated: ${uri.replace("1234", "…")}`, () => {
    assert.throws(
      () => parsePkcs11Uri(uri),
      (error) => isAppError(error, "SECRET_ON_COMMAND_LINE") && !error.message.includes("1234"),
    );
  });
}

test("A file is no URI", () => {
  assert.equal(isPkcs11Uri("member0_privk.pem"), false);
  assert.equal(isPkcs11Uri("./pkcs11:x"), false);
});
