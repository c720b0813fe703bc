// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { temporaryFolder } from "../testing/participant.js";
import type { Context } from "./context.js";
import { writeContextFile } from "./context-files.js";
import { parseContextFile } from "./parse-context-file.js";
import { listContexts, resolveContext, resolveIdentity } from "./resolve-context.js";
import { selectContext } from "./use-context.js";

async function placesWith(files: { user?: object; local?: object }) {
  const folder = await temporaryFolder();
  const config = join(folder.path, "config");
  const project = join(folder.path, "project");
  const below = join(project, "a", "b");
  await mkdir(join(config, "ccfctl"), { recursive: true });
  await mkdir(join(project, ".sandbox"), { recursive: true });
  await mkdir(below, { recursive: true });
  if (files.user)
    await writeFile(join(config, "ccfctl", "contexts.json"), JSON.stringify(files.user));
  if (files.local)
    await writeFile(join(project, ".sandbox", "contexts.json"), JSON.stringify(files.local));
  return {
    places: { directory: below, environment: { XDG_CONFIG_HOME: config } },
    project,
    config,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const user = {
  current: "production",
  contexts: { production: { nodeAddress: "node.example:8000" }, test: {} },
};
const local = {
  current: "sandbox",
  contexts: { sandbox: { nodeAddress: "127.0.0.1:8000", serviceCertificate: "service_cert.pem" } },
};

test("Without any file there is no context, which is no error", async () => {
  await using setup = await placesWith({});
  assert.equal((await resolveContext(undefined, setup.places)).name, undefined);
});

test("The sandbox of this folder or one above wins over the user's choice", async () => {
  await using setup = await placesWith({ user, local });
  const context = await resolveContext(undefined, setup.places);
  assert.equal(context.name, "sandbox");
  assert.equal(context.nodeAddress, "127.0.0.1:8000");
});

test("File names are relative to the file that has them", async () => {
  await using setup = await placesWith({ local });
  const context = await resolveContext(undefined, setup.places);
  assert.equal(context.serviceCertificate, join(setup.project, ".sandbox", "service_cert.pem"));
});

test("A named context is found in either file", async () => {
  await using setup = await placesWith({ user, local });
  assert.equal((await resolveContext("production", setup.places)).nodeAddress, "node.example:8000");
});

test("A context can be named by its file", async () => {
  await using setup = await placesWith({ local });
  const file = join(setup.project, ".sandbox", "contexts.json");
  const context = await resolveContext(file, { directory: "/", environment: {} });
  assert.equal(context.name, "sandbox");
});

test("An unknown name is refused with the known ones", async () => {
  await using setup = await placesWith({ user, local });
  await assert.rejects(resolveContext("prod", setup.places), (error) => {
    assert.ok(isAppError(error, "CONTEXT_NOT_FOUND"));
    assert.match(error.message, /sandbox, production, test/);
    return true;
  });
});

test("A choice is written where the next look-up looks first, and lasts", async () => {
  await using setup = await placesWith({ user, local });
  await selectContext("test", setup.places);
  assert.equal((await resolveContext(undefined, setup.places)).name, "test");
  const raw = JSON.parse(
    await readFile(join(setup.project, ".sandbox", "contexts.json"), "utf8"),
  ) as typeof local;
  assert.equal(raw.contexts.sandbox.serviceCertificate, "service_cert.pem");
  const listed = await listContexts(setup.places);
  assert.deepEqual(
    listed.map(({ name, current }) => [name, current]),
    [
      ["sandbox", false],
      ["production", false],
      ["test", true],
    ],
  );
});

test("A context file is readable by its owner only", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "new", "contexts.json");
  await writeContextFile(file, { contexts: {} });
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

for (const [name, text, words] of [
  ["not JSON", "{", /is not JSON/],
  ["no object", "[]", /the file must be an object/],
  [
    "an unknown field",
    '{"contexts":{"a":{"nodeAdress":"x:1"}}}',
    /contexts\.a\.nodeAdress is not a known field/,
  ],
  ["an unknown field at the top", '{"context":{}}', /context is not a known field/],
  ["a bad name", '{"contexts":{"a b":{}}}', /is not a name/],
  [
    "a bad address",
    '{"contexts":{"a":{"nodeAddress":"localhost"}}}',
    /contexts\.a\.nodeAddress must be host:port/,
  ],
  ["a port that is too high", '{"contexts":{"a":{"nodeAddress":"x:65536"}}}', /must be host:port/],
  ["an empty text", '{"contexts":{"a":{"member":""}}}', /contexts\.a\.member must be a text/],
  [
    "a member without key",
    '{"contexts":{"a":{"members":{"m":{"certificate":"c"}}}}}',
    /contexts\.a\.members\.m\.key must be a text/,
  ],
  [
    "a list of members",
    '{"contexts":{"a":{"members":[]}}}',
    /contexts\.a\.members must be an object/,
  ],
] as const) {
  test(`A context file with ${name} is refused, naming the place`, () => {
    assert.throws(
      () => parseContextFile(text, "/x/contexts.json"),
      (error) => {
        assert.ok(isAppError(error, "CONTEXT_FILE_INVALID"));
        assert.match(error.message, words);
        return true;
      },
    );
  });
}

const context: Context = {
  name: "c",
  file: "f",
  members: { member0: { key: "k0", certificate: "c0" }, member1: { key: "k1", certificate: "c1" } },
  member: "member0",
};

test("Key and certificate on the command line win over the context", () => {
  assert.deepEqual(resolveIdentity("member", context, { key: "k", cert: "c" }), {
    key: "k",
    certificate: "c",
  });
});

test("A named identity wins over the usual one", () => {
  assert.equal(resolveIdentity("member", context, { as: "member1" }).key, "k1");
  assert.equal(resolveIdentity("member", context, {}).key, "k0");
});

test("Who is not there cannot act", () => {
  assert.throws(
    () => resolveIdentity("member", context, { as: "__proto__" }),
    (error) => isAppError(error, "IDENTITY_NOT_FOUND"),
  );
  assert.throws(
    () => resolveIdentity("user", context, {}),
    (error) => isAppError(error, "CONTEXT_INCOMPLETE"),
  );
});
