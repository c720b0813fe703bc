// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Metadata, status } from "@grpc/grpc-js";
import { rpcStatus } from "@consortium/proto";
import { AppError, type ErrorCategory, isAppError } from "../errors/app-error.js";
import { defineErrors } from "../errors/define-errors.js";
import { fromServiceError, toServiceError } from "./status.js";

const CATEGORIES: Readonly<Record<ErrorCategory, number>> = {
  cancelled: 1,
  invalid_argument: 3,
  deadline_exceeded: 4,
  not_found: 5,
  already_exists: 6,
  permission_denied: 7,
  resource_exhausted: 8,
  failed_precondition: 9,
  aborted: 10,
  out_of_range: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  data_loss: 15,
  unauthenticated: 16,
};

describe("an error on the wire", () => {
  for (const [category, code] of Object.entries(CATEGORIES) as [ErrorCategory, number][]) {
    it(`of category ${category} has status ${code} and comes back as it was`, () => {
      const sent = toServiceError(new AppError("SOME_CODE", category, "what happened"));
      assert.equal(sent.code, code);
      assert.equal(sent.details, "what happened");
      const received = fromServiceError(sent);
      assert.deepEqual([received.code, received.category], ["SOME_CODE", category]);
      assert.equal(received.message, "what happened");
    });
  }

  it("says the same in the status message and in the trailer", () => {
    const sent = toServiceError(new AppError("SOME_CODE", "aborted", "ünïcode"));
    const trailer = sent.metadata.get("grpc-status-details-bin")[0];
    assert.ok(Buffer.isBuffer(trailer));
    const decoded = rpcStatus.Status.decode(trailer);
    assert.deepEqual([decoded.code, decoded.message], [10, "ünïcode"]);
    assert.equal(decoded.details[0]?.typeUrl, "type.googleapis.com/google.rpc.ErrorInfo");
  });

  it("keeps its reason when its details are too large for a trailer", () => {
    const options = {
      details: { large: "x".repeat(20_000) },
      fieldViolations: [{ field: "f".repeat(20_000), description: "" }],
    };
    const sent = toServiceError(new AppError("SOME_CODE", "aborted", "m", options));
    const trailer = sent.metadata.get("grpc-status-details-bin")[0];
    assert.ok(Buffer.isBuffer(trailer) && trailer.length < 8_000);
    assert.equal(fromServiceError(sent).code, "SOME_CODE");
  });

  it("keeps its reason when its message is huge", () => {
    const sent = toServiceError(new AppError("SOME_CODE", "aborted", "é".repeat(50_000)));
    const trailer = sent.metadata.get("grpc-status-details-bin")[0];
    assert.ok(Buffer.isBuffer(trailer) && trailer.length < 8_000);
    assert.ok(encodeURI(sent.details).length < 10_000);
    assert.equal(fromServiceError(sent).code, "SOME_CODE");
  });

  it("can be sent though its message has half a surrogate pair", () => {
    const sent = toServiceError(new AppError("SOME_CODE", "aborted", "bad \ud800 text"));
    assert.equal(encodeURI(sent.details), "bad%20%EF%BF%BD%20text");
  });

  const unexpected: [string, unknown][] = [
    ["an error", new Error("password=hunter2")],
    ["a string", "password=hunter2"],
    ["an object", { message: "password=hunter2" }],
    ["nothing", undefined],
  ];
  for (const [name, thrown] of unexpected) {
    it(`hides ${name} that nobody expected, and hands it to the log with the reference`, () => {
      const seen: [unknown, string][] = [];
      const sent = toServiceError(thrown, (error, reference) => seen.push([error, reference]));
      assert.equal(sent.code, status.INTERNAL);
      const wire = JSON.stringify([sent.details, sent.message, sent.metadata.toJSON()]);
      assert.doesNotMatch(wire, /hunter2/);
      assert.equal(seen[0]?.[0], thrown);
      assert.equal(fromServiceError(sent).details["reference"], seen[0]?.[1]);
    });
  }

  const foreign: [string, unknown, string][] = [
    ["no trailer", undefined, "UNAVAILABLE"],
    ["a trailer that is no message", Buffer.from("ffffffffff", "hex"), "UNAVAILABLE"],
    ["an empty trailer", Buffer.alloc(0), "UNAVAILABLE"],
    ["details of unknown types", statusWith("type.googleapis.com/x.Y", "0a0b"), "UNAVAILABLE"],
    [
      "an ErrorInfo that is no message",
      statusWith("type.googleapis.com/google.rpc.ErrorInfo", "ffff"),
      "UNAVAILABLE",
    ],
  ];
  for (const [name, trailer, code] of foreign) {
    it(`of another server with ${name} gets the name of its status as code`, () => {
      const metadata = new Metadata();
      if (Buffer.isBuffer(trailer)) metadata.set("grpc-status-details-bin", trailer);
      const received = fromServiceError(serviceError(14, metadata));
      assert.deepEqual([received.code, received.category], [code, "unavailable"]);
    });
  }

  it("of an unknown status is internal", () => {
    for (const code of [2, 99]) {
      const received = fromServiceError(serviceError(code, new Metadata()));
      assert.deepEqual([received.code, received.category], ["UNKNOWN", "internal"]);
    }
  });
});

describe("defining errors", () => {
  const errors = defineErrors({ TOO_LATE: "failed_precondition" });

  it("gives errors their category, and keeps the table", () => {
    const error = errors("TOO_LATE", "closed", { hint: "Come earlier." });
    assert.ok(error instanceof Error && isAppError(error, "TOO_LATE", "OTHER"));
    assert.ok(!isAppError(error, "OTHER"));
    assert.deepEqual([error.category, error.hint], ["failed_precondition", "Come earlier."]);
    assert.deepEqual(errors.table, { TOO_LATE: "failed_precondition" });
  });

  it("refuses codes that are not UPPER_SNAKE_CASE", () => {
    for (const code of ["tooLate", "TOO-LATE", "1LATE", ""]) {
      assert.throws(() => defineErrors({ [code]: "internal" }), TypeError);
    }
  });
});

function statusWith(typeUrl: string, hex: string): Buffer {
  const details = [{ typeUrl, value: Buffer.from(hex, "hex") }];
  return Buffer.from(rpcStatus.Status.encode({ code: 14, message: "", details }).finish());
}

function serviceError(code: number, metadata: Metadata): Error {
  return Object.assign(new Error("14 UNAVAILABLE: gone"), { code, details: "gone", metadata });
}
