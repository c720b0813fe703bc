// SPDX-License-Identifier: Apache-2.0
import { type AppError, type ErrorCategory, isAppError } from "@consortium/kit/errors";
import { Errors } from "@oclif/core";
import { cliErrors } from "./errors.js";
import { exitCodeOf } from "./exit-codes.js";
import { hintFor } from "./hints.js";
import type { JsonObject } from "./json.js";

/** A failed command as it is shown: what happened, what to try, and the exit code. */
export interface Failure {
  code: string;
  message: string;
  details: Readonly<Record<string, string>>;
  suggestions: string[];
  exitCode: number;
}

/** Reads any error. One that this program did not foresee is INTERNAL and keeps its message. */
export function describeFailure(error: unknown, commandId?: string): Failure {
  if (isUsageError(error)) return describeMisuse(error, commandId);
  const systemError = fromSystemError(error);
  if (systemError !== undefined) return systemError;
  const appError = isAppError(error) ? error : unforeseen(error);
  const violations = appError.fieldViolations.map((v) => `${v.field}: ${v.description}`);
  const hint = appError.hint ?? hintFor(appError);
  return {
    code: appError.code,
    message: [messageOf(appError), ...violations.filter((v) => !appError.message.includes(v))].join(
      "\n",
    ),
    details: appError.details,
    suggestions: hint === undefined ? [] : [hint],
    exitCode: exitCodeOf(appError.category),
  };
}

function unforeseen(error: unknown): AppError {
  const message = error instanceof Error ? error.message : String(error);
  return cliErrors("INTERNAL", message, {
    hint: "This is a fault of ccfctl; run it again with DEBUG=* and report what it prints.",
    cause: error,
  });
}

/** What gRPC says about a connection that was not made, in words. */
export function messageOf(error: AppError): string {
  const { message } = error;
  const refused = /ECONNREFUSED ([^\s,]+?)\.?(?:\s|$)/.exec(message)?.[1];
  if (refused !== undefined) return `nothing serves on ${refused}`;
  const last =
    /^No connection established\. Last error: (?:Error: )?(.+?)\.?(?: Resolution note:.*)?$/s.exec(
      message,
    )?.[1];
  return last === undefined ? message : `cannot connect: ${last}`;
}

export function failureToJson(failure: Failure): JsonObject {
  const { code, message, details, suggestions } = failure;
  const hint = suggestions[0];
  return {
    error: { code, message, details: { ...details }, ...(hint === undefined ? {} : { hint }) },
  };
}

/** The same failure for oclif, which prints `code` and `suggestions`. */
export function failureToOclif(failure: Failure): Error {
  const { code, suggestions, exitCode } = failure;
  return new Errors.CLIError(failure.message, { code, suggestions, exit: exitCode });
}

function describeMisuse(error: Error, commandId: string | undefined): Failure {
  const command = commandId === undefined ? "ccfctl" : `ccfctl ${commandId.replaceAll(":", " ")}`;
  return {
    code: "INVALID_USAGE",
    message: plain(error.message),
    details: {},
    suggestions: [`See \`${command} --help\`.`],
    exitCode: exitCodeOf("invalid_argument"),
  };
}

function isUsageError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return "parse" in error || error instanceof Errors.CLIError;
}

const SYSTEM_CATEGORIES: Readonly<Record<string, ErrorCategory>> = {
  EACCES: "permission_denied",
  EPERM: "permission_denied",
  ENOENT: "not_found",
  EISDIR: "invalid_argument",
  ENOTDIR: "invalid_argument",
  EEXIST: "already_exists",
  ENOSPC: "resource_exhausted",
  ECONNREFUSED: "unavailable",
};

function fromSystemError(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string")
    return undefined;
  const category = SYSTEM_CATEGORIES[error.code];
  if (category === undefined) return undefined;
  return {
    code: error.code,
    message: error.message,
    details: {},
    suggestions: [],
    exitCode: exitCodeOf(category),
  };
}

/** oclif colours parts of its messages and appends a line about `--help`. */
function plain(message: string): string {
  // eslint-disable-next-line no-control-regex
  return message.replaceAll(/\u001B\[[0-9;]*m/g, "").replace(/\nSee more help with --help$/, "");
}
