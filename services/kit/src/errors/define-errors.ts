// SPDX-License-Identifier: Apache-2.0
import { AppError, type AppErrorOptions, type ErrorCategory } from "./app-error.js";

/** Makes the errors of one package. The code must be in the package's table. */
export interface ErrorFactory<Code extends string> {
  <C extends Code>(code: C, message: string, options?: AppErrorOptions): AppError<C>;
  /** The table, so that the list of all codes can be printed and checked. */
  readonly table: Readonly<Record<Code, ErrorCategory>>;
}

/**
 * Declares the error codes of a package, each with its category.
 *
 * @example
 * const errors = defineErrors({ PROPOSAL_NOT_OPEN: "failed_precondition" });
 * throw errors("PROPOSAL_NOT_OPEN", "the proposal was accepted before", { hint: "See `ccfctl proposal list`." });
 */
export function defineErrors<const Table extends Readonly<Record<string, ErrorCategory>>>(
  table: Table,
): ErrorFactory<keyof Table & string> {
  for (const code of Object.keys(table)) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(code)) {
      throw new TypeError(`error code ${code} is not UPPER_SNAKE_CASE`);
    }
  }
  const create = <C extends keyof Table & string>(
    code: C,
    message: string,
    options?: AppErrorOptions,
  ): AppError<C> => new AppError(code, categoryOf(table, code), message, options);
  return Object.assign(create, {
    table: table,
  });
}

function categoryOf(table: Readonly<Record<string, ErrorCategory>>, code: string): ErrorCategory {
  const category = table[code];
  if (category === undefined) throw new TypeError(`error code ${code} is not declared`);
  return category;
}
