// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keyFromText } from "../kv/index.js";
import { LedgerBuilder, writeText } from "../verify/testing/ledger-builder.js";
import { Replica } from "./replica.js";
import { SecretRing } from "./secret-ring.js";

describe("a replica", () => {
  it("leaves out what no secret of its own has encrypted", () => {
    using ledger = openLedger();
    using secrets = new SecretRing();
    secrets.add(ledger.lastSeqno - 1, ledger.rawSecret);
    const replica = new Replica({ secrets });
    for (const chunk of ledger.chunks()) replica.feed(chunk);
    // Both in one chunk, the first before the secret is valid.
    assert.equal(replica.kv.committed.get("records", keyFromText("a")), undefined);
    assert.equal(text(replica, "records", "b"), "2");
    assert.equal(text(replica, "public:records", "c"), "3");
  });

  it("applies nothing of a chunk that it cannot decrypt", () => {
    using ledger = openLedger();
    using secrets = new SecretRing();
    secrets.add(1, ledger.rawSecret);
    secrets.add(ledger.lastSeqno - 1, Buffer.alloc(32, 9));
    const replica = new Replica({ secrets });
    const chunks = ledger.chunks();
    for (const chunk of chunks.slice(0, -1)) replica.feed(chunk);
    const { seqno } = replica;
    assert.throws(() => replica.feed(chunks.at(-1) ?? Buffer.alloc(0)), {
      code: "ENTRY_NOT_AUTHENTIC",
    });
    assert.equal(replica.seqno, seqno);
    assert.equal(replica.kv.committed.get("records", keyFromText("a")), undefined);
  });
});

/** Its last chunk holds a private write, one that is also public, and the signature. */
function openLedger(): LedgerBuilder {
  const ledger = LedgerBuilder.create();
  ledger.sign();
  ledger.open();
  ledger.sign();
  ledger.append(writeText("records", "a", "1"));
  const both = new Map([
    ...writeText("records", "b", "2"),
    ...writeText("public:records", "c", "3"),
  ]);
  ledger.append(both);
  ledger.sign();
  return ledger;
}

function text(replica: Replica, map: string, key: string): string {
  return Buffer.from(replica.kv.committed.get(map, keyFromText(key))?.value ?? []).toString();
}
