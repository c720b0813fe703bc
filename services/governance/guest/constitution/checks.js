// SPDX-License-Identifier: Apache-2.0

// The constitution of the consortium. It says which actions members can propose, when a proposal
// is accepted, and what accepted actions change. An action names the check of each of its
// arguments; a check throws an error that names the argument.
const actions = new Map();

function action(name, definition) {
  actions.set(name, definition);
}

function fail(problem) {
  throw new Error(problem);
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function string(value, name) {
  if (typeof value !== "string") fail(`${name} must be a string`);
}

function boolean(value, name) {
  if (typeof value !== "boolean") fail(`${name} must be a boolean`);
}

function integer(value, name) {
  if (!Number.isSafeInteger(value)) fail(`${name} must be an integer`);
}

function object(value, name) {
  if (!isObject(value)) fail(`${name} must be an object`);
}

function array(value, name) {
  if (!Array.isArray(value)) fail(`${name} must be an array`);
}

function anything() {}

/** May be left out, or be null. */
function optional(check) {
  return (value, name) => {
    if (value !== undefined && value !== null) check(value, name);
  };
}

function integerBetween(least, most) {
  return (value, name) => {
    integer(value, name);
    if (value < least) fail(`${name} must be at least ${least}`);
    if (most !== undefined && value > most) fail(`${name} must be at most ${most}`);
  };
}

function oneOf(...allowed) {
  return (value, name) => {
    if (!allowed.includes(value)) fail(`${name} must be one of ${allowed.join(", ")}`);
  };
}

function matching(pattern, description) {
  return (value, name) => {
    string(value, name);
    if (!pattern.test(value)) fail(`${name} must be ${description}`);
  };
}

const entityId = matching(/^[0-9a-fA-F]{64}$/, "64 hex digits");

function certificate(value, name) {
  string(value, name);
  if (!ccf.crypto.isValidX509CertBundle(value)) {
    fail(`${name} must be a valid X509 certificate (bundle) in PEM format`);
  }
}

/** Shares are encrypted to it, so it must be what can be encrypted to. */
function rsaPublicKey(value, name) {
  string(value, name);
  try {
    ccf.crypto.pubRsaPemToJwk(value);
  } catch {
    fail(`${name} must be an RSA public key in PEM format`);
  }
}

/** Every argument by its check; what an action does not name is let through. */
function checkArguments(definition, args) {
  if (definition.args === undefined) return;
  if (args !== undefined && args !== null && !isObject(args)) fail("args must be an object");
  for (const [name, check] of Object.entries(definition.args)) check(args?.[name], name);
}

/** For actions that take nothing at all, not even an empty object. */
function noArguments(args) {
  if (args !== undefined && args !== null) {
    fail(`Proposal does not accept any argument, found ${JSON.stringify(args)}`);
  }
}
