// SPDX-License-Identifier: Apache-2.0

/*
 * Checks of arguments. Each throws an Error that names the argument by its path from `args`, so
 * that a reader of the proposal finds it. An argument that may be left out may also be null.
 */

/** @param {unknown} value */
function isAbsent(value) {
  return value === undefined || value === null;
}

/** What a value is, for people: its JSON type. @param {unknown} value */
function kindOf(value) {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return Array.isArray(value)
    ? "an array"
    : `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
}

/**
 * @param {boolean} condition
 * @param {string} message
 */
function demand(condition, message) {
  if (!condition) throw new Error(message);
}

/** @typedef {(value: unknown, name: string) => void} Check */

/** @type {Check} */
function checkString(value, name) {
  demand(typeof value === "string", `${name} must be a string but is ${kindOf(value)}`);
}

/** @type {Check} */
function checkBoolean(value, name) {
  demand(typeof value === "boolean", `${name} must be a boolean but is ${kindOf(value)}`);
}

/** @type {Check} */
function checkNumber(value, name) {
  demand(typeof value === "number", `${name} must be a number but is ${kindOf(value)}`);
}

/** @type {Check} */
function checkObject(value, name) {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  demand(isObject, `${name} must be an object but is ${kindOf(value)}`);
}

/** @type {Check} */
function checkArray(value, name) {
  demand(Array.isArray(value), `${name} must be an array but is ${kindOf(value)}`);
}

/**
 * An integer that no reader rounds.
 * @param {number} least
 * @param {number} [most]
 * @returns {Check}
 */
function integerFrom(least, most) {
  return (value, name) => {
    demand(Number.isSafeInteger(value), `${name} must be an integer`);
    if (most === undefined) demand(value >= least, `${name} must be at least ${least}`);
    else demand(value >= least && value <= most, `${name} must be between ${least} and ${most}`);
  };
}

/**
 * @param {readonly string[]} choices
 * @returns {Check}
 */
function oneOf(...choices) {
  return (value, name) => {
    demand(choices.includes(value), `${name} must be one of ${choices.join(", ")}`);
  };
}

/**
 * @param {Check} check
 * @param {unknown} value
 * @param {string} name
 */
function checkOptional(check, value, name) {
  if (!isAbsent(value)) check(value, name);
}

/** The id of a member, a user or a node. @type {Check} */
function checkId(value, name) {
  checkString(value, name);
  demand(/^[0-9a-fA-F]{64}$/.test(value), `${name} must be 64 hex digits`);
}

/**
 * Hex as the service itself writes it.
 * @param {number} digits
 * @returns {Check}
 */
function lowerHex(digits) {
  return (value, name) => {
    checkString(value, name);
    demand(
      value.length === digits && /^[0-9a-f]*$/.test(value),
      `${name} must be ${digits} lower-case hex digits`,
    );
  };
}

/** @type {Check} */
function checkCertificates(value, name) {
  checkString(value, name);
  demand(
    ccf.crypto.isValidX509CertBundle(value),
    `${name} must be one or more X.509 certificates in PEM format`,
  );
}

/** 2048 bits in base64url. */
const RSA_MODULUS_CHARACTERS_MIN = 342;

/** The key that recovery shares are encrypted with. @type {Check} */
function checkRsaPublicKey(value, name) {
  checkString(value, name);
  let modulus = "";
  try {
    modulus = ccf.crypto.pubRsaPemToJwk(value).n;
  } catch {
    // No key at all: said below.
  }
  demand(
    modulus.length >= RSA_MODULUS_CHARACTERS_MIN,
    `${name} must be an RSA public key of at least 2048 bits in PEM format`,
  );
}

/** @param {unknown} args */
function checkNoArgs(args) {
  demand(isAbsent(args), `args must be left out but is ${kindOf(args)}`);
}

/** For actions that do not look at their arguments. */
function checkNothing() {}
