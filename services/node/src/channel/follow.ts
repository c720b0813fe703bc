// SPDX-License-Identifier: Apache-2.0
import type { GroupStore } from "@consortium/ledger";
import type { channel } from "@consortium/proto";
import { nodeErrors } from "../errors.js";
import type { CommittedChunk, Primary } from "../pipeline/primary.js";

/** A follower that falls further behind than this reads the store instead. */
const BACKLOG_BYTES_MAX = 64 * 1024 * 1024;

/** Every durable chunk from a seqno on: first from the store, then as they are committed. */
export async function* followLedger(
  primary: Primary,
  store: GroupStore,
  fromSeqno: number,
  signal: AbortSignal,
): AsyncIterable<channel.FollowLedgerResponse> {
  const live = new LiveChunks(primary, signal);
  try {
    let next = fromSeqno;
    if (next <= primary.committedSeqno) {
      for await (const chunk of store.replay(next, signal)) {
        next = chunk.lastSeqno + 1;
        yield message(chunk);
      }
    }
    for await (const chunk of live) {
      if (chunk.lastSeqno < next) continue;
      next = chunk.lastSeqno + 1;
      yield message(chunk);
    }
  } finally {
    live.close();
  }
}

function message({ firstSeqno, lastSeqno, entries }: CommittedChunk): channel.FollowLedgerResponse {
  return { firstSeqno: BigInt(firstSeqno), lastSeqno: BigInt(lastSeqno), entries };
}

/** Chunks as they are committed, kept until the follower takes them. */
class LiveChunks implements AsyncIterable<CommittedChunk> {
  readonly #chunks: CommittedChunk[] = [];
  readonly #unsubscribe: () => void;
  #bytes = 0;
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(primary: Primary, signal: AbortSignal) {
    this.#unsubscribe = primary.onCommit((chunk) => {
      this.#chunks.push(chunk);
      this.#bytes += chunk.entries.length;
      this.#wake();
    });
    signal.addEventListener("abort", () => this.close(), { once: true });
    void primary.ended.then(() => this.close());
  }

  close(): void {
    this.#ended = true;
    this.#unsubscribe();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<CommittedChunk> {
    for (;;) {
      if (this.#bytes > BACKLOG_BYTES_MAX) {
        throw nodeErrors("FOLLOWER_TOO_SLOW", "the follower is too far behind to be sent chunks", {
          hint: "read the store up to its head, then follow again",
        });
      }
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#bytes -= chunk.entries.length;
        yield chunk;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }
}
