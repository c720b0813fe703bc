// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Worker } from "node:worker_threads";
import { isAppError } from "@consortium/kit";
import { KvState, Transaction } from "@consortium/ledger";
import { evaluateModule, evaluationOf } from "../testing/evaluate.js";
import { DEFAULT_LIMITS, limitsFrom } from "./limits.js";
import { Sandbox } from "./sandbox.js";
import { TransactionHost } from "./transaction-host.js";

const LIMITS = { ...DEFAULT_LIMITS, executionMs: 300 };
const TIMEOUT = /took too long/;

function f(body: string): string {
  return `export function f() { ${body} }`;
}

describe("the sandbox", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.start();
  });
  after(() => sandbox.close());

  const hostile: readonly { name: string; code: string; reason: RegExp }[] = [
    { name: "an endless loop", code: f("for (;;);"), reason: TIMEOUT },
    { name: "an endless loop while it is loaded", code: `for (;;); ${f("")}`, reason: TIMEOUT },
    {
      name: "a catastrophic regular expression",
      code: f('return /^(a+)+$/.test("a".repeat(40) + "b");'),
      reason: TIMEOUT,
    },
    {
      name: "a loop that catches everything",
      code: f("for (;;) { try { for (;;); } catch {} finally { continue; } }"),
      reason: TIMEOUT,
    },
    {
      name: "growing arrays",
      code: f("const a = []; for (;;) a.push(new Uint8Array(1 << 20));"),
      reason: /out of memory|took too long/i,
    },
    {
      name: "a string that doubles",
      code: f('let s = "x"; for (;;) s += s;'),
      reason: /out of memory|too long/i,
    },
    { name: "a huge buffer", code: f("new ArrayBuffer(2 ** 30);"), reason: /memory|length/i },
    {
      name: "recursion without end",
      code: f("return (function g() { g(); })();"),
      reason: /stack/,
    },
    {
      name: "100000 opening brackets as JSON",
      code: f('return JSON.parse("[".repeat(100000));'),
      reason: /stack/,
    },
    {
      name: "100000 opening brackets as code",
      code: f('return eval("[".repeat(100000));'),
      reason: /stack/,
    },
    {
      name: "a proxy that calls itself",
      code: f("const p = new Proxy({}, { get: (t, k) => p[k] }); return p.x;"),
      reason: /stack/,
    },
    {
      name: "an error whose toString never ends",
      code: f("throw { toString() { for (;;); } };"),
      reason: /cannot be shown|took too long/,
    },
    {
      name: "an error that throws when it is looked at",
      code: f('throw new Proxy({}, { get() { throw new Error("no"); } });'),
      reason: /cannot be shown/,
    },
    { name: "a BigInt beyond all bounds", code: f("return 2n ** (2n ** 40n);"), reason: /BigInt/ },
    {
      name: "a result whose getter throws",
      code: f('return { get valid() { throw new Error("gotcha"); } };'),
      reason: /gotcha/,
    },
  ];
  for (const { name, code, reason } of hostile) {
    it(`contains ${name}`, async () => {
      const { outcome } = await evaluateModule(sandbox, code, { limits: LIMITS });
      assert.equal(outcome.ok, false);
      if (!outcome.ok) assert.match(outcome.reason, reason);
      const next = await evaluateModule(sandbox, f("return true;"));
      assert.deepEqual(next.outcome.ok && next.outcome.result, { type: "boolean", value: true });
    });
  }

  it("gives up on a built-in function that never looks at the clock, and goes on", async () => {
    const hang = f("let a = {}; for (let i = 0; i < 100000; i++) a = { a }; JSON.stringify(a);");
    const started = performance.now();
    const { outcome } = await evaluateModule(sandbox, hang, { limits: LIMITS });
    assert.ok(!outcome.ok && /took too long|stack/.test(outcome.reason));
    assert.ok(performance.now() - started < 5_000);
    assert.ok((await evaluateModule(sandbox, f("return 1;"))).outcome.ok);
  });

  it("starts again when its thread dies, at work or idle", async () => {
    const threads: Worker[] = [];
    const remember = (worker: Worker): void => void threads.push(worker);
    process.on("worker", remember);
    await using own = await Sandbox.start();
    await threads.at(-1)?.terminate();
    assert.ok((await evaluateModule(own, f("return true;"))).outcome.ok);
    const running = evaluateModule(own, f("for (;;);"));
    await threads.at(-1)?.terminate();
    await assert.rejects(running, (error) => isAppError(error, "SANDBOX_FAILED"));
    assert.ok((await evaluateModule(own, f("return true;"))).outcome.ok);
    process.off("worker", remember);
  });

  it("does without the one that hangs, and keeps the others", async () => {
    const hang = f("let a = {}; for (let i = 0; i < 100000; i++) a = { a }; JSON.stringify(a);");
    const evaluations = [f("return true;"), hang, f("return true;")].map((text) =>
      evaluationOf(text),
    );
    const host = new TransactionHost(new Transaction(new KvState().committed), [], "");
    const outcomes = await sandbox.evaluate(evaluations, LIMITS, host);
    assert.deepEqual(
      outcomes.map(({ ok }) => ok),
      [true, false, true],
    );
  });

  const stages: readonly { name: string; code: string; stage: string }[] = [
    { name: "text that is no module", code: "export function f( {", stage: "compile" },
    { name: "a module that throws", code: `throw new Error("x"); ${f("")}`, stage: "execute" },
    { name: "a module that waits", code: `await 1; ${f("")}`, stage: "compile" },
    { name: "a module that imports", code: `import "other"; ${f("")}`, stage: "execute" },
    { name: "a module without the function", code: "export const f = 1;", stage: "export" },
    { name: "a function that throws", code: f('throw new Error("x");'), stage: "call" },
  ];
  for (const { name, code, stage } of stages) {
    it(`tells how far ${name} came`, async () => {
      const { outcome } = await evaluateModule(sandbox, code);
      assert.ok(!outcome.ok);
      assert.equal(outcome.stage, stage);
    });
  }

  it("starts every evaluation from the same state", async () => {
    const tamper = f(`
      Object.prototype.polluted = 1; JSON.parse = () => 0; Array.prototype.push = null;
      globalThis.left = 1; delete globalThis.ccf; Date.now = () => 5; return true;`);
    assert.ok((await evaluateModule(sandbox, tamper)).outcome.ok);
    const look = f(`return {}.polluted === undefined && JSON.parse("1") === 1 &&
      typeof Array.prototype.push === "function" && typeof left === "undefined" &&
      typeof ccf.strToBuf === "function" && Date.now() === 1000;`);
    const { outcome } = await evaluateModule(sandbox, look);
    assert.deepEqual(outcome.ok && outcome.result, { type: "boolean", value: true });
  });

  it("keeps the state of a kept module as it was when it was loaded", async () => {
    const text = "let calls = 0; export function f() { calls += 1; return calls === 1; }";
    const evaluation = { ...evaluationOf(text), module: { name: "kept", text, keep: true } };
    const host = new TransactionHost(new Transaction(new KvState().committed), [], "");
    for (let round = 0; round < 3; round += 1) {
      const [outcome] = await sandbox.evaluate([evaluation], LIMITS, host);
      assert.deepEqual(outcome?.ok && outcome.result, { type: "boolean", value: true });
    }
  });

  it("has no clock but that of the request, no randomness but that of the request", async () => {
    const code = f(
      "return [Date.now(), new Date().toISOString(), Math.random(), Math.random(), new Date(2020, 0, 1).getTime(), new Date('2020-01-01T00:00').getTime()].join();",
    );
    const first = await evaluateModule(sandbox, code, { nowMs: 1_700_000_000_000 });
    const second = await evaluateModule(sandbox, code, { nowMs: 1_700_000_000_000 });
    assert.deepEqual(first.outcome, second.outcome);
    assert.ok(first.outcome.ok && "value" in first.outcome.result);
    const parts = String(first.outcome.result.value).split(",");
    assert.deepEqual(parts.slice(0, 2), ["1700000000000", "2023-11-14T22:13:20.000Z"]);
    assert.notEqual(parts[2], parts[3]);
    assert.deepEqual(parts.slice(4), ["1577836800000", "1577836800000"]);
  });

  it("never runs what a function leaves for later", async () => {
    const { outcome } = await evaluateModule(sandbox, "export async function f() { return true; }");
    assert.deepEqual(outcome.ok && outcome.result.type, "object");
  });

  it("carries text of every kind in and out", async () => {
    const text = 'a\0b "quoted" \\ \ud83d\ude00 \u2028 e\u0301 \ufeff';
    const { outcome } = await evaluateModule(sandbox, "export function f(x) { return x; }", {
      args: [text],
    });
    assert.deepEqual(outcome.ok && outcome.result, { type: "string", value: text });
  });

  it("collects what is written to the console, up to a bound", async () => {
    const code = f('for (let i = 0; i < 1000; i++) console.warn("line", i); return true;');
    const { outcome } = await evaluateModule(sandbox, code);
    assert.equal(outcome.log.length, 100);
    assert.deepEqual(outcome.log[1], { level: "warn", text: "line 1" });
  });

  it("shows traces as their author knows them", async () => {
    const { outcome } = await evaluateModule(sandbox, f("ccf.kv.x.get();"));
    assert.ok(!outcome.ok);
    assert.match(outcome.trace ?? "", /^ {4}at get \(native\)\n {4}at f \(module:1/);
  });
});

describe("the limits of the sandbox", () => {
  it("follow the stored options only upwards, and not beyond the ceiling", () => {
    const options = { max_heap_bytes: 1, max_stack_bytes: 1 << 30, max_execution_time_ms: 5_000 };
    assert.deepEqual(limitsFrom(options), {
      ...DEFAULT_LIMITS,
      executionMs: 5_000,
      ballotMs: 5_000,
    });
    assert.deepEqual(limitsFrom(undefined), DEFAULT_LIMITS);
  });
});
