// SPDX-License-Identifier: Apache-2.0

interface Run {
  readonly file: string;
  readonly firstSeqno: number;
  readonly offsets: number[];
}

/**
 * Where the entries since the last signature lie: when the next signature does not fit, the
 * transaction that was changed is named with its file, which may be an earlier one.
 */
export class UnsignedPlaces {
  #runs: Run[] = [];

  add(file: string, seqno: number, offset: number): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.file === file) last.offsets.push(offset);
    else this.#runs.push({ file, firstSeqno: seqno, offsets: [offset] });
  }

  find(seqno: number): { file: string; offset: number } | undefined {
    for (const run of this.#runs) {
      const offset = run.offsets[seqno - run.firstSeqno];
      if (offset !== undefined) return { file: run.file, offset };
    }
    return undefined;
  }

  /** Forgets what is signed; the last signature itself is not, until the next. */
  forgetBefore(seqno: number): void {
    this.#runs = this.#runs
      .map(({ file, firstSeqno, offsets }) => {
        const gone = Math.max(0, seqno - firstSeqno);
        return { file, firstSeqno: firstSeqno + gone, offsets: offsets.slice(gone) };
      })
      .filter((run) => run.offsets.length > 0);
  }
}
