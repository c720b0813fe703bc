// SPDX-License-Identifier: Apache-2.0

// What the rest of the host API is made of. Everything is taken before any other code runs, so
// that nothing a constitution or a ballot does to the built-in objects changes it.
const { parse, stringify } = JSON;
const { apply, construct, defineProperty, ownKeys } = Reflect;
const { freeze } = Object;
const slice = String.prototype.slice;
const bufferLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get;
const sliceBuffer = ArrayBuffer.prototype.slice;
const errorTypes = { Error, InternalError, RangeError, SyntaxError, TypeError };

/**
 * Asks the host. Text travels as JSON, because strings of C end at the first NUL; buffers as they
 * are. The answer is a buffer, `=` and JSON, `!` and an error, or the empty text for nothing.
 */
function call(operation, values, first, second) {
  const answer = host(operation, stringify(values), first, second);
  if (typeof answer !== "string") {
    if (isBuffer(answer)) return answer;
    throw new errorTypes.InternalError(`${operation} failed in the host`);
  }
  if (answer === "") return undefined;
  const value = parse(apply(slice, answer, [1]));
  if (answer[0] === "=") return value;
  throw new errorTypes[value.type](value.message);
}

function isBuffer(value) {
  try {
    apply(bufferLength, value, []);
    return true;
  } catch {
    return false;
  }
}

function requireCount(given, expected) {
  if (given !== expected) {
    throw new TypeError(
      `Passed ${given} arguments but expected ${expected === 0 ? "none" : expected}`,
    );
  }
}

function requireCountBetween(given, least, most) {
  if (given < least || given > most) {
    throw new TypeError(`Passed ${given} arguments but expected ${least} or ${most}`);
  }
}

function requireBuffer(value, name) {
  if (!isBuffer(value)) throw new TypeError(`${name} must be an ArrayBuffer`);
}

function requireString(value, name) {
  if (typeof value !== "string") throw new TypeError(`${name} must be a string`);
}

/** A property that code may shadow on purpose but not overwrite by accident. */
function define(target, name, value) {
  defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
