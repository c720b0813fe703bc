// SPDX-License-Identifier: Apache-2.0
import { guestTypeError } from "./guest-error.js";

export function requireText(value: unknown, name: string): string {
  if (typeof value !== "string") throw guestTypeError(`${name} must be a string`);
  return value;
}

export function requireBuffer(value: Uint8Array | undefined, name: string): Uint8Array {
  if (value === undefined) throw guestTypeError(`${name} must be an ArrayBuffer`);
  return value;
}

export function requireObject(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw guestTypeError(`${name} must be an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}
