// SPDX-License-Identifier: Apache-2.0

/** A key and its certificate, as files. The key file is only read when something is signed. */
export interface Identity {
  key: string;
  certificate: string;
  /** Of a member that holds a recovery share. */
  encryptionKey?: string;
}

/** A named connection: where the services are and who we are there. Everything may be absent. */
export interface ContextDefinition {
  nodeAddress?: string;
  governanceAddress?: string;
  recoveryAddress?: string;
  /** File; the anchor of TLS and of every offline verification. */
  serviceCertificate?: string;
  members?: Record<string, Identity>;
  /** The member used when none is named. */
  member?: string;
  users?: Record<string, Identity>;
  /** The user used when none is named. */
  user?: string;
  /** Only for `ledger export`, which reads the store. */
  databaseUrl?: string;
}

/** A definition with its name and absolute file names. `file` is undefined when no context is in use. */
export interface Context extends ContextDefinition {
  name: string | undefined;
  file: string | undefined;
}

/** One context file: several contexts, one of which may be the current one. */
export interface ContextFile {
  current?: string;
  contexts: Record<string, ContextDefinition>;
}

export const EMPTY_CONTEXT: Context = { name: undefined, file: undefined };
