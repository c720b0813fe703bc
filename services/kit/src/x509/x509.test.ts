// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import { isAppError } from "../errors/app-error.js";
import { certificateFacts, isExpired, isIssuedBy } from "./certificate-facts.js";
import { createSelfSigned, createServiceCertificate, endorse } from "./issue.js";
import {
  type EcCurve,
  generateEcKeyPem,
  generateEcKeySec1Pem,
  generateRsaKeyPem,
  publicKeySpki,
  readEcPrivateKey,
} from "./keys.js";
import { fromPem, toPem } from "./pem.js";
import { createCsr, parseCsr } from "./signing-request.js";
import { parseValidFrom } from "./valid-from.js";

const validFrom = new Date("2026-01-31T12:00:00.789Z");
const serviceKey = generateEcKeyPem();
const service = createServiceCertificate({
  keyPem: serviceKey,
  subject: "CN=CCF Service",
  days: 90,
  validFrom,
});

function textOf(pem: string): string {
  return execFileSync("openssl", ["x509", "-noout", "-text"], { input: pem, encoding: "utf8" });
}

const openssl = ((): boolean => {
  try {
    execFileSync("openssl", ["version"]);
    return true;
  } catch {
    return false;
  }
})();

describe("certificates", () => {
  it("end one second before the whole days are over, and drop fractions of a second", () => {
    const facts = certificateFacts(service);
    assert.equal(facts.validFrom.toISOString(), "2026-01-31T12:00:00.000Z");
    assert.equal(facts.validTo.toISOString(), "2026-05-01T11:59:59.000Z");
  });

  it("can end after 2049, where X.509 writes times in another form", () => {
    const cert = createSelfSigned({
      keyPem: serviceKey,
      subject: "CN=x",
      days: 365,
      validFrom: new Date("2049-07-01T00:00:00Z"),
    });
    assert.equal(certificateFacts(cert).validTo.toISOString(), "2050-06-30T23:59:59.000Z");
  });

  it("have 16 random serial bytes", () => {
    const serials = Array.from({ length: 50 }, () => {
      const cert = createSelfSigned({ keyPem: serviceKey, subject: "CN=x", days: 1 });
      return certificateFacts(cert).serialNumber;
    });
    assert.ok(serials.every((serial) => /^[4-7][0-9A-F]{31}$/.test(serial)));
    assert.equal(new Set(serials).size, 50);
  });

  const hashes: [EcCurve, string][] = [
    ["Secp256R1", "1.2.840.10045.4.3.2"],
    ["Secp384R1", "1.2.840.10045.4.3.3"],
  ];
  for (const [curve, oid] of hashes) {
    it(`are signed with the hash of ${curve}, whatever the key they certify`, () => {
      const key = generateEcKeyPem(curve);
      const issuerCert = createServiceCertificate({ keyPem: key, subject: "CN=S", days: 1 });
      for (const other of ["Secp256R1", "Secp384R1"] as const) {
        const csr = createCsr({ keyPem: generateEcKeyPem(other), subject: "CN=N" });
        const cert = endorse({ csr, issuerKeyPem: key, issuerCert, days: 1 });
        const parsed = AsnConvert.parse(
          fromPem("CERTIFICATE", cert) ?? Buffer.alloc(0),
          Certificate,
        );
        assert.equal(parsed.signatureAlgorithm.algorithm, oid);
        assert.ok(isIssuedBy(cert, issuerCert));
      }
    });
  }

  it(
    "of a service say CA:TRUE, pathlen:1, certificate sign and digital signature",
    { skip: !openssl },
    () => {
      const text = textOf(service);
      assert.match(text, /Version: 3/);
      assert.match(text, /Basic Constraints: critical\s+CA:TRUE, pathlen:1\n/);
      assert.match(text, /Key Usage: critical\s+Digital Signature, Certificate Sign\n/);
      const keyId = /Subject Key Identifier:\s+([0-9A-F:]+)/.exec(text)?.[1];
      assert.ok(
        keyId !== undefined &&
          text.includes(`Authority Key Identifier: \n                ${keyId}`),
      );
    },
  );

  it(
    "of an endorsed node say CA:FALSE and copy subject, key and names of the request",
    { skip: !openssl },
    () => {
      const keyPem = generateEcKeyPem();
      const sans = ["iPAddress:10.1.2.3", "iPAddress:fd00::1", "dNSName:node.example"];
      const csr = createCsr({ keyPem, subject: "CN=CCF Node,O=Bank\\, Ltd", sans });
      const cert = endorse({
        csr,
        issuerKeyPem: serviceKey,
        issuerCert: service,
        days: 1,
        validFrom,
      });
      const text = textOf(cert);
      assert.match(text, /Basic Constraints: critical\s+CA:FALSE\n/);
      assert.match(text, /Issuer: CN ?= ?CCF Service\n/);
      const facts = certificateFacts(cert);
      assert.equal(facts.subject, "CN=CCF Node\nO=Bank\\, Ltd");
      assert.deepEqual(facts.publicKeySpki, publicKeySpki(keyPem));
      assert.deepEqual(facts.subjectAltNames, [
        "iPAddress:10.1.2.3",
        "iPAddress:FD00:0:0:0:0:0:0:1",
        "dNSName:node.example",
      ]);
    },
  );

  it(
    "verify with OpenSSL from the service down to the node, and not from another service",
    { skip: !openssl },
    () => {
      const folder = mkdtempSync(join(tmpdir(), "kit-x509-"));
      after(() => rmSync(folder, { recursive: true }));
      const csr = createCsr({ keyPem: generateEcKeyPem(), subject: "CN=CCF Node" });
      const issued = endorse({
        csr,
        issuerKeyPem: serviceKey,
        issuerCert: service,
        days: 1,
        validFrom,
      });
      const other = createServiceCertificate({
        keyPem: generateEcKeyPem(),
        subject: "CN=CCF Service",
        days: 90,
      });
      const file = (name: string, text: string): string => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
      };
      const node = file("node.pem", issued);
      const at = String(validFrom.getTime() / 1000 + 60).split(".")[0] ?? "";
      const verify = (root: string): string =>
        execFileSync("openssl", ["verify", "-x509_strict", "-attime", at, "-CAfile", root, node], {
          encoding: "utf8",
          stdio: "pipe",
        });
      assert.match(verify(file("service.pem", service)), /: OK/);
      assert.throws(() => verify(file("other.pem", other)));
      execFileSync("openssl", ["req", "-verify", "-noout"], { input: csr, stdio: "pipe" });
    },
  );

  it("give their ids: of the certificate for members and users, of the key for nodes", () => {
    const facts = certificateFacts(service);
    const { raw, publicKey } = new X509Certificate(service);
    const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
    assert.equal(facts.id, sha256(raw));
    assert.equal(facts.nodeId, sha256(publicKey.export({ type: "spki", format: "der" })));
    assert.deepEqual([facts.isCa, facts.keyType, facts.namedCurve], [true, "ec", "secp384r1"]);
  });

  it("are expired before their start and after their last second", () => {
    const facts = certificateFacts(service);
    assert.equal(isExpired(facts, new Date("2026-01-31T11:59:59Z")), true);
    assert.equal(isExpired(facts, new Date("2026-01-31T12:00:00Z")), false);
    assert.equal(isExpired(facts, new Date("2026-05-01T11:59:59Z")), false);
    assert.equal(isExpired(facts, new Date("2026-05-01T12:00:00Z")), true);
  });

  it("are not issued by a service of the same name with another key", () => {
    const other = createServiceCertificate({
      keyPem: generateEcKeyPem(),
      subject: "CN=CCF Service",
      days: 1,
    });
    assert.equal(isIssuedBy(service, other), false);
    assert.equal(isIssuedBy("garbage", other), false);
  });

  it("cannot be issued with a key that is not the issuer's", () => {
    const csr = createCsr({ keyPem: serviceKey, subject: "CN=x" });
    assert.throws(
      () => endorse({ csr, issuerKeyPem: generateEcKeyPem(), issuerCert: service, days: 1 }),
      (error) => isAppError(error, "KEY_INVALID"),
    );
  });

  for (const [name, text] of unreadable("CERTIFICATE")) {
    it(`that are ${name} are refused`, () => {
      assert.throws(
        () => certificateFacts(text),
        (error) => isAppError(error, "CERTIFICATE_INVALID"),
      );
    });
  }
});

