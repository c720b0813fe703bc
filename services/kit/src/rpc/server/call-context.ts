// SPDX-License-Identifier: Apache-2.0
import type { Metadata } from "@grpc/grpc-js";
import type { ServerSurfaceCall } from "@grpc/grpc-js/build/src/server-call.js";
import { type PeerCertificate, peerCertificateOf } from "./peer-certificate.js";

/** What a handler may know about the call beside the request. */
export interface CallContext {
  /** `/ccf.node.v1.NodeService/GetState`. */
  readonly method: string;
  /** The certificate the client showed, if any. Its owner, issuer and dates are not checked. */
  readonly peerCertificate: PeerCertificate | undefined;
  /** `10.0.0.1:51234`. */
  readonly peerAddress: string;
  /** Milliseconds since the epoch; `Infinity` when the caller set no deadline. */
  readonly deadline: number;
  /** Aborted when the caller went away, the deadline passed or the server closes. */
  readonly signal: AbortSignal;
  readonly metadata: Metadata;
}

/** Everything is read when asked for: most calls need no signal and no certificate. */
export class ServerCallContext implements CallContext {
  readonly #call: ServerSurfaceCall;
  #controller: AbortController | undefined;
  #answered = false;
  #peer: PeerCertificate | undefined;

  constructor(call: ServerSurfaceCall) {
    this.#call = call;
  }

  get method(): string {
    return this.#call.getPath();
  }

  get peerCertificate(): PeerCertificate | undefined {
    // Kept, as gRPC forgets the connection when the call ends.
    this.#peer ??= peerCertificateOf(this.#call);
    return this.#peer;
  }

  get peerAddress(): string {
    return this.#call.getPeer();
  }

  get deadline(): number {
    const deadline = this.#call.getDeadline();
    return typeof deadline === "number" ? deadline : deadline.getTime();
  }

  get metadata(): Metadata {
    return this.#call.metadata;
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    if (this.#call.cancelled && !this.#answered) {
      controller.abort();
    } else {
      this.#call.once("cancelled", () => {
        // gRPC also says "cancelled" when a call that was answered is closed.
        if (!this.#answered) controller.abort();
      });
    }
    return controller.signal;
  }

  /** From here on the call's end is its normal end. */
  markAnswered(): void {
    this.#answered = true;
  }
}
