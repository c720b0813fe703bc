// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { keyFromText } from "@consortium/ledger";
import { createSelfSigned, generateEcKeyPem, generateRsaKeyPem } from "@consortium/kit";
import { createHash, X509Certificate } from "node:crypto";
import type { EvaluationContext } from "../sandbox/protocol.js";
import { Sandbox } from "../sandbox/sandbox.js";
import { evaluateExpression, evaluateModule } from "../testing/evaluate.js";

const GOV = "public:ccf.gov.t";
const INTERNAL = "public:ccf.internal.t";
const APP = "public:app";

describe("the host API", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.start();
  });
  after(() => sandbox.close());

  const run = (expression: string, context: EvaluationContext = "apply"): Promise<unknown> =>
    evaluateExpression(sandbox, expression, { context, state: stateWithRows() });

  function stateWithRows(): Map<string, Map<string, Uint8Array>> {
    const rowsOf = (): Map<string, Uint8Array> =>
      new Map([
        [keyFromText("a"), Buffer.from("1")],
        [keyFromText("b"), Buffer.from("2")],
      ]);
    return new Map([GOV, INTERNAL, APP, "private"].map((name) => [name, rowsOf()]));
  }

  const key = 'ccf.strToBuf("a")';
  const readers = [
    "has(KEY)",
    "get(KEY)",
    "getVersionOfPreviousWrite(KEY)",
    "size",
    "forEach(() => 0)",
  ];
  const writers = ["set(KEY, KEY)", "delete(KEY)", "clear()"];
  const access: readonly {
    table: string;
    context: EvaluationContext;
    read: string | true;
    write: string | true;
  }[] = [
    { table: GOV, context: "validate", read: true, write: "read-only" },
    { table: GOV, context: "vote", read: true, write: "read-only" },
    { table: GOV, context: "resolve", read: true, write: "read-only" },
    { table: GOV, context: "apply", read: true, write: true },
    { table: INTERNAL, context: "vote", read: true, write: "read-only" },
    { table: INTERNAL, context: "apply", read: true, write: "read-only" },
    { table: APP, context: "vote", read: "inaccessible", write: "inaccessible" },
    { table: APP, context: "apply", read: "write-only", write: true },
    { table: "private", context: "vote", read: "inaccessible", write: "inaccessible" },
    { table: "private", context: "apply", read: "inaccessible", write: "inaccessible" },
    { table: "ccf.gov.x", context: "apply", read: "inaccessible", write: "inaccessible" },
    { table: "public:ccf.x", context: "apply", read: "inaccessible", write: "inaccessible" },
    { table: "public:CCF.gov.x", context: "apply", read: "write-only", write: true },
  ];
  for (const { table, context, read, write } of access) {
    it(`lets ${context} do with ${table} what the table of CCF says`, async () => {
      const calls = [
        ...readers.map((call) => [call, read]),
        ...writers.map((call) => [call, write]),
      ];
      for (const [call, allowed] of calls as [string, string | true][]) {
        const expression = `(ccf.kv["${table}"].${call.replaceAll("KEY", key)}, 1)`;
        if (allowed === true) {
          assert.equal(await run(expression, context), 1, call);
          continue;
        }
        const method = call.split("(")[0];
        const kind = context === "apply" ? "read-write" : "read-only";
        await assert.rejects(
          run(expression, context),
          new RegExp(
            `TypeError: Cannot call ${method} on table named ${table}\\. This table is ${allowed} in current \\(${kind} governance\\) execution context\\. See `,
          ),
        );
      }
    });
  }

  it("does not let a module touch a table while it is loaded", async () => {
    const text = `ccf.kv["${GOV}"].size; export function f() {}`;
    const { outcome } = await evaluateModule(sandbox, text);
    assert.ok(!outcome.ok && outcome.stage === "execute" && /inaccessible/.test(outcome.reason));
  });

  it("reads its own writes, in the order of keys", async () => {
    const text = `export function f() {
      const t = ccf.kv["${GOV}"], s = ccf.strToBuf, seen = [];
      if (t.set(s("c"), s("3")) !== t) throw new Error("set must give the handle");
      t.set(s("0"), s("zero")).set(s("a"), s("one"));
      if (t.delete(s("b")) !== undefined) throw new Error("delete must give nothing");
      t.forEach((value, key, map) => seen.push(ccf.bufToStr(key) + ccf.bufToStr(value) + (map === t)));
      return [t.size, t.has(s("b")), t.get(s("b")) === undefined, t.getVersionOfPreviousWrite(s("b")), t.getVersionOfPreviousWrite(s("c")) === undefined, ...seen].join();
    }`;
    const { outcome, tx } = await evaluateModule(sandbox, text, { state: stateWithRows() });
    assert.deepEqual(outcome.ok && outcome.result, {
      type: "string",
      value: "3,false,true,1,true,0zerotrue,aonetrue,c3true",
    });
    assert.equal(tx.writes.get(GOV)?.get(keyFromText("b")), null);
    assert.deepEqual(tx.reads, [
      { map: GOV, wholeMap: true, version: 1 },
      { map: GOV, key: keyFromText("b"), version: 1 },
      { map: GOV, key: keyFromText("c"), version: 0 },
    ]);
  });

  it("survives keys and values of no and of all bytes", async () => {
    const expression = `(() => {
      const t = ccf.kv["${GOV}"], all = Uint8Array.from({ length: 256 }, (_, i) => i).buffer;
      t.set(all, new ArrayBuffer(0));
      t.set(new ArrayBuffer(0), all);
      return [t.get(all).byteLength, new Uint8Array(t.get(new ArrayBuffer(0)))[255], t.size];
    })()`;
    assert.deepEqual(await run(expression), [0, 255, 4]);
  });

  const badCalls: readonly { call: string; error: RegExp }[] = [
    { call: `ccf.kv["${GOV}"].get()`, error: /TypeError: Passed 0 arguments, but expected 1/ },
    { call: `ccf.kv["${GOV}"].get(${key}, 1)`, error: /Passed 2 arguments, but expected 1/ },
    { call: `ccf.kv["${GOV}"].set(${key})`, error: /Passed 1 arguments, but expected 2/ },
    { call: `ccf.kv["${GOV}"].clear(1)`, error: /Passed 1 arguments, but expected 0/ },
    { call: `ccf.kv["${GOV}"].get("a")`, error: /TypeError: Argument must be an ArrayBuffer/ },
    { call: `ccf.kv["${GOV}"].get(new Uint8Array(1))`, error: /Argument must be an ArrayBuffer/ },
    {
      call: `ccf.kv["${GOV}"].set(${key}, "x")`,
      error: /TypeError: Arguments must be ArrayBuffers/,
    },
    { call: `ccf.kv["${GOV}"].forEach(1)`, error: /TypeError: Argument must be a function/ },
    { call: "ccf.strToBuf()", error: /TypeError: Passed 0 arguments but expected 1/ },
    { call: "ccf.strToBuf(1)", error: /TypeError: Argument must be a string/ },
    { call: 'ccf.bufToStr("x")', error: /TypeError: Argument must be an ArrayBuffer/ },
    { call: "ccf.jsonCompatibleToBuf(() => 1)", error: /cannot be represented as JSON/ },
    { call: 'ccf.bufToJsonCompatible(ccf.strToBuf("{"))', error: /SyntaxError/ },
    { call: 'ccf.pemToId("x")', error: /TypeError: Argument is not a certificate/ },
    { call: 'ccf.tcbHexToPolicy("00", "00")', error: /CPUID must be 8 hex digits/ },
    { call: 'ccf.crypto.digest("MD5", new ArrayBuffer(1))', error: /Unsupported digest algorithm/ },
    { call: 'ccf.crypto.digest("SHA-256")', error: /Passed 1 arguments but expected 2/ },
    { call: 'ccf.crypto.generateEcdsaKeyPair("x")', error: /RangeError: Unsupported curve/ },
    { call: "ccf.crypto.generateAesKey(7)", error: /RangeError: AES key size/ },
    { call: "ccf.crypto.generateRsaKeyPair(512)", error: /RangeError: RSA key size/ },
    { call: 'ccf.crypto.pubPemToJwk("x")', error: /Failed to parse the public key/ },
    { call: 'ccf.crypto.jwkToPem({ kty: "EC" })', error: /Failed to parse the JWK/ },
    {
      call: 'ccf.gov.validateConstitution("")',
      error: /TypeError: proposed constitution is empty/,
    },
    { call: "ccf.gov.validateConstitution(1)", error: /TypeError: Argument must be a string/ },
    { call: "ccf.node.triggerSnapshot(1)", error: /Passed 1 arguments but expected none/ },
    { call: 'ccf.network.generateNetworkCertificate("x", 1)', error: /Invalid valid_from/ },
    { call: 'ccf.network.generateEndorsedCertificate("x", "y", 1)', error: /Failed to generate/ },
    { call: 'ccf.network.generateNetworkCertificate("x", 1.5)', error: /must be an integer/ },
    { call: "snp_attestation.verifySnpAttestation()", error: /expected between 2 and 4/ },
  ];
  for (const { call, error } of badCalls) {
    it(`refuses ${call}`, async () => {
      await assert.rejects(run(call), error);
    });
  }

  it("offers effects to apply alone", async () => {
    for (const context of ["validate", "vote", "resolve"] as const) {
      assert.deepEqual(
        await run(
          "[typeof ccf.node, typeof ccf.network, typeof ccf.refreshAppBytecodeCache]",
          context,
        ),
        ["undefined", "undefined", "undefined"],
      );
    }
    assert.deepEqual(await run("[typeof ccf.node, typeof ccf.network]"), ["object", "object"]);
  });

  it("keeps what cannot come out the same again from what decides", async () => {
    for (const call of [
      "ccf.crypto.generateRsaKeyPair(2048)",
      `ccf.crypto.sign({ name: "ECDSA", hash: "SHA-256" }, ${JSON.stringify(generateEcKeyPem())}, new ArrayBuffer(1))`,
    ]) {
      await assert.rejects(run(call, "vote"), /a decision must be reproducible/);
      assert.notEqual(await run(call), undefined);
    }
  });

  it("draws keys from the request, the same each time", async () => {
    for (const call of [
      'ccf.crypto.generateEcdsaKeyPair("secp384r1")',
      'ccf.crypto.generateEcdsaKeyPair("secp256r1")',
      'ccf.crypto.generateEddsaKeyPair("curve25519")',
      'ccf.crypto.generateEddsaKeyPair("x25519")',
      "[...new Uint8Array(ccf.crypto.generateAesKey(256))]",
    ]) {
      const first = await run(call, "vote");
      assert.deepEqual(await run(call, "vote"), first);
      if (!call.includes("Aes"))
        assert.match(JSON.stringify(first), /BEGIN PRIVATE KEY.*BEGIN PUBLIC/);
    }
  });

  it("signs and verifies with every algorithm", async () => {
    const expression = `(() => {
      const data = ccf.strToBuf("data"), other = ccf.strToBuf("date"), results = [];
      const pairs = [
        [{ name: "ECDSA", hash: "SHA-256" }, ccf.crypto.generateEcdsaKeyPair("secp256r1")],
        [{ name: "ECDSA", hash: "SHA-384" }, ccf.crypto.generateEcdsaKeyPair("secp384r1")],
        [{ name: "EdDSA" }, ccf.crypto.generateEddsaKeyPair("curve25519")],
        [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, ccf.crypto.generateRsaKeyPair(2048)],
        [{ name: "RSA-PSS", hash: "SHA-512" }, ccf.crypto.generateRsaKeyPair(2048, 65537)],
      ];
      for (const [algorithm, { privateKey, publicKey }] of pairs) {
        const signature = ccf.crypto.sign(algorithm, privateKey, data);
        results.push(ccf.crypto.verifySignature(algorithm, publicKey, signature, data));
        results.push(ccf.crypto.verifySignature(algorithm, publicKey, signature, other));
      }
      return results;
    })()`;
    assert.deepEqual(await run(expression), Array.from({ length: 5 }, () => [true, false]).flat());
  });

  it("wraps and unwraps keys with every algorithm", async () => {
    const expression = `(() => {
      const key = ccf.crypto.generateAesKey(256), kek = ccf.crypto.generateAesKey(128);
      const rsa = ccf.crypto.generateRsaKeyPair(2048), label = ccf.strToBuf("label");
      const same = (a, b) => new Uint8Array(a).join() === new Uint8Array(b).join();
      const [open, secret] = [ccf.strToBuf(rsa.publicKey), ccf.strToBuf(rsa.privateKey)];
      return [
        [{ name: "AES-KWP" }, kek, kek],
        [{ name: "RSA-OAEP" }, open, secret],
        [{ name: "RSA-OAEP", label }, open, secret],
        [{ name: "RSA-OAEP-AES-KWP", aesKeySize: 256, label }, open, secret],
      ].map(([algorithm, by, back]) =>
        same(ccf.crypto.unwrapKey(ccf.crypto.wrapKey(key, by, algorithm), back, algorithm), key));
    })()`;
    assert.deepEqual(await run(expression), [true, true, true, true]);
  });

  it("converts keys between PEM and JWK and back", async () => {
    const rsa = generateRsaKeyPem();
    const expression = `(() => {
      const ec = ccf.crypto.generateEcdsaKeyPair("secp256r1"), ed = ccf.crypto.generateEddsaKeyPair("curve25519");
      const rsa = ${JSON.stringify({ privateKey: rsa.privateKeyPem, publicKey: rsa.publicKeyPem })}, c = ccf.crypto;
      return [
        c.pubJwkToPem(c.pubPemToJwk(ec.publicKey)) === ec.publicKey,
        c.jwkToPem(c.pemToJwk(ec.privateKey)) === ec.privateKey,
        c.pubRsaJwkToPem(c.pubRsaPemToJwk(rsa.publicKey)) === rsa.publicKey,
        c.rsaJwkToPem(c.rsaPemToJwk(rsa.privateKey)) === rsa.privateKey,
        c.pubEddsaJwkToPem(c.pubEddsaPemToJwk(ed.publicKey)) === ed.publicKey,
        c.eddsaJwkToPem(c.eddsaPemToJwk(ed.privateKey)) === ed.privateKey,
        Object.keys(c.pubPemToJwk(ec.publicKey, "kid")).join(), c.pubPemToJwk(ec.publicKey, "k").kid,
      ];
    })()`;
    assert.deepEqual(await run(expression), [
      true,
      true,
      true,
      true,
      true,
      true,
      "kty,kid,crv,x,y",
      "k",
    ]);
  });

  it("knows certificates, bundles and chains", async () => {
    const [rootKey, leafKey] = [generateEcKeyPem(), generateEcKeyPem()];
    const root = createSelfSigned({ keyPem: rootKey, subject: "CN=root", days: 1 });
    const other = createSelfSigned({ keyPem: leafKey, subject: "CN=other", days: 1 });
    const [r, o] = [JSON.stringify(root), JSON.stringify(other)];
    const id = createHash("sha256").update(new X509Certificate(root).raw).digest("hex");
    assert.deepEqual(
      await run(`[ccf.pemToId(${r}), ccf.crypto.isValidX509CertBundle(${r} + ${o}),
        ccf.crypto.isValidX509CertBundle(${r} + "x"), ccf.crypto.isValidX509CertBundle(""),
        ccf.crypto.isValidX509CertChain(${r}, ${r}), ccf.crypto.isValidX509CertChain(${o}, ${r})]`),
      [id, true, false, false, true, false],
    );
  });

  it("reads TCB versions of both generations of processors", async () => {
    assert.deepEqual(await run('ccf.tcbHexToPolicy("00a00f11", "d315000000000004")'), {
      hexstring: "d315000000000004",
      boot_loader: 4,
      tee: 0,
      snp: 0x15,
      microcode: 0xd3,
    });
    assert.deepEqual(await run('ccf.tcbHexToPolicy("00b00f21", "4100000003010201")'), {
      hexstring: "4100000003010201",
      fmc: 1,
      boot_loader: 2,
      tee: 1,
      snp: 3,
      microcode: 0x41,
    });
  });

  it("answers the remaining small functions as CCF does", async () => {
    assert.deepEqual(
      await run(`[ccf.enableUntrustedDateTime(true), ccf.enableUntrustedDateTime(false),
        ccf.enableMetricsLogging(true), ccf.bufToJsonCompatible(ccf.jsonCompatibleToBuf({ a: [1] })),
        [...new Uint8Array(ccf.crypto.digest("SHA-256", ccf.strToBuf("abc")))].slice(0, 4)]`),
      [false, true, false, { a: [1] }, [0xba, 0x78, 0x16, 0xbf]],
    );
  });
});
