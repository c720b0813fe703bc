// SPDX-License-Identifier: Apache-2.0

/** The part of a logger that this room needs; a pino logger is one. */
export interface PostgresLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const nothing = (): void => undefined;

/** For callers that do not care. */
export const silentLog: PostgresLog = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};
