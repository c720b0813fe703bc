// SPDX-License-Identifier: Apache-2.0

const NAMES_MAX = 100;
const NAME_CHARACTERS_MAX = 200;

/** The names of the actions of a body; none for a body that a constitution reads in its own way. */
export function actionNames(body: Uint8Array | null | undefined): string[] {
  if (body === null || body === undefined) return [];
  try {
    const { actions } = JSON.parse(Buffer.from(body).toString("utf8")) as { actions?: unknown };
    if (!Array.isArray(actions)) return [];
    return actions.slice(0, NAMES_MAX).map((action: unknown) => nameOf(action));
  } catch {
    return [];
  }
}

function nameOf(action: unknown): string {
  const isNamed = typeof action === "object" && action !== null && "name" in action;
  return isNamed && typeof action.name === "string"
    ? action.name.slice(0, NAME_CHARACTERS_MAX)
    : "";
}
