// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  createSnpProcessor,
  createUvmSigner,
  snpFixture,
} from "@consortium/ledger/testing/attestation";
import { isAppError } from "@consortium/kit/errors";
import { createSelfSigned, generateEcKeyPem, publicKeySpki } from "@consortium/kit/x509";
import { makeParticipant, temporaryFolder } from "../testing/participant.js";
import { ROOM } from "../tooling/load-commands.js";
import { explainAttestation } from "./attestation.js";

const FIXTURES = join(ROOM, "..", "services", "ledger", "fixtures", "snp");
const REPORT = join(FIXTURES, "milan.report.bin");
const CHAIN = join(FIXTURES, "milan.endorsements.pem");
const HOST_DATA = "4f4448c67f3c8dfc8de8a5e37125d807dadcc41f06cf23f615dbd52eec777d10";
/** When the certificates are valid, whatever the clock of this machine says. */
const AT = "2026-01-01T00:00:00Z";
const at = new Date(AT);

interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

function verify(...args: string[]): Promise<Outcome> {
  const argv = [join(ROOM, "bin", "run.js"), "attestation", "verify", ...args];
  const { NODE_TEST_CONTEXT: _, FORCE_COLOR: __, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, argv, { env }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ exitCode, stdout, stderr });
    });
    child.stdin?.end();
  });
}

function failed(checks: readonly { id: string; outcome: string }[]): string[] {
  return checks.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
}

test("a real report is explained to people, and verifies", async () => {
  const { exitCode, stdout, stderr } = await verify(REPORT, "--endorsements", CHAIN, "--at", AT);
  assert.equal(exitCode, 0);
  assert.equal(stderr, "");
  assert.match(stdout, /^evidence {2}verified$/m);
  assert.match(stdout, /^0x090 +measurement +hash of what was launched +5feee30d/m);
  assert.match(stdout, /^ARK +ARK-Milan +ARK-Milan +2020-10-22 to 2045-10-22$/m);
  assert.match(stdout, /^passed +the report is signed by the VCEK +signed$/m);
});

test("what does not verify is explained as well, and ends with 10", async () => {
  const genoa = join(FIXTURES, "genoa.endorsements.pem");
  const { exitCode, stdout, stderr } = await verify(REPORT, "--endorsements", genoa, "--at", AT);
  assert.equal(exitCode, 10);
  assert.match(stdout, /^evidence {2}not verified: 4 checks failed$/m);
  assert.match(stdout, /^failed +the report is signed by the VCEK +it is not by the VCEK's key$/m);
  assert.match(stderr, /Code: VERIFICATION_FAILED/);
});

test("With --json, the explanation comes with the failure in it, and the same exit code", async () => {
  const args = [REPORT, "--endorsements", CHAIN, "--at", "2033-01-01T00:00:00Z", "--json"];
  const { exitCode, stdout, stderr } = await verify(...args);
  assert.equal(exitCode, 10);
  assert.equal(stderr, "");
  const { verified, checks, error } = JSON.parse(stdout) as {
    verified: boolean;
    checks: { id: string; outcome: string }[];
    error: { code: string; details: { reason: string } };
  };
  assert.equal(verified, false);
  assert.deepEqual(failed(checks), ["chain.dates"]);
  assert.equal(error.code, "VERIFICATION_FAILED");
  assert.equal(error.details.reason, "chain.dates");
});

test("expectations that are not met end with 10, others with 0", async () => {
  const base = [REPORT, "--endorsements", CHAIN, "--at", AT, "--json"];
  assert.equal((await verify(...base, "--host-data", HOST_DATA)).exitCode, 0);
  assert.equal((await verify(...base, "--report-data", "00".repeat(64))).exitCode, 0);
  assert.equal((await verify(...base, "--host-data", "00".repeat(32))).exitCode, 10);
  assert.equal((await verify(...base, "--report-data", "11".repeat(32))).exitCode, 10);
});

test("misuse ends with 2, a missing file with 3", async () => {
  const wrong: string[][] = [
    [REPORT],
    [REPORT, "--endorsements", CHAIN, "--host-data", "zz"],
    [REPORT, "--endorsements", CHAIN, "--report-data", "00"],
    [REPORT, "--endorsements", CHAIN, "--at", "tomorrow"],
  ];
  for (const args of wrong) assert.equal((await verify(...args)).exitCode, 2, args.join(" "));
  assert.equal((await verify("/nonexistent", "--endorsements", CHAIN)).exitCode, 3);
});

test("evidence bound to a node's key is told from evidence of another", async () => {
  await using folder = await temporaryFolder();
  const { certificate } = await makeParticipant(folder.path);
  const result = await verify(
    REPORT,
    "--endorsements",
    CHAIN,
    "--at",
    AT,
    "--node-cert",
    certificate,
    "--json",
  );
  assert.equal(result.exitCode, 10);
  assert.match(result.stdout, /"reason": "expected.report-data"/);
});

test("quote information as the ledger has it needs no other file", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "quote_info.json");
  const quote = {
    format: "AMD_SEV_SNP_v1",
    quote: snpFixture("milan.report.bin").toString("base64"),
    endorsements: snpFixture("milan.endorsements.pem").toString("base64"),
    endorsed_tcb: "db18000000000004",
  };
  await writeFile(file, JSON.stringify(quote));
  const { verified, checks } = await explainAttestation({ file, at, expected: {} });
  assert.equal(verified, true);
  assert.ok(checks.some(({ id, outcome }) => id === "endorsed.claim" && outcome === "passed"));
  await writeFile(file, JSON.stringify({ ...quote, quote: "not base64" }));
  await assert.rejects(explainAttestation({ file, at, expected: {} }), (error) =>
    isAppError(error, "INVALID_INPUT"),
  );
});

