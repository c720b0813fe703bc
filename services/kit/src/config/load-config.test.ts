// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { isAppError } from "../errors/app-error.js";
import { loadConfig, parseConfig } from "./load-config.js";
import { parseDuration, parseSize, zAddress, zDuration, zSize } from "./units.js";

const schema = z.strictObject({
  network: z.strictObject({
    node_to_node_interface: z.strictObject({ bind_address: zAddress() }),
    rpc_interfaces: z
      .record(
        z.string(),
        z.strictObject({
          bind_address: zAddress(),
          max_open_sessions_soft: z.int().min(1).default(1000),
          max_body_size: zSize().prefault("1MB"),
        }),
      )
      .default({}),
  }),
  consensus: z.strictObject({ message_timeout: zDuration().prefault("100ms") }).prefault({}),
  logging: z.strictObject({ format: z.enum(["Text", "Json"]) }).optional(),
  members: z.array(z.strictObject({ certificate_file: z.string() })).default([]),
  command: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("Start"), constitution_files: z.array(z.string()).min(1) }),
      z.strictObject({ type: z.literal("Join"), target_rpc_address: zAddress() }),
    ])
    .optional(),
});

const goodJson = `{
  "network": {
    "node_to_node_interface": { "bind_address": "127.0.0.1:8081" },
    "rpc_interfaces": { "main": { "bind_address": "[::1]:0", "max_body_size": "16KB" } }
  },
  "consensus": { "message_timeout": "10000us" },
  "members": [{ "certificate_file": "a.pem" }]
}`;

const goodToml = `
[network.node_to_node_interface]
bind_address = "127.0.0.1:8081"

[network.rpc_interfaces.main]
bind_address = "[::1]:0"
max_body_size = "16KB"

[consensus]
message_timeout = "10000us"

[[members]]
certificate_file = "a.pem"
`;

describe("reading a configuration", () => {
  for (const [format, text] of [
    ["json", goodJson],
    ["toml", goodToml],
  ] as const) {
    it(`gives the same values and defaults from ${format}`, () => {
      const config = parseConfig(text, schema, { format, path: `node.${format}` });
      assert.deepEqual(config, {
        network: {
          node_to_node_interface: { bind_address: "127.0.0.1:8081" },
          rpc_interfaces: {
            main: { bind_address: "[::1]:0", max_open_sessions_soft: 1000, max_body_size: 16_384 },
          },
        },
        consensus: { message_timeout: 10 },
        members: [{ certificate_file: "a.pem" }],
      });
    });
  }

  it("does not mind a byte order mark and Windows line ends", () => {
    const text = `\uFEFF${goodToml.replaceAll("\n", "\r\n")}`;
    parseConfig(text, schema, { format: "toml", path: "node.toml" });
  });
});

interface BadConfig {
  name: string;
  format: "json" | "toml";
  text: string;
  problems: string[];
}

