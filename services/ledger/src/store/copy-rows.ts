// SPDX-License-Identifier: Apache-2.0
import { connectWritable } from "@consortium/kit";
import { to as copyTo } from "pg-copy-streams";
import { CopyParser, type StoredChunk } from "./copy-parser.js";

export interface CopyOptions {
  readonly url: string;
  readonly applicationName: string;
  /** `copy (select <three bigint columns, each at least 1>, <bytea> …) to stdout (format binary)`. */
  readonly statement: string;
  readonly signal: AbortSignal;
}

/** The rows of one COPY on a connection of its own. */
export async function* copyRows({
  url,
  applicationName,
  statement,
  signal,
}: CopyOptions): AsyncGenerator<StoredChunk> {
  const client = await connectWritable({ url, applicationName, statementTimeoutMs: 0 });
  // Ending the connection ends the copy, whatever it waits for.
  const abort = (): void => void client.connection.stream.destroy();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const parser = new CopyParser();
    const stream = client.query(copyTo(statement));
    for await (const piece of stream) yield* parser.push(piece as Buffer);
    parser.finish();
  } finally {
    signal.removeEventListener("abort", abort);
    await client.end();
  }
}
