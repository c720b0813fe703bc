// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { cpuidOf, decodeTcb, meetsTcb, type Product, productOf, tcbHex } from "./index.js";

const MODELS: readonly [number, number, number, Product | undefined, string | undefined][] = [
  [0x19, 0x01, 1, "Milan", "00a00f11"],
  [0x19, 0x00, 0, "Milan", "00a00f00"],
  [0x19, 0x0f, 2, "Milan", "00a00ff2"],
  [0x19, 0x11, 1, "Genoa", "00a10f11"],
  [0x19, 0xa0, 2, "Genoa", "00aa0f02"],
  [0x1a, 0x02, 1, "Turin", "00b00f21"],
  [0x1a, 0x11, 0, "Turin", "00b10f10"],
  [0x19, 0x20, 0, undefined, "00a20f00"],
  [0x19, 0x9f, 0, undefined, "00a90ff0"],
  [0x17, 0x31, 0, undefined, "00830f10"],
  [0x1a, 0x20, 0, undefined, "00b20f00"],
  [0x0a, 0x01, 0, undefined, "00000a10"],
  [0xff, 0xff, 0xf, undefined, "0f0f0fff"],
  [0, 0, 0, undefined, "00000000"],
  [0x19, 0x01, 0x10, "Milan", undefined],
];

for (const [family, model, stepping, product, cpuid] of MODELS) {
  test(`family ${family}, model ${model}, stepping ${stepping} is ${product ?? "unknown"}`, () => {
    assert.equal(productOf({ family, model, stepping }), product);
    assert.equal(cpuidOf({ family, model, stepping }), cpuid);
  });
}

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex, "hex").reverse();

test("a TCB version is read by the layout of its product, as the minima are documented", () => {
  assert.deepEqual(decodeTcb(bytesOf("db18000000000004"), "Milan"), {
    boot_loader: 4,
    tee: 0,
    snp: 0x18,
    microcode: 0xdb,
  });
  assert.deepEqual(decodeTcb(bytesOf("541700000000000a"), "Genoa"), {
    boot_loader: 10,
    tee: 0,
    snp: 0x17,
    microcode: 0x54,
  });
  assert.deepEqual(decodeTcb(bytesOf("5100000004030201"), "Turin"), {
    fmc: 1,
    boot_loader: 2,
    tee: 3,
    snp: 4,
    microcode: 0x51,
  });
});

test("a TCB version is written with its highest byte first", () => {
  assert.equal(tcbHex(bytesOf("db18000000000004")), "db18000000000004");
});

test("a TCB version meets a minimum only if every part does", () => {
  const minimum = { boot_loader: 4, tee: 1, snp: 24, microcode: 219 };
  assert.ok(meetsTcb(minimum, minimum));
  assert.ok(meetsTcb({ ...minimum, snp: 25, tee: 9 }, minimum));
  for (const part of ["boot_loader", "tee", "snp", "microcode"] as const) {
    assert.ok(!meetsTcb({ ...minimum, [part]: minimum[part] - 1 }, minimum), part);
    const { [part]: _, ...without } = minimum;
    assert.ok(!meetsTcb(without, minimum), `without ${part}`);
    assert.ok(!meetsTcb(minimum, without), `a minimum without ${part}`);
  }
  assert.ok(!meetsTcb(minimum, { ...minimum, fmc: 0 }));
  assert.ok(!meetsTcb({ ...minimum, fmc: 0 }, minimum));
});
