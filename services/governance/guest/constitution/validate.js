// SPDX-License-Identifier: Apache-2.0

/** Whether a proposal is well formed: all its problems at once, each with its action. */
export function validate(input) {
  const proposal = JSON.parse(input);
  if (!isObject(proposal) || !Array.isArray(proposal.actions)) {
    return {
      valid: false,
      description: "a proposal must be an object with an array named actions",
    };
  }
  const problems = [];
  proposal.actions.forEach((proposed, index) => {
    const problem = problemOf(proposed, index);
    if (problem !== undefined) problems.push(problem);
  });
  return { valid: problems.length === 0, description: problems.join(", ") };
}

function problemOf(proposed, index) {
  if (!isObject(proposed) || typeof proposed.name !== "string") {
    return `action at position ${index} must be an object with a string named name`;
  }
  const definition = actions.get(proposed.name);
  if (definition === undefined) return `${proposed.name}: no such action`;
  try {
    checkArguments(definition, proposed.args);
    definition.check?.(definition.args === undefined ? proposed.args : (proposed.args ?? {}));
    return undefined;
  } catch (error) {
    return `${proposed.name} at position ${index} failed validation: ${String(error)}`;
  }
}
