// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import { canReach, parsePasswd } from "./account.js";
import { parseOwner } from "./owner.js";

describe("accounts of the system", () => {
  it("are read from the passwd file, with negative ids as macOS writes them", () => {
    const text =
      "root:x:0:0::/root:/bin/sh\n# comment\npostgres:x:101:104::/:/bin/sh\nnobody:*:-2:-2::/:/x\n";
    assert.deepEqual(
      [...parsePasswd(text)],
      [
        ["root", { uid: 0, gid: 0 }],
        ["postgres", { uid: 101, gid: 104 }],
        ["nobody", { uid: 4294967294, gid: 4294967294 }],
      ],
    );
  });

  it("are not made of lines that are none", () => {
    for (const text of [
      "",
      "\n\n",
      "a",
      "a:x",
      "a:x:1",
      ":x:1:2",
      "a:x:b:2",
      "a:x:1:",
      "a:x:1.5:2",
      "+::::::",
    ]) {
      assert.equal(parsePasswd(text).size, 0, text);
    }
  });

  it("reach a file only through folders that they may enter", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "reach-"));
    const stranger = { uid: 64_999, gid: 64_999 };
    const inner = path.join(folder, "inner");
    const file = path.join(inner, "file");
    await mkdir(inner, { mode: 0o755 });
    await writeFile(file, "", { mode: 0o755 });
    assert.equal(await canReach(stranger, file), false, "the outer folder is closed");
    await chmod(folder, 0o711);
    assert.equal(await canReach(stranger, file), true);
    await chmod(file, 0o750);
    assert.equal(await canReach(stranger, file), false);
    assert.equal(await canReach(undefined, file), true);
    assert.equal(await canReach(stranger, path.join(inner, "missing")), false);
    await rm(folder, { recursive: true });
  });
});

describe("the note of a server's owner", () => {
  it("is read", () => {
    assert.deepEqual(parseOwner('{"pid":7,"startedAt":"9"}'), { pid: 7, startedAt: "9" });
  });

  it("is nobody's when it cannot be read", () => {
    for (const text of [
      "",
      "{",
      "null",
      "7",
      "[]",
      "{}",
      '{"pid":7}',
      '{"pid":0,"startedAt":""}',
    ]) {
      assert.equal(parseOwner(text), undefined, text);
    }
    for (const pid of ["-1", "1.5", "1e99", '"7"', "null"]) {
      assert.equal(parseOwner(`{"pid":${pid},"startedAt":""}`), undefined, pid);
    }
  });
});