const badConfigs: BadConfig[] = [
  {
    name: "everything that is wrong in JSON, in the order of the file",
    format: "json",
    text: `{
  "network": {
    "node_to_node_interface": { "bind_adress": "127.0.0.1:8081" },
    "rpc_interfaces": {
      "main": {
        "bind_address": 8080,
        "max_open_sessions_soft": 0,
        "max_body_size": "1 MB"
      }
    }
  },
  "logging": { "format": "text" },
  "consensus": {
    "message_timeout": 100
  },
  "surprise": true
}`,
    problems: [
      "line 3: network.node_to_node_interface.bind_address is missing: expected a string",
      "line 3: network.node_to_node_interface.bind_adress is not a known field, did you mean bind_address?",
      "line 6: network.rpc_interfaces.main.bind_address expected a string",
      "line 7: network.rpc_interfaces.main.max_open_sessions_soft expected at least 1",
      "line 8: network.rpc_interfaces.main.max_body_size expected a size such as 16KB or 1MB (units B, KB, MB, GB, TB)",
      'line 12: logging.format expected "Text" or "Json"',
      "line 14: consensus.message_timeout expected a string",
      "line 16: surprise is not a known field",
    ],
  },
  {
    name: "everything that is wrong in TOML, in the order of the file",
    format: "toml",
    text: `surprise = 1

[network]
rpc_interfaces.main = { bind_address = "nowhere" }

[[members]]
certificate_file = "a.pem"

[[members]]
certificate = "b.pem"

[consensus]
message_timeout = "soon"
`,
    problems: [
      "line 1: surprise is not a known field",
      "line 3: network.node_to_node_interface is missing: expected a table",
      "line 4: network.rpc_interfaces.main.bind_address expected host:port, for example 127.0.0.1:8080",
      "line 9: members[1].certificate_file is missing: expected a string",
      "line 10: members[1].certificate is not a known field",
      "line 13: consensus.message_timeout expected a duration such as 100ms or 30s (units us, ms, s, min, h)",
    ],
  },
  {
    name: "a missing section at the top",
    format: "toml",
    text: "",
    problems: ["line 1: network is missing: expected a table"],
  },
  {
    name: "a file that is not a table",
    format: "json",
    text: "[1]",
    problems: ["line 1: expected a table"],
  },
  {
    name: "an unknown form of a union",
    format: "json",
    text: goodJson.replace('"members"', '"command": { "type": "Stop" },\n "members"'),
    problems: ['line 7: command.type expected "Start" or "Join"'],
  },
  {
    name: "a wrong field in one form of a union",
    format: "json",
    text: goodJson.replace(
      '"members"',
      '"command": { "type": "Start", "constitution_files": [] },\n "members"',
    ),
    problems: ["line 7: command.constitution_files expected at least 1 elements"],
  },
  {
    name: "broken JSON, more than once",
    format: "json",
    text: '{\n  "a": ,\n  "b": tru\n}',
    problems: [
      "line 2: this is not JSON: value expected",
      "line 3: this is not JSON: invalid symbol",
      "line 4: this is not JSON: value expected",
    ],
  },
  {
    name: "JSON with a comment",
    format: "json",
    text: "{\n// why\n}",
    problems: ["line 2: this is not JSON: invalid comment token"],
  },
  {
    name: "an empty JSON file",
    format: "json",
    text: "",
    problems: ["line 1: this is not JSON: value expected"],
  },
  {
    name: "a JSON field that is written twice",
    format: "json",
    text: '{\n  "network": {},\n  "network": {}\n}',
    problems: ["line 3: network is written twice"],
  },
  {
    name: "broken TOML",
    format: "toml",
    text: 'a = 1\nb = "open\n',
    problems: ["line 2: this is not TOML: "],
  },
  {
    name: "a TOML field that is written twice",
    format: "toml",
    text: "a = 1\na = 2\n",
    problems: ["line 2: this is not TOML: "],
  },
];

describe("a configuration with problems", () => {
  for (const { name, format, text, problems } of badConfigs) {
    it(`reports ${name}`, () => {
      const source = { format, path: `node.${format}` };
      assert.throws(
        () => parseConfig(text, schema, source),
        (error) => {
          assert.ok(isAppError(error, "CONFIG_INVALID"));
          const [head, ...lines] = error.message.split("\n");
          assert.match(head ?? "", new RegExp(`^node.${format} has \\d+ problems?:$`));
          const shown = lines.map((line) => line.trim());
          const cut = shown.map((line, at) =>
            problems[at]?.endsWith(": ") ? line.slice(0, problems[at].length) : line,
          );
          assert.deepEqual(cut, problems);
          assert.equal(error.fieldViolations.length, problems.length);
          return true;
        },
      );
    });
  }
});

describe("finding the file", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "kit-config-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("tells the format by the extension", async () => {
    for (const [name, text] of [
      ["a.toml", goodToml],
      ["b.JSON", goodJson],
    ] as const) {
      await writeFile(join(folder, name), text);
      const config = await loadConfig(join(folder, name), schema);
      assert.equal(config.consensus.message_timeout, 10);
    }
  });

  it("refuses a file that is not there, a folder and another extension", async () => {
    for (const name of ["none.toml", ".", "node.yaml"]) {
      await assert.rejects(loadConfig(join(folder, name), schema), (error) =>
        isAppError(error, "CONFIG_NOT_READABLE"),
      );
    }
  });
});

describe("sizes and durations", () => {
  const sizes: [string, number | undefined][] = [
    ["0B", 0],
    ["1B", 1],
    ["16KB", 16_384],
    ["1MB", 1_048_576],
    ["10GB", 10 * 1024 ** 3],
    ["2TB", 2 * 1024 ** 4],
    ["1", undefined],
    ["1kb", undefined],
    ["1 MB", undefined],
    ["1.5MB", undefined],
    ["-1MB", undefined],
    ["MB", undefined],
    ["1MiB", undefined],
    ["99999999TB", undefined],
    ["", undefined],
  ];
  for (const [text, bytes] of sizes) {
    it(`reads ${JSON.stringify(text)} as ${bytes} bytes`, () =>
      assert.equal(parseSize(text), bytes));
  }
  const durations: [string, number | undefined][] = [
    ["10000us", 10],
    ["100ms", 100],
    ["0s", 0],
    ["30s", 30_000],
    ["30min", 1_800_000],
    ["2h", 7_200_000],
    ["1m", undefined],
    ["1 s", undefined],
    ["1.5s", undefined],
    ["1d", undefined],
    ["", undefined],
  ];
  for (const [text, ms] of durations) {
    it(`reads ${JSON.stringify(text)} as ${ms} ms`, () => assert.equal(parseDuration(text), ms));
  }
});
