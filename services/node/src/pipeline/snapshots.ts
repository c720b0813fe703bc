// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@consortium/kit";
import {
  type GroupStore,
  internalRows,
  type KvReader,
  SINGLETON_KEY,
  SnapshotProducer,
  TABLES,
} from "@consortium/ledger";
import type { NodeConfig } from "../config.js";
import type { LeadableState } from "../group/leadable-state.js";
import type { Primary } from "./primary.js";

export interface SnapshotsOptions {
  readonly config: NodeConfig["snapshots"];
  readonly store: GroupStore;
  readonly state: LeadableState;
  readonly log: Logger;
}

/** At most a quarter of the time one is under way. */
const REST_FACTOR = 3;

/** The transactions that a snapshot adds: its evidence, and the signature over that. */
const OWN_TRANSACTIONS = 2;

/** The snapshots of one term of leadership: when one is due, and that it is taken. */
export class Snapshots {
  readonly #options: SnapshotsOptions;
  #producer: SnapshotProducer | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  /** Takes them of what this primary commits, until it leads no more. */
  follow(primary: Primary): void {
    const { config, store, state, log } = this.#options;
    const producer = new SnapshotProducer({
      kv: state.kv,
      history: state.history,
      txCount: config.tx_count,
      restFactor: REST_FACTOR,
      lastSnapshotSeqno: lastSnapshotSeqno(state.kv.committed),
      secretOf: (seqno) => secretOf(state, seqno),
      serviceCertPem: () => state.keys.certificate,
      submit: ({ writes, claimsDigest }) => {
        primary.assertReadable();
        return primary.append(writes, { claimsDigest });
      },
      put: (snapshot) => store.putSnapshot(snapshot),
      log,
    });
    this.#producer = producer;
    primary.onCommit((chunk) => producer.committed(chunk));
    if (config.time_interval > 0) {
      this.#timer = setInterval(() => this.#askInTime(primary), config.time_interval);
    }
    void primary.ended.then(() => this.stop());
  }

  /** Whether a snapshot is taken of the signature at this seqno, which then ends a ledger file. */
  arm(signatureSeqno: number): boolean {
    return this.#producer?.arm(signatureSeqno) ?? false;
  }

  /** Takes one at the next signature. */
  request(): void {
    this.#producer?.request();
  }

  /** Gives up what is under way; what is in the store stays. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#producer?.stop();
  }

  /** A ledger to which nothing was written needs no new one. */
  #askInTime(primary: Primary): void {
    if (!primary.leading || this.#producer?.isBusy !== false) return;
    const last = lastSnapshotSeqno(primary.kv.committed);
    const added = primary.committedSeqno - last - OWN_TRANSACTIONS;
    if (added < this.#options.config.min_tx_count) return;
    this.request();
    primary.sign();
  }
}

/** Where the newest snapshot was taken of which the ledger has evidence; 0 if there is none. */
function lastSnapshotSeqno(kv: KvReader): number {
  const row = kv.get(TABLES.snapshotEvidence, SINGLETON_KEY);
  return row === undefined ? 0 : internalRows.snapshotEvidence.decode(row.value).version;
}

function secretOf({ keys }: LeadableState, seqno: number): Uint8Array {
  const secret = keys.secrets.findLast(({ version }) => version <= seqno);
  if (secret === undefined) throw new RangeError(`there is no ledger secret for seqno ${seqno}`);
  return secret.raw;
}
