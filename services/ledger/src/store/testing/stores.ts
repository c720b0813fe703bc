// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { connectWritable } from "@consortium/kit";
import type { Client } from "pg";
import type { Chunk } from "../append.js";
import type { StoredChunk } from "../copy-parser.js";
import { type GroupStore, openGroupStore } from "../group-store.js";

/** Node ids for tests. */
export const NODE_A = "aa".repeat(32);
export const NODE_B = "bb".repeat(32);

export function openStore(url: string, holder = NODE_A, leaseMs = 10_000): Promise<GroupStore> {
  return openGroupStore({ url, group: 0, holder, leaseMs });
}

/** Takes the lead and returns the view. */
export async function lead(store: GroupStore, verifiedSeqno: number): Promise<number> {
  const lease = await store.acquireLease(verifiedSeqno);
  assert.equal(lease.outcome, "acquired");
  return lease.outcome === "acquired" ? lease.view : 0;
}

/** A chunk of one entry for each seqno, that can be told from every other. */
export function chunkAfter(previousSeqno: number, view: number, count = 1, text = ""): Chunk {
  const lastSeqno = previousSeqno + count;
  return {
    view,
    previousSeqno,
    lastSeqno,
    entries: Buffer.from(`${previousSeqno}-${lastSeqno} ${text}`),
  };
}

export async function collect(chunks: AsyncIterable<StoredChunk>): Promise<StoredChunk[]> {
  const all: StoredChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

/** What replay gives for what was appended. */
export function asStored({ view, previousSeqno, lastSeqno, entries }: Chunk): StoredChunk {
  return { firstSeqno: previousSeqno + 1, lastSeqno, view, entries: Buffer.from(entries) };
}

/** Runs statements of one login on a connection of its own. */
export async function withConnection<Result>(
  url: string,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connectWritable({ url });
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Polls until the condition holds; a test that waits for ever is ended by its own timeout. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
