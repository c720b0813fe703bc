// SPDX-License-Identifier: Apache-2.0

/** Which view each seqno was written in. */
export class ViewHistory {
  readonly #views: { view: number; firstSeqno: number }[] = [];

  /** Notes an entry; seqnos and views only grow. */
  note(view: number, seqno: number): void {
    if (this.#views.at(-1)?.view !== view) this.#views.push({ view, firstSeqno: seqno });
  }

  /** The view of a seqno that was noted; `undefined` before the first. */
  viewOf(seqno: number): number | undefined {
    return this.#views.findLast((entry) => entry.firstSeqno <= seqno)?.view;
  }

  /** Each view that was led with its first seqno, oldest first. */
  views(): readonly { readonly view: number; readonly firstSeqno: number }[] {
    return this.#views;
  }

  /** The first transaction id of each view, oldest first. */
  firsts(): string[] {
    return this.#views.map(({ view, firstSeqno }) => `${view}.${firstSeqno}`);
  }
}
