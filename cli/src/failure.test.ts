// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { AppError } from "@consortium/kit/errors";
import { Errors } from "@oclif/core";
import { cliErrors } from "./errors.js";
import { describeFailure, failureToJson } from "./failure.js";

test("An error of ours keeps its code, its details and its hint", () => {
  const failure = describeFailure(
    cliErrors("FILE_EXISTS", "x would be overwritten", {
      details: { files: "x" },
      hint: "Move it.",
    }),
  );
  assert.deepEqual(failure, {
    code: "FILE_EXISTS",
    message: "x would be overwritten",
    details: { files: "x" },
    suggestions: ["Move it."],
    exitCode: 4,
  });
});

test("An error of a service without a hint gets ours", () => {
  const failure = describeFailure(
    new AppError("SERVICE_NOT_OPEN", "failed_precondition", "the service is Opening"),
  );
  assert.equal(failure.exitCode, 6);
  assert.match(failure.suggestions[0] ?? "", /ccfctl propose service open/);
});

test("Field violations are part of the message", () => {
  const error = new AppError("INVALID_INPUT", "invalid_argument", "refused", {
    fieldViolations: [{ field: "args.cert", description: "must be a certificate" }],
  });
  assert.equal(describeFailure(error).message, "refused\nargs.cert: must be a certificate");
});

test("A refused connection is said in words", () => {
  const message =
    "No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:9. Resolution note: ";
  const failure = describeFailure(new AppError("UNAVAILABLE", "unavailable", message));
  assert.equal(failure.message, "nothing serves on 127.0.0.1:9");
  assert.equal(failure.exitCode, 8);
});

test("A misused command is INVALID_USAGE and points to its help", () => {
  const failure = describeFailure(
    new Errors.CLIError("Nonexistent flag: --x\nSee more help with --help"),
    "kv:put",
  );
  assert.equal(failure.code, "INVALID_USAGE");
  assert.equal(failure.message, "Nonexistent flag: --x");
  assert.deepEqual(failure.suggestions, ["See `ccfctl kv put --help`."]);
  assert.equal(failure.exitCode, 2);
});

test("An error of the system keeps its code", async () => {
  const error = await readFile("/no/such/file").catch((reason: unknown) => reason);
  assert.deepEqual([describeFailure(error).code, describeFailure(error).exitCode], ["ENOENT", 3]);
});

test("What nobody foresaw is INTERNAL", () => {
  const failure = describeFailure(new TypeError("boom"));
  assert.deepEqual([failure.code, failure.message, failure.exitCode], ["INTERNAL", "boom", 1]);
});

test("As JSON it is one object with code, message, details and hint", () => {
  const failure = describeFailure(cliErrors("INVALID_INPUT", "no", { hint: "Try." }));
  assert.deepEqual(failureToJson(failure), {
    error: { code: "INVALID_INPUT", message: "no", details: {}, hint: "Try." },
  });
});
