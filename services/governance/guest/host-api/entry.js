// SPDX-License-Identifier: Apache-2.0

// What the host holds of this realm, and nothing else does.

/** Sets the time of the request and offers what the context has. */
function begin(optionsJson) {
  const options = parse(optionsJson);
  clock.now = options.nowMs;
  if (options.effects) offerEffects();
}

const TEXT_CHARACTERS_MAX = 65536;

function textOf(value) {
  try {
    return apply(slice, `${value}`, [0, TEXT_CHARACTERS_MAX]);
  } catch {
    return "a value that cannot be shown";
  }
}

function describeError(error) {
  let trace = "";
  try {
    if (typeof error.stack === "string") trace = error.stack;
  } catch {
    // A hostile getter: there is no trace then.
  }
  let name = "";
  try {
    if (typeof error.name === "string") name = error.name;
  } catch {
    // 〃
  }
  return stringify({ name, reason: textOf(error), trace });
}

/** What became of a call, in the only terms that count for the lifecycle of a proposal. */
function describeResult(value) {
  if (typeof value === "object" && value !== null) {
    const { valid, description } = value;
    return stringify({
      type: "object",
      text: textOf(value),
      valid: valid === true,
      description: description === undefined ? undefined : textOf(description),
    });
  }
  if (typeof value === "string" || typeof value === "boolean")
    return stringify({ type: typeof value, value });
  return stringify({ type: typeof value, text: textOf(value) });
}

return { begin, parse, describeError, describeResult, parametersOf: (f) => f.length };
