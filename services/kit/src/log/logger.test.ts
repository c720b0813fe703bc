// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AppError } from "../errors/app-error.js";
import { createLogger, type LoggerOptions } from "./logger.js";

function record(
  options: Partial<LoggerOptions>,
  write: (log: ReturnType<typeof createLogger>) => void,
): string[] {
  const lines: string[] = [];
  write(
    createLogger({
      name: "ccf-node",
      destination: { write: (line) => lines.push(line) },
      ...options,
    }),
  );
  return lines;
}

function fieldsOf(line: string | undefined): Readonly<Record<string, unknown>> {
  return JSON.parse(line ?? "{}") as Readonly<Record<string, unknown>>;
}

describe("the log as JSON", () => {
  it("has level, time, process, area, message and the fields", () => {
    const [line] = record({}, (log) =>
      log.child({ area: "store" }).info({ seqno: 12 }, "chunk appended"),
    );
    const { time, ...rest } = fieldsOf(line);
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(rest, {
      level: "info",
      pid: process.pid,
      name: "ccf-node",
      area: "store",
      seqno: 12,
      message: "chunk appended",
    });
  });

  it("leaves out what is below its level", () => {
    const lines = record({ level: "warn" }, (log) => {
      log.info("no");
      log.warn("yes");
    });
    assert.equal(lines.length, 1);
  });

  it("never shows what is a secret by its name", () => {
    const [line] = record({}, (log) => {
      const secrets = { key: "S3CRET", password: "S3CRET", share: "S3CRET" };
      log.info({ ...secrets, identity: { privateKey: "S3CRET", keyPem: "S3CRET" } }, "started");
    });
    assert.doesNotMatch(line ?? "", /S3CRET/);
    assert.match(line ?? "", /\[redacted\]/);
  });

  it("shows code, details and cause of our errors without a stack, and the stack of others", () => {
    const cause = new RangeError("too far");
    const error = new AppError("CHUNK_LOST", "data_loss", "the chunk is gone", {
      details: { seqno: "12" },
      hint: "Restore it.",
      cause,
    });
    const err = fieldsOf(record({}, (log) => log.error({ err: error }, "failed"))[0])["err"];
    const { cause: inner, ...own } = err as { cause: { stack: string } };
    assert.deepEqual(own, {
      code: "CHUNK_LOST",
      message: "the chunk is gone",
      details: { seqno: "12" },
      hint: "Restore it.",
    });
    assert.match(inner.stack, /logger\.test/);
  });

  it("survives an error that is its own cause, and one that is no error", () => {
    const loop = new Error("round");
    loop.cause = loop;
    const lines = record({}, (log) => {
      log.error({ err: loop }, "failed");
      log.error({ err: "just text" }, "failed");
    });
    assert.equal(lines.length, 2);
    assert.deepEqual(fieldsOf(lines[1])["err"], { message: "just text" });
  });
});

describe("the log as text", () => {
  it("is one line for people, with the error below", () => {
    const error = new AppError("CHUNK_LOST", "data_loss", "the chunk is gone", {
      hint: "Restore it.",
    });
    const lines = record({ format: "text" }, (log) => {
      log.child({ area: "store" }).warn({ seqno: 12, file: "a b" }, "chunk skipped");
      log.error({ err: error }, "failed");
    });
    assert.match(
      lines[0] ?? "",
      /^\d{4}-\S+Z WARN {2}ccf-node\/store: chunk skipped seqno=12 file="a b"\n$/,
    );
    assert.match(
      lines[1] ?? "",
      /^\S+ ERROR ccf-node: failed\n {2}CHUNK_LOST: the chunk is gone\n {2}Restore it\.\n$/,
    );
  });

  it("cannot be made to show a line that nobody wrote", () => {
    const [line] = record({ format: "text" }, (log) =>
      log.info({ user: "x\n2026 INFO fake" }, "seen"),
    );
    assert.equal(line?.split("\n").length, 2);
  });
});
