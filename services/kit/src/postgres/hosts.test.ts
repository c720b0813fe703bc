// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeHosts, splitHosts, withLogin } from "./hosts.js";

describe("connection strings", () => {
  const good: Record<string, string[]> = {
    "postgres://a:5432/ledger": ["postgres://a:5432/ledger"],
    "postgresql://u:p@a,b:5433,c/ledger?sslmode=verify-full": [
      "postgresql://u:p@a/ledger?sslmode=verify-full",
      "postgresql://u:p@b:5433/ledger?sslmode=verify-full",
      "postgresql://u:p@c/ledger?sslmode=verify-full",
    ],
    "postgres://u:a%2Cb@[::1]:5432,10.0.0.1/x": [
      "postgres://u:a%2Cb@[::1]:5432/x",
      "postgres://u:a%2Cb@10.0.0.1/x",
    ],
    " postgres://u@a \n": ["postgres://u@a"],
  };
  for (const [url, hosts] of Object.entries(good)) {
    it(`split ${JSON.stringify(url)} by host`, () => assert.deepEqual(splitHosts(url), hosts));
  }

  const bad = [
    "",
    "ledger",
    "mysql://a/b",
    "postgres:",
    "postgres://",
    "postgres://u:p@",
    "postgres://u:p@/ledger",
    "postgres:///ledger",
    "postgres://a,/ledger",
    "postgres://,a/ledger",
    "postgres://a,,b/ledger",
    "postgres://a:port/ledger",
    "postgres://a:99999/ledger",
    "postgres://a b/ledger",
    "host=a dbname=ledger",
  ];
  for (const url of bad) {
    it(`refuse ${JSON.stringify(url)}`, () => {
      assert.throws(() => splitHosts(url), { code: "DATABASE_URL_INVALID" });
    });
  }

  it("never show a password in a message", () => {
    assert.equal(describeHosts(splitHosts("postgres://u:secret@a:5432,b/x")), "a:5432, b");
    assert.throws(
      () => splitHosts("postgres://u:secret@a:port/x"),
      (error: Error) => !error.message.includes("secret"),
    );
  });

  it("take another login and another database", () => {
    const url = "postgres://u:p@a:1,b:2/x?sslmode=disable";
    assert.equal(
      withLogin(url, { user: "v w", password: "/@?" }),
      "postgres://v%20w:%2F%40%3F@a:1,b:2/x?sslmode=disable",
    );
    assert.equal(withLogin(url, { database: "y" }), "postgres://u:p@a:1,b:2/y?sslmode=disable");
    assert.equal(withLogin("postgres://a", { user: "u", database: "y" }), "postgres://u@a/y");
    assert.throws(() => withLogin("nothing", {}), { code: "DATABASE_URL_INVALID" });
  });
});
