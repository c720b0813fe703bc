// SPDX-License-Identifier: Apache-2.0
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { median } from "./samples.js";

const BLOCK = Buffer.alloc(8192, 0x5a);
const FILE_BLOCKS = 256;
const PROBES = 40;

/**
 * Milliseconds that one block of 8 kB takes to the disk below this folder: written over what is there,
 * as PostgreSQL writes its log, and then fdatasync.
 */
export function fdatasyncMs(folder: string): number {
  const path = join(folder, "fdatasync-probe");
  const file = openSync(path, "w+");
  try {
    for (let index = 0; index < FILE_BLOCKS; index += 1) writeSync(file, BLOCK);
    fdatasyncSync(file);
    const took: number[] = [];
    for (let index = 0; index < PROBES; index += 1) {
      const startedAt = performance.now();
      writeSync(file, BLOCK, 0, BLOCK.length, (index % FILE_BLOCKS) * BLOCK.length);
      fdatasyncSync(file);
      took.push(performance.now() - startedAt);
    }
    return median(took);
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}
