// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { connectGovernance, connectKv, connectNode } from "../../connect/clients.js";
import { readCertificate } from "../../input/certificate.js";
import { openMemberSigner } from "../signing/member-signer.js";
import { joinCommandConfig, startCommandConfig, writeConfig } from "./config-files.js";
import { constitutionFiles } from "./constitution-files.js";
import { prepareDatabase, startDatabase } from "./database.js";
import { sandboxDown } from "./down.js";
import { generateKeys } from "./keys.js";
import {
  activateMembers,
  addUser,
  openService,
  proveRecord,
  type Records,
  writeRecords,
} from "./journey.js";
import {
  keyFile,
  MEMBERS,
  type ProcessName,
  type SandboxLayout,
  sandboxLayout,
  USER,
} from "./layout.js";
import { startServices } from "./services.js";
import type { Reporter } from "./reporter.js";
import { addressOf, createState, readState, type SandboxState } from "./state.js";
import { writeContext } from "./write-context.js";

export interface SandboxOptions {
  directory: string;
  /** Throw away what is there and begin anew. */
  fresh: boolean;
  /** Of a new consortium; our own if absent. */
  constitution?: readonly string[] | undefined;
}

export interface SandboxResult extends Records {
  directory: string;
  /** True when an existing consortium was continued. */
  continued: boolean;
  nodeAddress: string;
  governanceAddress: string;
  recoveryAddress: string;
  serviceCertificate: string;
  contextFile: string;
  verifiedTransactionId: string | null;
  elapsedMs: number;
}

const CALL_MS = 20_000;

/** Brings up a complete consortium by the real steps, or continues the one that is there. */
export async function sandboxUp(options: SandboxOptions, report: Reporter): Promise<SandboxResult> {
  const begin = performance.now();
  const layout = sandboxLayout(options.directory);
  if (options.fresh) await removeSandbox(layout, report);
  const existing = await readState(layout);
  const state = existing ?? (await createState(layout));
  const constitution = options.constitution?.map((file) => resolve(file)) ?? constitutionFiles();
  const databaseUrl = await prepareFiles(layout, state, constitution, report);
  await writeContext(layout, state, databaseUrl);
  await startServices(layout, state, report);
  const records = await runJourney(layout, state, report);
  return {
    directory: layout.root,
    continued: existing !== undefined,
    nodeAddress: addressOf(state, "node0"),
    governanceAddress: addressOf(state, "governance0"),
    recoveryAddress: addressOf(state, "recovery0"),
    serviceCertificate: layout.serviceCertificate,
    contextFile: layout.contextFile,
    ...records,
    elapsedMs: Math.round(performance.now() - begin),
  };
}

/** Only what a sandbox made is removed; a folder without its mark is left alone. */
async function removeSandbox(layout: SandboxLayout, report: Reporter): Promise<void> {
  if (!existsSync(layout.stateFile)) return;
  report.step(`Removing ${layout.show(layout.root)}`, "ccfctl sandbox down");
  await sandboxDown(layout.root);
  await rm(layout.root, { recursive: true, force: true });
}

async function prepareFiles(
  layout: SandboxLayout,
  state: SandboxState,
  constitution: readonly string[],
  report: Reporter,
): Promise<string> {
  report.step(`PostgreSQL starts in ${layout.show(layout.postgres)}`);
  const [{ adminUrl, port }] = await Promise.all([
    startDatabase(layout),
    generateKeys(layout, report),
  ]);
  report.fact(`PostgreSQL serves on 127.0.0.1:${port}`);
  await writeConfig(layout, state, "node0", startCommandConfig(layout, constitution));
  await writeConfig(layout, state, "governance0", joinCommandConfig(layout, state, "governance0"));
  await writeConfig(layout, state, "recovery0", joinCommandConfig(layout, state, "recovery0"));
  return prepareDatabase(layout, state, adminUrl);
}

async function runJourney(
  layout: SandboxLayout,
  state: SandboxState,
  report: Reporter,
): Promise<Records & { verifiedTransactionId: string | null }> {
  const { pem } = await readCertificate(layout.serviceCertificate);
  const target = (name: ProcessName) => ({
    address: addressOf(state, name),
    rootCertificate: pem,
    deadlineMs: CALL_MS,
  });
  const identity = (name: string) => ({
    key: keyFile(layout, name, "privk"),
    certificate: keyFile(layout, name, "cert"),
  });
  const members = await Promise.all(
    MEMBERS.map(async (name) => ({ name, signer: await openMemberSigner(identity(name)) })),
  );
  using governance = connectGovernance(target("governance0"));
  await activateMembers(governance, members, report);
  await openService(governance, members, layout, report);
  await addUser(governance, members, layout, report);
  using kv = await connectKv(target("node0"), identity(USER));
  const records = await writeRecords(kv, report);
  using node = connectNode(target("node0"));
  const { verification } = await proveRecord(node, records.privateTransactionId, layout, report);
  return { ...records, verifiedTransactionId: verification.transactionId };
}