/** The same bad inputs for every kind of PEM. */
function unreadable(label: string): [string, string][] {
  return [
    ["empty", ""],
    ["no PEM", "hello"],
    ["another kind of PEM", toPem("PUBLIC KEY", publicKeySpki(serviceKey))],
    ["PEM around nothing", toPem(label, Buffer.alloc(0))],
    ["PEM around garbage", toPem(label, Buffer.alloc(64, 0xff))],
    [
      "cut short",
      toPem(label, (fromPem("CERTIFICATE", service) ?? Buffer.alloc(0)).subarray(0, 100)),
    ],
  ];
}

describe("signing requests", () => {
  const keyPem = generateEcKeyPem("Secp256R1");
  const csr = createCsr({ keyPem, subject: "CN=CCF Node", sans: ["dNSName:a.example"] });

  it("give the key they are for", () => {
    const request = parseCsr(csr);
    assert.deepEqual(request.publicKeySpki, publicKeySpki(keyPem));
    assert.equal(request.curve, "Secp256R1");
    assert.equal(
      request.nodeId,
      certificateFacts(createSelfSigned({ keyPem, subject: "CN=x", days: 1 })).nodeId,
    );
    assert.equal(createPublicKey(request.publicKeyPem).asymmetricKeyType, "ec");
  });

  it("of OpenSSL are read, with and without names", { skip: !openssl }, () => {
    const args = [
      "req",
      "-new",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:secp384r1",
      "-nodes",
    ];
    const plain = [...args, "-keyout", "/dev/null", "-subj", "/CN=x"];
    const run = (more: string[]): string =>
      execFileSync("openssl", [...plain, ...more], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    assert.equal(parseCsr(run([])).subjectAltName, undefined);
    const named = run(["-addext", "subjectAltName=IP:10.0.0.1"]);
    const cert = endorse({ csr: named, issuerKeyPem: serviceKey, issuerCert: service, days: 1 });
    assert.deepEqual(certificateFacts(cert).subjectAltNames, ["iPAddress:10.0.0.1"]);
  });

  it("with any bit changed are refused", () => {
    const der = fromPem("CERTIFICATE REQUEST", csr) ?? Buffer.alloc(0);
    for (let bit = 0; bit < der.length * 8; bit += 1) {
      const at = bit >> 3;
      const changed = Buffer.from(der);
      changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
      assert.throws(
        () => parseCsr(toPem("CERTIFICATE REQUEST", changed)),
        (error) => isAppError(error, "SIGNING_REQUEST_INVALID"),
        `byte ${at}`,
      );
    }
  });

  for (const [name, text] of unreadable("CERTIFICATE REQUEST")) {
    it(`that are ${name} are refused`, () => {
      assert.throws(
        () => parseCsr(text),
        (error) => isAppError(error, "SIGNING_REQUEST_INVALID"),
      );
    });
  }

  const badNames: [string, string[]][] = [
    ["", []],
    ["CCF Node", []],
    ["CN=", []],
    ["XX=a", []],
    ["CN=a", ["10.0.0.1"]],
    ["CN=a", ["iPAddress:node.example"]],
    ["CN=a", ["dNSName:a b"]],
    ["CN=a", ["dNSName:"]],
  ];
  for (const [subject, sans] of badNames) {
    it(`cannot be made for ${JSON.stringify([subject, ...sans])}`, () => {
      assert.throws(
        () => createCsr({ keyPem, subject, sans }),
        (error) => isAppError(error, "SUBJECT_NAME_INVALID"),
      );
    });
  }
});

describe("keys", () => {
  for (const curve of ["Secp256R1", "Secp384R1"] as const) {
    it(`on ${curve} for services are PKCS#8, and for members what keygenerator.sh writes`, () => {
      assert.match(
        generateEcKeyPem(curve),
        /^-----BEGIN PRIVATE KEY-----\n[^-]+-----END PRIVATE KEY-----\n$/,
      );
      const member = generateEcKeySec1Pem(curve);
      const blocks = [...member.matchAll(/-----BEGIN ([A-Z ]+)-----/g)].map(([, label]) => label);
      assert.deepEqual(blocks, ["EC PARAMETERS", "EC PRIVATE KEY"]);
      assert.equal(readEcPrivateKey(member).curve, curve);
      const cert = createSelfSigned({ keyPem: member, subject: "CN=member0", days: 365 });
      assert.deepEqual(certificateFacts(cert).publicKeySpki, publicKeySpki(member));
    });
  }

  it("have the parameters block that OpenSSL writes", { skip: !openssl }, () => {
    for (const [curve, name] of [
      ["Secp256R1", "prime256v1"],
      ["Secp384R1", "secp384r1"],
    ] as const) {
      const theirs = execFileSync("openssl", ["ecparam", "-genkey", "-name", name], {
        encoding: "utf8",
      });
      const block = (pem: string): string => pem.slice(0, pem.indexOf("-----BEGIN EC PRIVATE"));
      assert.equal(block(generateEcKeySec1Pem(curve)), block(theirs));
    }
  });

  it("for encryption are RSA 2048 as PKCS#8 and SPKI", () => {
    const { privateKeyPem, publicKeyPem } = generateRsaKeyPem();
    assert.match(privateKeyPem, /^-----BEGIN PRIVATE KEY-----/);
    assert.match(publicKeyPem, /^-----BEGIN PUBLIC KEY-----/);
    assert.equal(createPrivateKey(privateKeyPem).asymmetricKeyDetails?.modulusLength, 2048);
    assert.deepEqual(publicKeySpki(privateKeyPem), publicKeySpki(publicKeyPem));
  });

  it("that are none of ours are refused", () => {
    const refused = [
      "",
      "hello",
      generateRsaKeyPem().privateKeyPem,
      toPem("PRIVATE KEY", Buffer.alloc(40, 1)),
    ];
    for (const pem of refused) {
      assert.throws(
        () => readEcPrivateKey(pem),
        (error) => isAppError(error, "KEY_INVALID"),
      );
    }
    assert.throws(
      () => publicKeySpki("hello"),
      (error) => isAppError(error, "KEY_INVALID"),
    );
  });
});

describe("valid_from", () => {
  const times: [string, string | undefined][] = [
    ["260131120000Z", "2026-01-31T12:00:00.000Z"],
    ["991231235959Z", "1999-12-31T23:59:59.000Z"],
    ["20260131120000Z", "2026-01-31T12:00:00.000Z"],
    ["2026-01-31 12:00:00", "2026-01-31T12:00:00.000Z"],
    ["2026-01-31T12:00:00", "2026-01-31T12:00:00.000Z"],
    ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"],
    ["2026-01-31 12:00:00.123456+02:00", "2026-01-31T10:00:00.000Z"],
    ["2026-01-31T12:00:00-0330", "2026-01-31T15:30:00.000Z"],
    ["2024-02-29 00:00:00", "2024-02-29T00:00:00.000Z"],
    ["2026-02-29 00:00:00", undefined],
    ["2026-13-01 00:00:00", undefined],
    ["2026-01-31 24:00:00", undefined],
    ["2026-01-31 12:60:00", undefined],
    ["2026-01-31", undefined],
    ["20260131120000", undefined],
    ["260131120000", undefined],
    ["2026-01-31 12:00:00 ", undefined],
    ["yesterday", undefined],
    ["", undefined],
  ];
  for (const [text, expected] of times) {
    it(`${expected === undefined ? "refuses" : "reads"} ${JSON.stringify(text)}`, () => {
      if (expected === undefined) {
        assert.throws(
          () => parseValidFrom(text),
          (error) => isAppError(error, "TIME_INVALID"),
        );
      } else {
        assert.equal(parseValidFrom(text).toISOString(), expected);
      }
    });
  }
});

describe("PEM", () => {
  it("is read back, whatever the line ends are", () => {
    const der = Buffer.from([1, 2, 3, 4]);
    const text = toPem("X", der);
    assert.deepEqual(fromPem("X", text), der);
    assert.deepEqual(fromPem("X", text.replaceAll("\n", "\r\n")), der);
  });

  for (const body of ["AQIDBB==", "AQIDBA=", "AQIDBA", "AQ=IDBA=", "A"]) {
    it(`is refused as ${body}, which is not the text of its bytes`, () => {
      assert.equal(fromPem("X", `-----BEGIN X-----\n${body}\n-----END X-----\n`), undefined);
    });
  }
});
