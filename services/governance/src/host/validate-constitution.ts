// SPDX-License-Identifier: Apache-2.0
import type { EvaluationLimits } from "../sandbox/limits.js";
import type { Engine } from "../sandbox/worker/engine.js";
import { requireText } from "./arguments.js";
import { guestTypeError } from "./guest-error.js";

const MODULE_NAME = "proposed constitution";
const EXPORTS: readonly { name: string; parameters: readonly number[] }[] = [
  { name: "validate", parameters: [1] },
  { name: "resolve", parameters: [3, 4] },
  { name: "apply", parameters: [2] },
];

/** `ccf.gov.validateConstitution`: the text is loaded in a state of its own. Throws or returns true. */
export function validateConstitution(
  value: unknown,
  engine: Engine,
  limits: EvaluationLimits,
  deadline: number,
): true {
  const text = requireText(value, "Argument");
  if (text.length === 0) throw guestTypeError(`${MODULE_NAME} is empty`);
  if (engine.broken) throw guestTypeError(`${MODULE_NAME} cannot be examined now`);
  const loaded = engine.load({ name: MODULE_NAME, text, keep: false }, limits, deadline);
  if (!loaded.ok) {
    const verb = loaded.name === "SyntaxError" ? "compile" : "execute";
    throw guestTypeError(`Failed to ${verb} ${MODULE_NAME}: ${loaded.reason}`);
  }
  for (const { name, parameters } of EXPORTS) {
    const declared = engine.parametersOf(loaded.value, name);
    if (declared === undefined) {
      throw guestTypeError(
        `${MODULE_NAME} does not export a function named ${name}: Failed to find export '${name}' in module '${MODULE_NAME}'`,
      );
    }
    if (!parameters.includes(declared)) {
      throw guestTypeError(
        `${MODULE_NAME} exports function ${name} with ${declared} parameters, expected ${parameters.join(" or ")}`,
      );
    }
  }
  return true;
}