test("the collateral of an Azure host is taken as it is, plain or in base64", async () => {
  await using folder = await temporaryFolder();
  const pem = snpFixture("milan.endorsements.pem").toString();
  const end = pem.indexOf("-----BEGIN", 1);
  const collateral = JSON.stringify({
    cacheControl: "86400",
    vcekCert: pem.slice(0, end),
    certificateChain: pem.slice(end),
    tcbm: "DB18000000000004",
  });
  const endorsementsFile = join(folder.path, "collateral");
  for (const text of [collateral, Buffer.from(collateral).toString("base64")]) {
    await writeFile(endorsementsFile, text);
    const request = { file: REPORT, endorsementsFile, at, expected: {} };
    assert.equal((await explainAttestation(request)).verified, true);
  }
  await writeFile(endorsementsFile, collateral.replace("DB18", "DB19"));
  const request = { file: REPORT, endorsementsFile, at, expected: {} };
  assert.deepEqual(failed((await explainAttestation(request)).checks), ["endorsed.claim"]);
});

test("UVM endorsements are taken as COSE or in base64", async () => {
  await using folder = await temporaryFolder();
  const measurement = snpFixture("milan.report.bin").subarray(0x90, 0xc0).toString("hex");
  const message = createUvmSigner({ algorithm: "ES384" }).endorse({ measurement });
  const uvmFile = join(folder.path, "uvm");
  for (const content of [message, message.toString("base64")]) {
    await writeFile(uvmFile, content);
    const request = { file: REPORT, endorsementsFile: CHAIN, uvmFile, at, expected: {} };
    const { verified, uvm } = await explainAttestation(request);
    assert.equal(verified, true);
    assert.equal(uvm?.svn, "100");
  }
});

test("a processor with a root that is not AMD's does not verify, whatever it is bound to", async () => {
  await using folder = await temporaryFolder();
  const keyPem = generateEcKeyPem();
  const quote = createSnpProcessor({ product: "Turin" }).quote(publicKeySpki(keyPem));
  const place = (name: string): string => join(folder.path, name);
  await writeFile(place("report.bin"), quote.quote);
  await writeFile(place("chain.pem"), quote.endorsements);
  await writeFile(place("node.pem"), createSelfSigned({ keyPem, subject: "CN=node", days: 1 }));
  const files = [place("report.bin"), "--endorsements", place("chain.pem")];
  const outcome = await verify(...files, "--node-cert", place("node.pem"), "--at", AT, "--json");
  const { checks, error } = JSON.parse(outcome.stdout) as {
    checks: { id: string; outcome: string }[];
    error: { message: string };
  };
  assert.deepEqual(failed(checks), ["chain.root", "endorsed.product"]);
  assert.equal(
    error.message,
    'the evidence does not verify ("the ARK has a root key of AMD\'s": the key of ARK-Turin is none of them), and 1 more',
  );
});

test("a virtual quote says what it says, and does not verify", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "quote.json");
  const statement = {
    measurement: "Insecure hard-coded virtual measurement v1",
    host_data: HOST_DATA,
    report_data: Buffer.alloc(32).toString("base64"),
  };
  const quote = Buffer.from(JSON.stringify(statement)).toString("base64");
  await writeFile(file, JSON.stringify({ format: "Insecure_Virtual", quote, endorsements: "" }));
  const { checks, fields } = await explainAttestation({ file, expected: {} });
  assert.deepEqual(failed(checks), ["quote.signed"]);
  assert.equal(fields[1]?.value, HOST_DATA);
});
