// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fixtureEntries } from "../verify/testing/fixtures.js";
import * as internal from "./internal-rows.js";
import * as rows from "./rows.js";

interface AnyCodec {
  readonly table: string;
  encode(row: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

function isCodec(value: unknown): value is AnyCodec {
  return typeof value === "object" && value !== null && "table" in value;
}

const exported: unknown[] = [...Object.values(rows), ...Object.values(internal)];
const codecs = new Map(exported.filter(isCodec).map((one) => [one.table, one]));

describe("row codecs", () => {
  it("read every row of CCF's own ledgers and write it to the same bytes", () => {
    const seen = new Map<string, number>();
    for (const name of ["cose_flipflop_service", "expired_service"] as const) {
      for (const { decoded } of fixtureEntries(name)) {
        for (const [table, keys] of decoded.publicWrites) {
          const codec = codecs.get(table);
          if (codec === undefined) continue;
          for (const value of keys.values()) {
            if (value === null) continue;
            const again = codec.encode(codec.decode(value));
            assert.equal(Buffer.from(again).toString(), Buffer.from(value).toString());
            seen.set(table, (seen.get(table) ?? 0) + 1);
          }
        }
      }
    }
    assert.ok(seen.size >= 20, `only ${seen.size} tables were seen`);
  });

  it("read JSON of any layout", () => {
    const row = rows.serviceConfig.decode(Buffer.from('{ "recovery_threshold" : 2, "x": [1] }\n'));
    assert.equal(row.recovery_threshold, 2);
  });

  it("keep members that they do not know", () => {
    const text = '{"public_key":"P","role":"governance","rpchost":"127.0.0.1","status":"Trusted"}';
    assert.equal(
      Buffer.from(rows.nodesInfo.encode(rows.nodesInfo.decode(Buffer.from(text)))).toString(),
      text,
    );
  });

  const root = "ab".repeat(32);
  const bad: [what: string, codec: Pick<AnyCodec, "table" | "decode">, bytes: string][] = [
    ["no JSON", rows.serviceInfo, "{"],
    ["nothing", rows.serviceInfo, ""],
    ["JSON of another type", rows.serviceInfo, '"Open"'],
    ["a status that there is not", rows.serviceInfo, '{"cert":"C","status":"Closed"}'],
    ["no certificate", rows.serviceInfo, '{"status":"Open"}'],
    [
      "a create transaction that is none",
      rows.serviceInfo,
      '{"cert":"C","status":"Open","current_service_create_txid":"2"}',
    ],
    ["a threshold that is text", rows.serviceConfig, '{"recovery_threshold":"1"}'],
    ["a negative threshold", rows.serviceConfig, '{"recovery_threshold":-1}'],
    ["a fraction", rows.serviceConfig, '{"recovery_threshold":1.5}'],
    ["a node role that there is not", rows.nodesInfo, '{"status":"Trusted","role":"primary"}'],
    ["a member status that there is not", rows.membersInfo, '{"status":"active"}'],
    ["an ack without a digest", rows.membersAcks, "{}"],
    [
      "a root in upper case",
      internal.signatures,
      JSON.stringify({ node: root, root: root.toUpperCase(), seqno: 2, sig: "", view: 2 }),
    ],
    [
      "a signature that is not base64",
      internal.signatures,
      JSON.stringify({ node: root, root, seqno: 2, sig: "*", view: 2 }),
    ],
    ["a COSE signature that is not text", internal.coseSignatures, "[]"],
    [
      "shares that are not a map",
      internal.recoveryShares,
      '{"wrapped_latest_ledger_secret":"","encrypted_shares":[]}',
    ],
    ["secrets that are not lists", internal.encryptedLedgerSecrets, '{"n":{}}'],
    [
      "a version that is not a number",
      internal.historicalEncryptedLedgerSecret,
      '{"next_version":"1"}',
    ],
    [
      "an endorsement without a key",
      internal.previousServiceIdentityEndorsement,
      '{"endorsement":"","endorsement_epoch_begin":"2.1"}',
    ],
    ["evidence of another size", internal.snapshotEvidence, '{"hash":"00","version":1}'],
  ];
  for (const [what, codec, text] of bad) {
    it(`refuse ${what} in ${codec.table}`, () => {
      assert.throws(() => codec.decode(Buffer.from(text)), {
        code: "ROW_MALFORMED",
        details: { table: codec.table },
      });
    });
  }

  it("refuse bytes that are not UTF-8", () => {
    const bytes = Uint8Array.of(0x22, 0xc3, 0x28, 0x22);
    assert.throws(() => rows.constitution.decode(bytes), { code: "ROW_MALFORMED" });
    assert.throws(() => rows.memberCertificate.decode(bytes), { code: "ROW_MALFORMED" });
  });
});
