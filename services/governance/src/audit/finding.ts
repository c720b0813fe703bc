// SPDX-License-Identifier: Apache-2.0

/** What can be wrong with governance on a ledger. */
export type FindingCode =
  /** The request is no signed request, or signed by nobody who was a member then. */
  | "REQUEST_INVALID"
  /** By the rules of that time the request would have been refused, or would have changed nothing. */
  | "REQUEST_REFUSED"
  /** A transaction records no request, or more than one. */
  | "REQUEST_AMBIGUOUS"
  /** The id of a proposal comes from no root that the ledger ever had. */
  | "PROPOSAL_ID_UNEXPLAINED"
  /** The request was decided on an older state than the one it was recorded on. */
  | "DECIDED_ON_OLD_STATE"
  /** A row is not what the constitution and the service would have written. */
  | "ROW_DIFFERS"
  /** A row should have been written, and was not. */
  | "ROW_MISSING"
  /** Nobody asked for this row. */
  | "ROW_UNEXPLAINED"
  /** A row that only its writer can make does not have the form it must have. */
  | "ROW_MALFORMED"
  /** A certificate is not by the service, or not as it was decided. */
  | "CERTIFICATE_INVALID"
  /** The evaluation did not come to an end. */
  | "EVALUATION_STOPPED";

/** One thing that is wrong, and where. */
export interface Finding {
  readonly transactionId: string;
  readonly seqno: number;
  readonly code: FindingCode;
  readonly message: string;
  readonly table?: string;
  /** Text where it is text, else `0x…`. */
  readonly key?: string;
  readonly expected?: string;
  readonly found?: string;
}

/** Something that cannot be made again the same way, but fits. */
export interface Remark {
  readonly transactionId: string;
  readonly seqno: number;
  readonly message: string;
}

export type Complaint = Omit<Finding, "transactionId" | "seqno">;

const SHOWN_CHARACTERS_MAX = 2_000;
// oxlint-disable-next-line no-control-regex
const NOT_PRINTABLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/;

/** Bytes for a person: text where it is printable text, else hex; cut where it is long. */
export function showBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("utf8");
  const isText = !NOT_PRINTABLE.test(text) && Buffer.from(text).equals(bytes);
  return shorten(isText ? text : `0x${Buffer.from(bytes).toString("hex")}`);
}

function shorten(text: string): string {
  const rest = text.length - SHOWN_CHARACTERS_MAX;
  return rest <= 0 ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}… (${rest} more characters)`;
}
