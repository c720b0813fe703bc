// SPDX-License-Identifier: Apache-2.0

/** Authenticated messages to and from the other trusted nodes; made by the channel hub. */
export interface PeerLink {
  /** An encrypted question and its answer. Errors of the other side come back with their codes. */
  request(
    peerId: string,
    kind: string,
    payload: Uint8Array,
    options?: { deadlineMs?: number; signal?: AbortSignal },
  ): Promise<Uint8Array>;
  /** Answers the questions of a kind. */
  onRequest(
    kind: string,
    handler: (peerId: string, payload: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>,
  ): void;
  /** A consensus message: the header is authenticated, the entries prove themselves. */
  send(peerId: string, header: Uint8Array, entries: Uint8Array): Promise<void>;
  onConsensus(handler: (peerId: string, header: Uint8Array, entries: Uint8Array) => void): void;
  /** Called when the channel to a peer has ended. */
  onLost(handler: (peerId: string) => void): void;
  /** Looks again at who is trusted, after the ledger said something about nodes. */
  recheck(): void;
}

/** The questions that nodes ask each other. */
export const REQUEST = {
  /** A prepared transaction (`SubmitTransactionRequest`), to the primary. */
  submit: "submit",
  /** A user's write that reached a backup, to the primary. */
  forward: "forward",
} as const;
