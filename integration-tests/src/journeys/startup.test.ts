// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { Ccfctl } from "../harness/ccfctl.js";
import { Consortium } from "../harness/consortium.js";
import { freeAddress, portOf } from "../harness/ports.js";
import type { Program } from "../harness/program.js";
import { ServiceProcess } from "../harness/service-process.js";
import { temporaryFolder, type TemporaryFolder } from "../harness/temporary-folder.js";
import type { ServiceName } from "../harness/workspace.js";

/* Processes that must not start say why, and end. */

let consortium: Consortium;
let folder: TemporaryFolder;

before(async () => {
  folder = await temporaryFolder("startup");
  consortium = await Consortium.start({ users: 0, opening: true });
});
after(async () => {
  await consortium?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

suite("A second process with the same identity", () => {
  test("in the same folder is refused by the process id that is written there", async () => {
    const second = await consortium.node.launchAnother();
    await endsWith(second, "PROCESS_ALREADY_RUNNING");
    await stillServes();
  });

  test("in a copy of the folder is fenced off by the store", async () => {
    const copy = join(consortium.folder, "node-copy");
    await cp(consortium.node.folder, copy, { recursive: true });
    await rm(join(copy, "node.pid"));
    const config = await readConfig(consortium.node.configFile);
    config.network.node_to_node_interface.bind_address = await freeAddress();
    config.network.rpc_interfaces["main"]!.bind_address = await freeAddress();
    await using twin = await prepareService("node", copy, config, consortium.storeUrls.ledger);
    await endsWith(await twin.launch(), "NODE_ALREADY_RUNNING", /stop the other process/);
    await stillServes();
  });
});

suite("A port that is in use", () => {
  for (const [service, name] of [
    ["node", "rpc"],
    ["node", "node-to-node"],
    ["governance", "rpc"],
  ] as const) {
    test(`ends the ${service} service that wants it for ${name}, with the address`, async () => {
      const address = await freeAddress();
      const other = createServer();
      await new Promise<void>((done) => other.listen(portOf(address), "127.0.0.1", done));
      try {
        const config = await readConfig(consortium[service].configFile);
        const { network } = config;
        network.node_to_node_interface.bind_address = await freeAddress();
        network.rpc_interfaces["main"]!.bind_address = await freeAddress();
        if (name === "rpc") network.rpc_interfaces["main"]!.bind_address = address;
        else network.node_to_node_interface.bind_address = address;
        const place = join(consortium.folder, `${service}-${name}-taken`);
        const url = consortium.storeUrls[service === "node" ? "ledger" : service];
        await using process = await prepareService(service, place, config, url);
        await endsWith(await process.launch(), "ADDRESS_IN_USE", new RegExp(address));
      } finally {
        other.close();
      }
      await stillServes();
    });
  }
});

suite("A node that is new", () => {
  test("does not touch the ledger of another service", async () => {
    const config = await readConfig(consortium.node.configFile);
    config.network.node_to_node_interface.bind_address = await freeAddress();
    config.network.rpc_interfaces["main"]!.bind_address = await freeAddress();
    const place = join(consortium.folder, "stranger");
    await using stranger = await prepareService("node", place, config, consortium.storeUrls.ledger);
    await endsWith(await stranger.launch(), "LEDGER_NOT_EMPTY");
    await stillServes();
  });
});

suite("A configuration", () => {
  const wrong = {
    node: [
      "[network]",
      'node_to_node_interface = { bind_address = "127.0.0.1" }',
      'rpc_interfaces.main = { bind_adress = "127.0.0.1:8100" }',
      "",
      "[store]",
      'lease = "soon"',
      "",
      "[command]",
      'type = "Start"',
      "[command.start]",
      "constitution_files = []",
      'members = [{ certificate = "member0_cert.pem" }]',
      "",
      "[logging]",
      'level = "loud"',
    ],
    governance: [
      "[network]",
      'node_to_node_interface = { bind_address = "127.0.0.1:99999" }',
      'rpc_interfaces.main = { bind_address = "127.0.0.1:8100" }',
      "[store]",
      'url = "postgres://localhost/ledger"',
      "[command]",
      'type = "Start"',
    ],
  };
  const places = {
    node: [
      [2, "network.node_to_node_interface.bind_address"],
      [3, "network.rpc_interfaces.main.bind_adress"],
      [5, "store.url_file"],
      [6, "store.lease"],
      [11, "command.start.constitution_files"],
      [12, "command.start.members"],
      [15, "logging.level"],
    ],
    governance: [
      [2, "network.node_to_node_interface.bind_address"],
      [5, "store.url"],
      [7, "command.type"],
    ],
  } as const;

  for (const service of ["node", "governance"] as const) {
    test(`of the ${service} service with many mistakes is refused with all of them, each with its line`, async () => {
      const file = folder.join(`${service}.toml`);
      await writeFile(file, wrong[service].join("\n"));
      const ccfctl = new Ccfctl({ cwd: folder.path });
      const { exitCode, stdout, stderr } = await ccfctl.run(service, "start", "--config", file);
      assert.notEqual(exitCode, 0);
      const printed = stdout + stderr;
      for (const [line, field] of places[service]) {
        assert.ok(namesPlace(printed, line, field), `line ${line}, ${field}, in:\n${printed}`);
      }
    });
  }

  test("that is no TOML is refused with the line", async () => {
    const file = folder.join("broken.toml");
    await writeFile(file, "[network]\nnode_to_node_interface = = 1\n");
    const { exitCode, stdout, stderr } = await new Ccfctl({ cwd: folder.path }).run(
      "node",
      "start",
      "--config",
      file,
    );
    assert.notEqual(exitCode, 0);
    assert.match(stdout + stderr, /line 2: this is not TOML/);
  });

  test("that is not there is refused", async () => {
    const ccfctl = new Ccfctl({ cwd: folder.path });
    const refusal = await ccfctl.failure("node", "start", "--config", "nowhere.toml");
    assert.equal(refusal.code, "FILE_NOT_READABLE");
  });

  for (const [name, change, words] of [
    ["a member certificate that is missing", "certificate_file", /nobody_cert\.pem/],
    ["a constitution that is missing", "constitution_files", /nowhere\.js/],
  ] as const) {
    test(`that names ${name} is refused with the file`, async () => {
      const config = await readConfig(consortium.node.configFile);
      config.network.node_to_node_interface.bind_address = await freeAddress();
      config.network.rpc_interfaces["main"]!.bind_address = await freeAddress();
      const { start } = config.command;
      if (change === "certificate_file") start.members[0]!.certificate_file = "nobody_cert.pem";
      else start.constitution_files = ["nowhere.js"];
      const place = join(consortium.folder, `missing-${change}`);
      const empty = await consortium.database.addStore(`missing_${change}`);
      await using service = await prepareService("node", place, config, empty.ledger);
      const program = await service.launch();
      const exit = await program.exited;
      assert.notEqual(exit.code, 0);
      assert.match(program.output, words);
    });
  }
});

async function stillServes(): Promise<void> {
  using client = consortium.nodeClient();
  await client.getNetwork({});
}

async function endsWith(program: Program, code: string, words = /./): Promise<void> {
  const exit = await program.exited;
  assert.equal(exit.signal, null, program.describe("was killed"));
  assert.equal(exit.code, 1, program.describe("ended"));
  assert.match(program.output, new RegExp(`\\b${code}\\b`), program.describe("printed"));
  assert.match(program.output, words, program.describe("printed"));
}

/** Whether a line of the output names the line of the file and the field. */
function namesPlace(printed: string, line: number, field: string): boolean {
  return printed
    .split("\n")
    .some((text) => new RegExp(`(:|line )${line}\\b`).test(text) && text.includes(field));
}

interface Config {
  network: {
    node_to_node_interface: { bind_address: string };
    rpc_interfaces: Record<string, { bind_address: string }>;
  };
  command: { start: { members: { certificate_file: string }[]; constitution_files: string[] } };
}

async function readConfig(file: string): Promise<Config> {
  return JSON.parse(await readFile(file, "utf8")) as Config;
}

function prepareService(
  service: ServiceName,
  place: string,
  config: object,
  storeUrl: string,
): Promise<ServiceProcess> {
  return ServiceProcess.prepare(service, place, { config, storeUrl });
}
