// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, suite, test } from "node:test";
import { Ccfctl } from "../harness/ccfctl.js";
import { SoftHsm } from "../harness/softhsm.js";
import { temporaryFolder, type TemporaryFolder } from "../harness/temporary-folder.js";

/* Members whose keys never leave a token: they become active, propose, vote and withdraw. */

interface Proposal {
  readonly proposalId: string;
  readonly proposalState: string;
}

const PIN = "1234";

let folder: TemporaryFolder;
let hsm: SoftHsm;
let ccfctl: Ccfctl;
let pinFile = "";

before(async () => {
  folder = await temporaryFolder("softhsm");
  hsm = await SoftHsm.require(folder.path);
  pinFile = await hsm.createToken("members", PIN);
  await hsm.createToken("others", PIN);
  ccfctl = new Ccfctl({ cwd: folder.path, env: hsm.env });
  await ccfctl.text("sandbox", "up");
  for (const [index, curve] of ["secp384r1", "secp256r1"].entries()) {
    const name = `hsm${index}`;
    await ccfctl.text("keygen", "--name", name, "--curve", curve, "--out", folder.join("keys"));
    const pkcs8 = folder.join(`${name}.pk8`);
    await writeFile(pkcs8, await toPkcs8(folder.join("keys", `${name}_privk.pem`)));
    await hsm.importKey("members", { file: pkcs8, label: name, id: `0${index}`, pin: PIN });
  }
});
after(async () => {
  await ccfctl.run("sandbox", "down");
  await folder[Symbol.asyncDispose]();
});

/** SoftHSM's own tool takes nothing else. */
async function toPkcs8(file: string): Promise<string> {
  const key = createPrivateKey(await readFile(file));
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

const certificateOf = (name: string): string => folder.join("keys", `${name}_cert.pem`);

/** The identity of a member, by how its key is named on the token. */
function identity(name: string, path = `token=members;object=${name}`): string[] {
  return ["--key", hsm.uri(path, pinFile), "--cert", certificateOf(name)];
}

async function pass(...propose: string[]): Promise<void> {
  const { proposalId } = await ccfctl.json<Proposal>("propose", ...propose, "--yes");
  for (const member of ["member0", "member1", "member2", "hsm0"]) {
    const who = member.startsWith("hsm") ? identity(member) : ["--as", member];
    const vote = ["proposal", "vote", proposalId, "--yes", ...who];
    if ((await ccfctl.json<Proposal>(...vote)).proposalState === "Accepted") return;
  }
  throw new Error("the proposal was not accepted");
}

suite("A member with a key on a token", () => {
  for (const [name, path] of [
    ["hsm0", "token=members;object=hsm0"],
    ["hsm1", "token=members;id=%01;type=private"],
  ] as const) {
    test(`becomes active, with a key that is found by ${path}`, async () => {
      await pass("member", "add", "--member-cert", certificateOf(name));
      await ccfctl.json("ack", ...identity(name, path));
      const { members } = await ccfctl.json<{ members: { status: string }[] }>("member", "list");
      assert.equal(
        members.filter(({ status }) => status === "Active").length,
        Number(name.at(-1)) + 4,
      );
    });
  }

  test("proposes, votes and withdraws", async () => {
    const proposed = ["propose", "ledger", "chunk", "--yes", ...identity("hsm0")];
    const { proposalId } = await ccfctl.json<Proposal>(...proposed);
    const vote = ["proposal", "vote", proposalId, "--no", ...identity("hsm1")];
    assert.equal((await ccfctl.json<Proposal>(...vote)).proposalState, "Open");
    const withdraw = ["proposal", "withdraw", proposalId, "--yes", ...identity("hsm0")];
    assert.equal((await ccfctl.json<Proposal>(...withdraw)).proposalState, "Withdrawn");
  });

  test("leaves requests on the ledger that verify like all others", async () => {
    const { verified, requestCount } = await ccfctl.json<{
      verified: boolean;
      requestCount: number;
    }>("gov", "verify");
    assert.equal(verified, true);
    assert.ok(requestCount > 15);
  });
});

suite("A key on a token is refused", () => {
  const ack = (...who: string[]) => ccfctl.failure("ack", ...who);

  test("when the token does not accept the PIN", async () => {
    const wrong = folder.join("wrong.pin");
    await writeFile(wrong, "0000");
    const key = hsm.uri("token=members;object=hsm0", wrong);
    const { code, message } = await ack("--key", key, "--cert", certificateOf("hsm0"));
    assert.equal(code, "TOKEN_FAILED");
    assert.match(message, /PIN/);
  });

  for (const [problem, path] of [
    ["there is no such token", "token=none;object=hsm0"],
    ["there is no such key", "token=members;object=none"],
    ["the key is on another token", "token=others;object=hsm0"],
  ] as const) {
    test(`when ${problem}`, async () => {
      const { code, exitCode } = await ack(...identity("hsm0", path));
      assert.equal(code, "KEY_NOT_FOUND_ON_TOKEN");
      assert.equal(exitCode, 3);
    });
  }

  test("when it is not the key of the certificate", async () => {
    const key = hsm.uri("token=members;object=hsm1", pinFile);
    const { code } = await ack("--key", key, "--cert", certificateOf("hsm0"));
    assert.ok(["VERIFICATION_FAILED", "TOKEN_FAILED"].includes(code), code);
  });

  test("when the module is something else", async () => {
    const key = `pkcs11:object=hsm0?module-path=${certificateOf("hsm0")}&pin-source=${pinFile}`;
    const { code } = await ack("--key", key, "--cert", certificateOf("hsm0"));
    assert.equal(code, "TOKEN_FAILED");
  });

  test("when nobody can be asked for the PIN", async () => {
    const key = hsm.uri("token=members;object=hsm0");
    const { code, hint } = await ack("--key", key, "--cert", certificateOf("hsm0"));
    assert.equal(code, "INVALID_INPUT");
    assert.match(hint ?? "", /pin-source/);
  });
});
