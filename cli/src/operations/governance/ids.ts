// SPDX-License-Identifier: Apache-2.0
import { cliErrors } from "../../errors.js";

const FULL_ID = /^[0-9a-f]{64}$/;
const PREFIX = /^[0-9a-f]{4,63}$/;

/** Lower-case hex of 32 bytes, or an error that names what was given. */
export function parseId(text: string, what: string): string {
  const id = text.toLowerCase();
  if (FULL_ID.test(id)) return id;
  throw cliErrors("INVALID_INPUT", `${what} "${text}" is not 64 hex digits`, {
    details: { [what.replaceAll(" ", "_")]: text },
  });
}

/** A full id, or the one id of the list that begins with what was given (at least 4 digits). */
export async function completeId(
  text: string,
  what: string,
  list: () => Promise<string[]>,
): Promise<string> {
  const given = text.toLowerCase();
  if (FULL_ID.test(given)) return given;
  if (!PREFIX.test(given)) {
    throw cliErrors(
      "INVALID_INPUT",
      `${what} "${text}" is not 64 hex digits, nor the first 4 or more of them`,
      {
        details: { [what.replaceAll(" ", "_")]: text },
      },
    );
  }
  const matches = (await list()).filter((id) => id.startsWith(given));
  if (matches.length === 1 && matches[0] !== undefined) return matches[0];
  const problem = matches.length === 0 ? "none begins with it" : `${matches.length} begin with it`;
  throw cliErrors("INVALID_INPUT", `${what} "${text}": ${problem}`, {
    hint: "Give more digits, or the whole id.",
  });
}
