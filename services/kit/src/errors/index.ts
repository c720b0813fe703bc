// SPDX-License-Identifier: Apache-2.0
export {
  AppError,
  isAppError,
  type AppErrorOptions,
  type ErrorCategory,
  type FieldViolation,
} from "./app-error.js";
export { defineErrors, type ErrorFactory } from "./define-errors.js";
export { categoryOfStatus, statusOfCategory } from "./grpc-category.js";
export { kitErrors } from "./kit-errors.js";
