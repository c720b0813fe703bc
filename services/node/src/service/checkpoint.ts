// SPDX-License-Identifier: Apache-2.0
import { readFile, rename, writeFile } from "node:fs/promises";
import { writeFileAtomic } from "@consortium/kit";
import { z } from "zod";
import { nodeErrors } from "../errors.js";

const checkpointSchema = z.strictObject({
  /** Hex SHA-256 of the service's public key: whose ledger this node belongs to. */
  service_key_id: z.string().regex(/^[0-9a-f]{64}$/),
  /** The last signature transaction this node has seen committed; 0 before the first. */
  seqno: z.int().min(0),
  /** Its root in hex; empty before the first. */
  root: z.string().regex(/^([0-9a-f]{64})?$/),
  /** Hex SHA-256 of its row: another view may sign the same root. Absent in files of before. */
  signature: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

/** What a node remembers across a restart, outside the database. */
export type CheckpointContent = z.infer<typeof checkpointSchema>;

const INTERVAL_MS = 1000;

/**
 * Keeps the checkpoint file: the anchor that a restarted node holds against the store. It is written
 * once a second without waiting for the disk; what a power cut takes away makes the check weaker by
 * that second, never wrong.
 */
export class Checkpoint implements AsyncDisposable {
  readonly #path: string;
  #content: CheckpointContent;
  #written: CheckpointContent;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, content: CheckpointContent) {
    this.#path = path;
    this.#content = content;
    this.#written = content;
  }

  /** Reads the file; `undefined` if there is none. */
  static async load(path: string): Promise<Checkpoint | undefined> {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    try {
      return new Checkpoint(path, checkpointSchema.parse(JSON.parse(text)));
    } catch (error) {
      throw nodeErrors("CHECKPOINT_UNREADABLE", `${path} is not a checkpoint file`, {
        cause: error,
        hint: "restore it from the node's backup",
      });
    }
  }

  /** Writes the first one durably, before there is anything to remember. */
  static async create(path: string, serviceKeyId: string): Promise<Checkpoint> {
    const content = { service_key_id: serviceKeyId, seqno: 0, root: "" };
    await writeFileAtomic(path, `${JSON.stringify(content)}\n`, { mode: 0o600 });
    return new Checkpoint(path, content);
  }

  get content(): CheckpointContent {
    return this.#content;
  }

  /** Notes a committed signature transaction; the file follows within a second. */
  note(seqno: number, root: string, signature: string): void {
    if (seqno <= this.#content.seqno) return;
    this.#content = { ...this.#content, seqno, root, signature };
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#writing.then(() => this.#write());
    }, INTERVAL_MS).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    const content = this.#content;
    if (content === this.#written) return;
    const temporary = `${this.#path}.tmp`;
    await writeFile(temporary, `${JSON.stringify(content)}\n`, { mode: 0o600 });
    await rename(temporary, this.#path);
    this.#written = content;
  }
}
