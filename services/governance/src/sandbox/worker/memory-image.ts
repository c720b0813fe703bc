// SPDX-License-Identifier: Apache-2.0

/** What the linear memory of an instance held when nothing was being executed in it. */
export interface MemoryImage {
  /** Constants and variables of the C code. */
  readonly fixed: Uint8Array;
  readonly heap: Uint8Array;
}

/** A `WebAssembly.Memory`: its buffer is another one after it has grown. */
interface LinearMemory {
  readonly buffer: ArrayBuffer;
}

const PAGE_BYTES = 4_096;
/** The C stack of the build, directly below the heap. What lies on it is dead between two calls. */
const STACK_BYTES = 5 * 1024 * 1024;

/**
 * Takes and puts back the memory of a WebAssembly instance. QuickJS keeps everything there, so
 * putting an image back is a fresh runtime at the price of copying a few hundred kilobytes.
 *
 * Above the last byte that is not zero nothing is allocated: the allocator's own header of the
 * free rest stands higher than every allocation.
 */
export class InstanceMemory {
  readonly #memory: LinearMemory;
  readonly #fixedEnd: number;
  readonly #heapStart: number;

  /** To be made before anything was executed in the instance. */
  constructor(memory: LinearMemory) {
    this.#memory = memory;
    const hole = largestHole(new Uint8Array(memory.buffer));
    const isStack = hole.start >= hole.end - STACK_BYTES && hole.end > STACK_BYTES;
    // Without a stack where it is expected, everything is put back: slower, and right all the same.
    this.#fixedEnd = isStack ? hole.start : 0;
    this.#heapStart = isStack ? hole.end : 0;
  }

  get sizeBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  take(): MemoryImage {
    const memory = new Uint8Array(this.#memory.buffer);
    return {
      fixed: memory.slice(0, this.#fixedEnd),
      heap: memory.slice(this.#heapStart, lastNonZero(memory) + 1),
    };
  }

  restore(image: MemoryImage): void {
    const memory = new Uint8Array(this.#memory.buffer);
    memory.set(image.fixed, 0);
    memory.set(image.heap, this.#heapStart);
  }

  /** Clears what lies above an image that was put back, so that the next one taken is small. */
  clearAbove(image: MemoryImage): void {
    new Uint8Array(this.#memory.buffer).fill(0, this.#heapStart + image.heap.length);
  }
}

/** The longest run of pages of zeros that has something behind it. */
function largestHole(memory: Uint8Array): { start: number; end: number } {
  const words = new BigUint64Array(memory.buffer);
  const wordsPerPage = PAGE_BYTES / 8;
  let [start, end, runStart] = [0, 0, 0];
  for (let page = 0; page < words.length; page += wordsPerPage) {
    if (words.subarray(page, page + wordsPerPage).every((word) => word === 0n)) continue;
    if (page - runStart > end - start) [start, end] = [runStart, page];
    runStart = page + wordsPerPage;
  }
  return { start: start * 8, end: end * 8 };
}

function lastNonZero(memory: Uint8Array): number {
  const words = new Uint32Array(memory.buffer);
  let index = words.length - 1;
  while (index >= 0 && words[index] === 0) index -= 1;
  return index * 4 + 3;
}
