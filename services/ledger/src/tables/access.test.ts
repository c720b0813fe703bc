// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mapAccess, mapCategory, requireApplicationMap, type AccessContext } from "./access.js";

describe("mapCategory", () => {
  const cases: [name: string, category: string][] = [
    ["public:ccf.gov.members.info", "governance"],
    ["ccf.gov.x", "governance"],
    ["public:ccf.internal.tree", "internal"],
    ["public:ccf.other", "forbidden"],
    ["ccf.other", "forbidden"],
    ["public:records", "application"],
    ["records", "application"],
    ["public:CCF.gov.x", "application"],
    ["PUBLIC:ccf.gov.x", "application"],
    ["public:ccfish", "application"],
  ];
  for (const [name, category] of cases) {
    it(`of ${name} is ${category}`, () => assert.equal(mapCategory(name), category));
  }
});

describe("mapAccess", () => {
  const maps = {
    internalPublic: "public:ccf.internal.x",
    internalPrivate: "ccf.internal.x",
    governancePublic: "public:ccf.gov.x",
    governancePrivate: "ccf.gov.x",
    applicationPublic: "public:x",
    applicationPrivate: "x",
  };
  const expected: Record<AccessContext, string> = {
    governanceReadOnly: "R - R - - -",
    governanceReadWrite: "R - RW - W -",
    application: "R - R - RW RW",
    applicationReadOnly: "R - R - R R",
  };
  for (const [context, row] of Object.entries(expected)) {
    it(`in ${context} is as CCF's table says`, () => {
      const found = Object.values(maps).map((name) => {
        const { read, write } = mapAccess(context as AccessContext, name);
        return `${read ? "R" : ""}${write ? "W" : ""}` || "-";
      });
      assert.equal(found.join(" "), row);
    });
  }
});

describe("requireApplicationMap", () => {
  it("lets an application have its own maps", () => {
    requireApplicationMap("records", "write");
    requireApplicationMap("public:records", "write");
    requireApplicationMap("public:ccf.gov.service.info", "read");
  });

  const refused: [name: string, operation: "read" | "write", code: string][] = [
    ["public:ccf.gov.users.certs", "write", "MAP_RESERVED"],
    ["public:ccf.internal.tree", "write", "MAP_RESERVED"],
    ["ccf.gov.x", "read", "MAP_RESERVED"],
    ["public:ccf.x", "read", "MAP_RESERVED"],
    ["", "read", "MAP_NAME_INVALID"],
    ["public:", "write", "MAP_NAME_INVALID"],
    ["x".repeat(1025), "write", "MAP_NAME_INVALID"],
  ];
  for (const [name, operation, code] of refused) {
    it(`refuses to ${operation} ${JSON.stringify(name.slice(0, 30))}`, () => {
      assert.throws(() => requireApplicationMap(name, operation), { code });
    });
  }
});
