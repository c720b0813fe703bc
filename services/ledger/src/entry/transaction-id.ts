// SPDX-License-Identifier: Apache-2.0

/** A transaction id in its text form: `view.seqno`. */
export function formatTransactionId(view: number, seqno: number): string {
  return `${view}.${seqno}`;
}

/** View and seqno of the text form, `undefined` for anything else. */
export function parseTransactionId(text: string): { view: number; seqno: number } | undefined {
  const match = /^(0|[1-9][0-9]{0,15})\.(0|[1-9][0-9]{0,15})$/.exec(text);
  if (match === null) return undefined;
  const view = Number(match[1]);
  const seqno = Number(match[2]);
  return Number.isSafeInteger(view) && Number.isSafeInteger(seqno) ? { view, seqno } : undefined;
}
