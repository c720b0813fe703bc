// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import type { Config } from "@oclif/core";
import { makeParticipant, temporaryFolder } from "./testing/participant.js";
import { loadConfig } from "./tooling/load-commands.js";

/* Every action of the constitution has a command; each row says what body its flags make, and what it refuses. */

const ID = "d16982561337a4a08d57e654b6640266d0aced4b360ac06fca780b708e8aaeaf";
const FROM = "20301231235959Z";
const RSA_PUBLIC = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
const POLICY = "package policy\n";
const POLICY_DIGEST = createHash("sha256").update(POLICY).digest("hex");

let config: Config;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let certificate: string;

before(async () => {
  config = await loadConfig();
  folder = await temporaryFolder();
  certificate = await readFile((await makeParticipant(folder.path, "x")).certificate, "utf8");
  const files = {
    "enc.pem": RSA_PUBLIC,
    "data.json": '{"a":1}',
    "list.json": "[1]",
    "bad.json": "{",
    "policy.rego": POLICY,
    "a.js": "a();",
    "b.js": "b();",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
});

after(() => folder[Symbol.asyncDispose]());

/** `@name` in an argument is a file of the test's folder. */
async function dryRun(t: TestContext, id: string, argv: readonly string[]): Promise<unknown> {
  t.mock.method(console, "log", () => undefined);
  const resolved = argv.map((arg) => (arg.startsWith("@") ? join(folder.path, arg.slice(1)) : arg));
  process.exitCode = undefined;
  const result: unknown = await config.runCommand(id, [...resolved, "--dry-run"]);
  return result;
}

interface Row {
  command: string;
  argv?: string[];
  action: string;
  /** Absent for an action without arguments. */
  args?: () => object;
}

const good: Row[] = [
  {
    command: "constitution set",
    argv: ["@a.js", "@b.js"],
    action: "set_constitution",
    args: () => ({ constitution: "a();\nb();\n" }),
  },
  {
    command: "member add",
    argv: [
      "--member-cert",
      "@x_cert.pem",
      "--encryption-key",
      "@enc.pem",
      "--data",
      '{"n":1}',
      "--recovery-role",
      "Owner",
    ],
    action: "set_member",
    args: () => ({
      cert: certificate,
      encryption_pub_key: RSA_PUBLIC,
      member_data: { n: 1 },
      recovery_role: "Owner",
    }),
  },
  {
    command: "member add",
    argv: ["--member-cert", "@x_cert.pem"],
    action: "set_member",
    args: () => ({ cert: certificate }),
  },
  {
    command: "member remove",
    argv: [ID.toUpperCase()],
    action: "remove_member",
    args: () => ({ member_id: ID }),
  },
  {
    command: "member set-data",
    argv: [ID, "--data-file", "@data.json"],
    action: "set_member_data",
    args: () => ({ member_id: ID, member_data: { a: 1 } }),
  },
  {
    command: "user add",
    argv: ["--user-cert", "@x_cert.pem", "--data", "[1]"],
    action: "set_user",
    args: () => ({ cert: certificate, user_data: [1] }),
  },
  { command: "user remove", argv: [ID], action: "remove_user", args: () => ({ user_id: ID }) },
  { command: "user set-data", argv: [ID], action: "set_user_data", args: () => ({ user_id: ID }) },
  {
    command: "recovery-threshold set",
    argv: ["2"],
    action: "set_recovery_threshold",
    args: () => ({ recovery_threshold: 2 }),
  },
  { command: "shares refresh", action: "trigger_recovery_shares_refresh" },
  { command: "ledger rekey", action: "trigger_ledger_rekey" },
  { command: "ledger chunk", action: "trigger_ledger_chunk" },
  { command: "snapshot create", action: "trigger_snapshot" },
  {
    command: "service open",
    argv: ["--next-identity", "@x_cert.pem", "--previous-identity", "@x_cert.pem"],
    action: "transition_service_to_open",
    args: () => ({ next_service_identity: certificate, previous_service_identity: certificate }),
  },
  {
    command: "service assert-identity",
    argv: ["--identity", "@x_cert.pem"],
    action: "assert_service_identity",
    args: () => ({ service_identity: certificate }),
  },
  {
    command: "service configure",
    argv: [
      "--recovery-threshold",
      "3",
      "--recent-proposals-window",
      "50",
      "--reconfiguration-type",
      "OneTransaction",
    ],
    action: "set_service_configuration",
    args: () => ({
      reconfiguration_type: "OneTransaction",
      recovery_threshold: 3,
      recent_cose_proposals_window_size: 50,
    }),
  },
  {
    command: "js-app set",
    argv: ["@data.json", "--disable-bytecode-cache"],
    action: "set_js_app",
    args: () => ({ bundle: { a: 1 }, disable_bytecode_cache: true }),
  },
  { command: "js-app remove", action: "remove_js_app" },
  { command: "js-app refresh-bytecode", action: "refresh_js_app_bytecode_cache" },
  {
    command: "js-runtime configure",
    argv: [
      "--max-heap-bytes",
      "1",
      "--max-stack-bytes",
      "2",
      "--max-execution-time-ms",
      "3",
      "--no-log-exception-details",
      "--max-cached-interpreters",
      "0",
    ],
    action: "set_js_runtime_options",
    args: () => ({
      max_heap_bytes: 1,
      max_stack_bytes: 2,
      max_execution_time_ms: 3,
      log_exception_details: false,
      max_cached_interpreters: 0,
    }),
  },
  {
    command: "ca-bundle set",
    argv: ["b", "@x_cert.pem"],
    action: "set_ca_cert_bundle",
    args: () => ({ name: "b", cert_bundle: certificate }),
  },
  {
    command: "ca-bundle remove",
    argv: ["b"],
    action: "remove_ca_cert_bundle",
    args: () => ({ name: "b" }),
  },
  {
    command: "jwt-issuer set",
    argv: ["https://issuer.example", "--auto-refresh", "--ca-bundle", "b", "--jwks", "@data.json"],
    action: "set_jwt_issuer",
    args: () => ({
      issuer: "https://issuer.example",
      auto_refresh: true,
      ca_cert_bundle_name: "b",
      jwks: { a: 1 },
    }),
  },
  {
    command: "jwt-issuer set-keys",
    argv: ["i", "@data.json"],
    action: "set_jwt_public_signing_keys",
    args: () => ({ issuer: "i", jwks: { a: 1 } }),
  },
  {
    command: "jwt-issuer remove",
    argv: ["i"],
    action: "remove_jwt_issuer",
    args: () => ({ issuer: "i" }),
  },
  {
    command: "jwt-issuer cleanup-legacy",
    argv: ["--no-ensure-new-records-exist"],
    action: "cleanup_legacy_jwt_records",
    args: () => ({ ensure_new_records_exist: false }),
  },
  {
    command: "snp-measurement add",
    argv: ["ab"],
    action: "add_snp_measurement",
    args: () => ({ measurement: "ab" }),
  },
  {
    command: "snp-measurement remove",
    argv: ["ab"],
    action: "remove_snp_measurement",
    args: () => ({ measurement: "ab" }),
  },
  {
    command: "snp-uvm-endorsement add",
    argv: ["--did", "d", "--feed", "f", "--svn", "1"],
    action: "add_snp_uvm_endorsement",
    args: () => ({ did: "d", feed: "f", svn: "1" }),
  },
  {
    command: "snp-uvm-endorsement remove",
    argv: ["--did", "d", "--feed", "f"],
    action: "remove_snp_uvm_endorsement",
    args: () => ({ did: "d", feed: "f" }),
  },
  {
    command: "snp-host-data add",
    argv: [POLICY_DIGEST, "--security-policy", "@policy.rego"],
    action: "add_snp_host_data",
    args: () => ({ host_data: POLICY_DIGEST, security_policy: POLICY }),
  },
  {
    command: "snp-host-data add",
    argv: [ID],
    action: "add_snp_host_data",
    args: () => ({ host_data: ID, security_policy: "" }),
  },
  {
    command: "snp-host-data remove",
    argv: [ID],
    action: "remove_snp_host_data",
    args: () => ({ host_data: ID }),
  },
  {
    command: "snp-tcb set",
    argv: ["00A00F11", "--version", "D315000000000004"],
    action: "set_snp_minimum_tcb_version_hex",
    args: () => ({ cpuid: "00a00f11", tcb_version: "d315000000000004" }),
  },
  {
    command: "snp-tcb set-parts",
    argv: ["00a00f11", "--boot-loader", "4", "--tee", "0", "--snp", "24", "--microcode", "219"],
    action: "set_snp_minimum_tcb_version",
    args: () => ({
      cpuid: "00a00f11",
      tcb_version: { boot_loader: 4, tee: 0, snp: 24, microcode: 219 },
    }),
  },
  {
    command: "snp-tcb remove",
    argv: ["00a00f11"],
    action: "remove_snp_minimum_tcb_version",
    args: () => ({ cpuid: "00a00f11" }),
  },
  {
    command: "node set-data",
    argv: [ID, "--data", '"x"'],
    action: "set_node_data",
    args: () => ({ node_id: ID, node_data: "x" }),
  },
  {
    command: "node trust",
    argv: [ID, "--valid-from", FROM, "--validity-days", "7"],
    action: "transition_node_to_trusted",
    args: () => ({ node_id: ID, valid_from: FROM, validity_period_days: 7 }),
  },
  { command: "node remove", argv: [ID], action: "remove_node", args: () => ({ node_id: ID }) },
  {
    command: "certificates renew-node",
    argv: [ID, "--valid-from", FROM],
    action: "set_node_certificate_validity",
    args: () => ({ node_id: ID, valid_from: FROM }),
  },
  {
    command: "certificates renew-all-nodes",
    argv: ["--valid-from", "2030-12-31 23:59:59"],
    action: "set_all_nodes_certificate_validity",
    args: () => ({ valid_from: "2030-12-31 23:59:59" }),
  },
  {
    command: "certificates renew-service",
    argv: ["--valid-from", "301231235959Z"],
    action: "set_service_certificate_validity",
    args: () => ({ valid_from: "301231235959Z" }),
  },
  {
    command: "join-policy set",
    argv: ["@policy.rego"],
    action: "set_node_join_policy",
    args: () => ({ policy: POLICY }),
  },
  { command: "join-policy remove", action: "remove_node_join_policy" },
];

for (const { command, argv = [], action, args } of good) {
  test(`propose ${command} ${argv.join(" ").slice(0, 60)} makes ${action}`, async (t) => {
    const body = await dryRun(t, `propose:${command.replace(" ", ":")}`, argv);
    const expected = args === undefined ? { name: action } : { name: action, args: args() };
    assert.deepEqual(body, { actions: [expected] });
  });
}

test("Every propose command has a row, and every action of the sample constitution is made", async () => {
  const commands = config.commandIDs
    .filter((id) => id.startsWith("propose:"))
    .map((id) => id.slice(8).replace(":", " "));
  assert.deepEqual([...new Set(good.map(({ command }) => command))].sort(), commands.sort());
  assert.equal(new Set(good.map(({ action }) => action)).size, 42);
});

test("A node is trusted from now on, unless told otherwise", async (t) => {
  const body = (await dryRun(t, "propose:node:trust", [ID])) as {
    actions: { args: { valid_from: string } }[];
  };
  const validFrom = body.actions[0]?.args.valid_from ?? "";
  assert.match(validFrom, /^\d{14}Z$/);
  const iso = validFrom.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  assert.ok(Math.abs(Date.parse(iso) - Date.now()) < 60_000);
});

const bad: [string, string[], RegExp][] = [
  ["constitution set", ["@none.js"], /cannot read .*none\.js/],
  ["member add", ["--member-cert", "@enc.pem"], /enc\.pem is not a certificate/],
  [
    "member add",
    ["--member-cert", "@x_cert.pem", "--encryption-key", "@x_privk.pem"],
    /not a public key in PEM but a private key/,
  ],
  ["member add", ["--member-cert", "@x_cert.pem", "--recovery-role", "Owner"], /encryption-key/],
  ["member add", ["--member-cert", "@x_cert.pem", "--data", "[1]"], /--data must be a JSON object/],
  ["member add", ["--member-cert", "@x_cert.pem", "--data", "{"], /--data is not JSON/],
  [
    "member add",
    ["--member-cert", "@x_cert.pem", "--data-file", "@bad.json"],
    /bad\.json is not JSON/,
  ],
  ["member remove", ["abc"], /member id "abc" is not 64 hex digits/],
  ["member set-data", [ID], /no data/],
  ["user add", [], /user-cert/],
  ["user set-data", ["zz"], /user id/],
  ["recovery-threshold set", ["0"], /"0" is not an integer from 1 to 254/],
  ["recovery-threshold set", ["255"], /"255" is not an integer from 1 to 254/],
  ["service configure", [], /no setting was given/],
  ["service configure", ["--recent-proposals-window", "10001"], /less than or equal to 10000/],
  ["js-app set", ["@list.json"], /must be a JSON object/],
  [
    "jwt-issuer set",
    ["http://issuer.example", "--auto-refresh", "--ca-bundle", "b"],
    /issuer must be an https URL/,
  ],
  [
    "jwt-issuer set",
    ["https://issuer.example?x=1", "--auto-refresh", "--ca-bundle", "b"],
    /issuer must be an https URL/,
  ],
  ["jwt-issuer set", ["https://issuer.example", "--auto-refresh"], /ca-bundle/],
  ["snp-host-data add", [ID, "--security-policy", "@policy.rego"], /SHA-256 of --security-policy/],
  [
    "snp-tcb set",
    ["00a00f1", "--version", "d315000000000004"],
    /cpuid "00a00f1" is not 8 hex digits/,
  ],
  ["snp-tcb set", ["00a00f11", "--version", "d3"], /version "d3" is not 16 hex digits/],
  ["node trust", [ID, "--valid-from", "tomorrow"], /--valid-from "tomorrow" is not a time/],
  ["node trust", [ID, "--validity-days", "0"], /greater than or equal to 1/],
  ["node set-data", [ID], /no data/],
];

for (const [command, argv, words] of bad) {
  test(`propose ${command} ${argv.join(" ").slice(0, 60)} is refused before anything is signed`, async (t) => {
    await assert.rejects(dryRun(t, `propose:${command.replace(" ", ":")}`, argv), words);
  });
}
