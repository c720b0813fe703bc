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

export type IdKind = "proposal" | "member" | "user" | "node";

const NOT_FOUND = {
  proposal: "PROPOSAL_NOT_FOUND",
  member: "MEMBER_NOT_FOUND",
  user: "USER_NOT_FOUND",
  node: "NODE_NOT_FOUND",
} as const;

/** A full id, or the one id of the list that begins with what was given (at least 4 digits). */
export async function completeId(
  text: string,
  kind: IdKind,
  list: () => Promise<string[]>,
): Promise<string> {
  const given = text.toLowerCase();
  if (FULL_ID.test(given)) return given;
  const details = { [`${kind}_id`]: text };
  if (!PREFIX.test(given)) {
    throw cliErrors(
      "INVALID_INPUT",
      `${kind} id "${text}" is not 64 hex digits, nor the first 4 or more of them`,
      { details },
    );
  }
  const [match, ...others] = (await list()).filter((id) => id.startsWith(given));
  if (match === undefined) {
    throw cliErrors(NOT_FOUND[kind], `no ${kind} has an id that begins with "${text}"`, {
      details,
    });
  }
  if (others.length === 0) return match;
  throw cliErrors(
    "INVALID_INPUT",
    `${others.length + 1} ${kind}s have an id that begins with "${text}"`,
    {
      details,
      hint: "Give more digits, or the whole id.",
    },
  );
}
