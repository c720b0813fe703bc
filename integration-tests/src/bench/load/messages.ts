// SPDX-License-Identifier: Apache-2.0

/** Where a load program connects to, and as whom. */
export interface Target {
  readonly address: string;
  /** PEM of the certificate that the server's must lead to. */
  readonly rootCertificate: string;
  readonly key: string;
  readonly certificate: string;
}

export type Operation = "put" | "get" | "stream" | "receipt";

/** One window of load. */
export interface LoadRequest {
  readonly operation: Operation;
  /** Calls, or messages of the stream, that wait for their answer at once. */
  readonly inFlight: number;
  /** Operations in a message of the stream. */
  readonly perMessage: number;
  readonly valueBytes: number;
  /** Not measured. */
  readonly warmMs: number;
  /** The window; 0 when {@link LoadRequest.operations} ends it. */
  readonly measureMs: number;
  /** Ends the window after this many operations instead. */
  readonly operations: number;
  /** Keys below this number were written before: what `get` reads. */
  readonly keys: number;
  /** Transaction ids that `receipt` asks for. */
  readonly transactionIds: readonly string[];
  /** Whose CPU time is read at both ends of the window; with its children where `tree` is set. */
  readonly watch: readonly {
    readonly name: string;
    readonly pid: number;
    readonly tree: boolean;
  }[];
}

export interface LoadResult {
  readonly operations: number;
  readonly perSecond: number;
  /** Time of one call, in the middle of all; of a message for a stream. */
  readonly medianMs: number;
  /** By the names of `watch`, and `client`: µs of CPU time for one operation. */
  readonly cpuUs: Readonly<Record<string, number>>;
  /** Of the last answer, where there is one. */
  readonly transactionId: string;
}

export type ToLoad =
  | { readonly kind: "connect"; readonly target: Target }
  | { readonly kind: "run"; readonly request: LoadRequest };

export type FromLoad =
  | { readonly kind: "done"; readonly result?: LoadResult }
  | { readonly kind: "failed"; readonly message: string };
