// SPDX-License-Identifier: Apache-2.0
import type { KvState, ViewHistory } from "@consortium/ledger";
import type { ServiceKeys } from "../effects/service-keys.js";

/** A verified ledger whose lease this node has: everything a new view starts from. */
export interface LeadableState {
  readonly keys: ServiceKeys;
  readonly kv: KvState;
  readonly history: ViewHistory;
  readonly lastSeqno: number;
  /** The serialised Merkle tree over the ledger so far; empty for a new one. */
  readonly tree: Uint8Array;
  readonly view: number;
  /** When the lease was asked for, of `performance.now()`. */
  readonly leaseSentAt: number;
  /** PEM, endorsed by the service. */
  readonly nodeCertificate: string;
  /** CWT issuer and subject of the COSE signatures. */
  readonly coseSignatures: { readonly issuer: string; readonly subject: string };
}
