// SPDX-License-Identifier: Apache-2.0
export {
  createLogger,
  describeError,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from "./logger.js";
