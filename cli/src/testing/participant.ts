// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Identity } from "../context/index.js";
import { keygen } from "../operations/keygen/keygen.js";
import type { Curve } from "../operations/keygen/request.js";

/** A folder that is removed at the end of the test. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "ccfctl-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Real keys of a participant, without an encryption key: those take long to make. */
export async function makeParticipant(
  directory: string,
  name = "member0",
  curve: Curve = "secp384r1",
): Promise<Identity & { id: string }> {
  const { privateKey, certificate, id } = await keygen({
    name,
    curve,
    directory,
    withEncryptionKey: false,
  });
  return { key: privateKey, certificate, id };
}
