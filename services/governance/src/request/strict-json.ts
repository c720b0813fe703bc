// SPDX-License-Identifier: Apache-2.0
import type { GuestValue } from "../sandbox/protocol.js";
import { governanceErrors } from "../errors.js";

const BLANK = /[ \t\n\r]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DEPTH_MAX = 64;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a payload. Throws `INVALID_INPUT` unless it is UTF-8. */
export function decodeText(payload: Uint8Array): string {
  try {
    return utf8.decode(payload);
  } catch (cause) {
    throw governanceErrors("INVALID_INPUT", "the payload is not UTF-8 text", { cause });
  }
}

/**
 * JSON that says the same to everybody who reads it: no name twice in one object, no `__proto__`,
 * no integer that a double cannot hold, at most 64 levels. Throws `INVALID_INPUT`.
 */
export function parseStrictJson(text: string): GuestValue {
  const scanner = new Scanner(text);
  scanner.value(0);
  scanner.end();
  return JSON.parse(text) as GuestValue;
}

/** Checks only; the value itself is made by `JSON.parse`. */
class Scanner {
  readonly #text: string;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    this.#skip();
    if (this.#offset !== this.#text.length) throw this.#invalid("something follows the value");
  }

  value(depth: number): void {
    if (depth > DEPTH_MAX) throw this.#invalid(`it is nested deeper than ${DEPTH_MAX} levels`);
    this.#skip();
    switch (this.#text[this.#offset]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        this.#string();
        return;
      default:
        return this.#scalar();
    }
  }

  #object(depth: number): void {
    const names = new Set<string>();
    this.#sequence("}", () => {
      const name = this.#string();
      if (names.has(name))
        throw this.#invalid(`the name ${JSON.stringify(name)} stands twice in one object`);
      if (name === "__proto__") throw this.#invalid("the name __proto__ is not allowed");
      names.add(name);
      this.#skip();
      if (this.#text[this.#offset] !== ":") throw this.#invalid("expected a colon");
      this.#offset += 1;
      this.value(depth + 1);
    });
  }

  #array(depth: number): void {
    this.#sequence("]", () => this.value(depth + 1));
  }

  #sequence(close: string, item: () => void): void {
    this.#offset += 1;
    this.#skip();
    if (this.#text[this.#offset] === close) {
      this.#offset += 1;
      return;
    }
    for (;;) {
      this.#skip();
      item();
      this.#skip();
      const next = this.#text[this.#offset];
      if (next !== "," && next !== close) throw this.#invalid(`expected a comma or ${close}`);
      this.#offset += 1;
      if (next === close) return;
    }
  }

  /** Character by character: a regular expression would keep a way back for each of a million. */
  #string(): string {
    const start = this.#offset;
    if (this.#text[start] !== '"') throw this.#invalid("expected a string");
    this.#offset += 1;
    for (;;) {
      const code = this.#text.charCodeAt(this.#offset);
      if (code === QUOTE) break;
      if (Number.isNaN(code)) throw this.#invalid("a string does not end");
      if (code < 0x20) throw this.#invalid("a control character in a string");
      if (code !== BACKSLASH) this.#offset += 1;
      else this.#match(ESCAPE, "an unknown escape in a string");
    }
    this.#offset += 1;
    return JSON.parse(this.#text.slice(start, this.#offset)) as string;
  }

  #scalar(): void {
    if (this.#matches(LITERAL)) return;
    const number = this.#match(NUMBER, "expected a value");
    const value = Number(number);
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
      throw this.#invalid(
        `the number ${number.slice(0, 40)} is beyond what JSON readers keep exactly`,
      );
    }
  }

  #skip(): void {
    this.#matches(BLANK);
  }

  #match(pattern: RegExp, expectation: string): string {
    const start = this.#offset;
    if (!this.#matches(pattern)) throw this.#invalid(expectation);
    return this.#text.slice(start, this.#offset);
  }

  #matches(pattern: RegExp): boolean {
    pattern.lastIndex = this.#offset;
    if (!pattern.test(this.#text)) return false;
    this.#offset = pattern.lastIndex;
    return true;
  }

  #invalid(problem: string): Error {
    const description = `not valid JSON at character ${this.#offset + 1}: ${problem}`;
    return governanceErrors("INVALID_INPUT", `the payload is ${description}`, {
      fieldViolations: [{ field: "cose_sign1.payload", description }],
    });
  }
}
