// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EcdhKeyPair } from "@consortium/crypto-wasm";
import { createSelfSigned } from "@consortium/kit";
import {
  decodeKeyExchange,
  encodeKeyExchange,
  type InitMessage,
  type ResponseMessage,
} from "./key-exchange-messages.js";
import type { Party } from "./key-exchange.js";
import type { SecureSession } from "./session.js";
import { signedBytes } from "./transcript.js";
import { TestService } from "./testing/service.js";
import { assertRefused, handshake, newHistory, TestEnd, twoEnds } from "./testing/sessions.js";
import { concat, u64, utf8, writeU64 } from "./wire.js";

const { service, lower, higher } = twoEnds();
const NOTHING = new Uint8Array();
const aad = utf8("additional data");

function ends(): { initiator: SecureSession; responder: SecureSession } {
  return { initiator: lower.session(higher), responder: higher.session(lower) };
}

/** A key exchange up to the response, which is handed to the test. */
function answered(): { initiator: SecureSession; responder: SecureSession; response: Uint8Array } {
  const both = ends();
  const reply = both.responder.receiveKeyExchange(both.initiator.initiate());
  return { ...both, response: reply?.message ?? assert.fail("no response") };
}

/** Up to the final. */
function completed(): { initiator: SecureSession; responder: SecureSession; final: Uint8Array } {
  const { initiator, responder, response } = answered();
  const final = initiator.receiveKeyExchange(response)?.message ?? assert.fail("no final");
  return { initiator, responder, final };
}

function changedInit(change: (init: InitMessage) => Partial<InitMessage>): Uint8Array {
  const init = decodeKeyExchange(lower.session(higher).initiate());
  assert.ok(init.type === "init");
  return encodeKeyExchange({ ...init, ...change(init) });
}

function changedResponse(
  response: Uint8Array,
  change: (message: ResponseMessage) => Partial<ResponseMessage>,
): Uint8Array {
  const message = decodeKeyExchange(response);
  assert.ok(message.type === "response");
  return encodeKeyExchange({ ...message, ...change(message) });
}

function flipped(bytes: Uint8Array, at = 0): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** A key share that somebody else made. */
function freshPoint(): Uint8Array {
  using pair = EcdhKeyPair.generate();
  return pair.publicPoint();
}

describe("a key exchange", () => {
  it("gives both nodes one key for each direction", () => {
    const { initiator, responder } = ends();
    handshake(initiator, responder);
    assert.deepEqual([initiator.state, responder.state], ["ESTABLISHED", "ESTABLISHED"]);
    const there = initiator.seal(aad, utf8("there"));
    const back = responder.seal(aad, utf8("back"));
    assert.deepEqual(responder.open(there, aad.length, 1), utf8("there"));
    assert.deepEqual(initiator.open(back, aad.length, 1), utf8("back"));
  });

  it("passes through its states", () => {
    const { initiator, responder } = ends();
    assert.deepEqual([initiator.state, responder.state], ["INACTIVE", "INACTIVE"]);
    const init = initiator.initiate();
    assert.equal(initiator.state, "INITIATED");
    const response = responder.receiveKeyExchange(init);
    assert.equal(responder.state, "WAITING_FOR_FINAL");
    const final = initiator.receiveKeyExchange(response?.message ?? NOTHING);
    assert.equal(initiator.state, "ESTABLISHED");
    assert.equal(responder.receiveKeyExchange(final?.message ?? NOTHING), undefined);
    assert.equal(responder.state, "ESTABLISHED");
    initiator.dispose();
    assert.equal(initiator.state, "INACTIVE");
  });

  it("works with nodes whose keys are on P-256", () => {
    const small = new TestEnd(service, service.node({ curve: "Secp256R1" }));
    const [initiator, responder] = [small.session(higher), higher.session(small)];
    handshake(initiator, responder);
    assert.equal(responder.state, "ESTABLISHED");
  });

  it("accepts certificates that have expired, or are not valid yet", () => {
    for (const days of [-400, 400]) {
      const validFrom = new Date(Date.now() + days * 86_400_000);
      const end = new TestEnd(service, service.node({ validFrom }));
      const [initiator, responder] = [end.session(higher), higher.session(end)];
      handshake(initiator, responder);
      assert.equal(responder.state, "ESTABLISHED");
    }
  });

  it("shows the renewed certificate from the next exchange on", () => {
    const node = service.node();
    const end = new TestEnd(service, node);
    const renewed = service.node({ privateKeyPem: node.privateKeyPem }).certificate;
    end.party.updateCertificate(renewed);
    const init = decodeKeyExchange(end.session(higher).initiate());
    assert.ok(init.type === "init");
    assert.equal(Buffer.from(init.certificate).toString(), renewed);
  });

  it("takes no certificate of another node for its own", () => {
    assertRefused("CHANNEL_CERTIFICATE_REFUSED", () =>
      lower.party.updateCertificate(higher.node.certificate),
    );
  });
});

describe("an init is refused", () => {
  const refusals: [string, () => Uint8Array, Parameters<typeof assertRefused>[0]][] = [
    [
      "with a forged key share",
      () => changedInit(() => ({ share: freshPoint() })),
      "CHANNEL_AUTHENTICATION_FAILED",
    ],
    [
      "with a changed salt",
      () => changedInit(({ salt }) => ({ salt: flipped(salt) })),
      "CHANNEL_AUTHENTICATION_FAILED",
    ],
    [
      "with a changed signature",
      () => changedInit(({ signature }) => ({ signature: flipped(signature, 50) })),
      "CHANNEL_AUTHENTICATION_FAILED",
    ],
    [
      "without a signature",
      () => changedInit(() => ({ signature: NOTHING })),
      "CHANNEL_AUTHENTICATION_FAILED",
    ],
    [
      "with a signature in DER",
      () => changedInit(() => ({ signature: new Uint8Array(104).fill(0x30) })),
      "CHANNEL_AUTHENTICATION_FAILED",
    ],
    [
      "with another certificate of the same node, which is not the signed one",
      () => {
        const { privateKeyPem } = lower.node;
        return changedInit(() => ({
          certificate: utf8(service.node({ privateKeyPem }).certificate),
        }));
      },
      "CHANNEL_AUTHENTICATION_FAILED",
    ],
    [
      "with the certificate of another node",
      () => changedInit(() => ({ certificate: utf8(higher.node.certificate) })),
      "CHANNEL_CERTIFICATE_REFUSED",
    ],
    [
      "with a self-signed certificate of the right key",
      () => {
        const keyPem = lower.node.privateKeyPem;
        const own = createSelfSigned({ keyPem, subject: "CN=CCF Node", days: 1 });
        return changedInit(() => ({ certificate: utf8(own) }));
      },
      "CHANNEL_CERTIFICATE_REFUSED",
    ],
    [
      "with a certificate of another service that has the same name",
      () => {
        const { privateKeyPem } = lower.node;
        const foreign = new TestService().node({ privateKeyPem });
        return changedInit(() => ({ certificate: utf8(foreign.certificate) }));
      },
      "CHANNEL_CERTIFICATE_REFUSED",
    ],
    [
      "with two certificates",
      () => {
        const twice = lower.node.certificate + lower.node.certificate;
        return changedInit(() => ({ certificate: utf8(twice) }));
      },
      "CHANNEL_CERTIFICATE_REFUSED",
    ],
    [
      "with text around its certificate",
      () => changedInit(() => ({ certificate: utf8(`hello\n${lower.node.certificate}`) })),
      "CHANNEL_CERTIFICATE_REFUSED",
    ],
    [
      "with a certificate that is none",
      () => changedInit(() => ({ certificate: utf8("certificate") })),
      "CHANNEL_CERTIFICATE_REFUSED",
    ],
  ];
  for (const [name, make, code] of refusals) {
    it(name, () => {
      const responder = higher.session(lower);
      assertRefused(code, () => responder.receiveKeyExchange(make()));
      assert.equal(responder.state, "INACTIVE");
    });
  }

  it("with a key share that is not on the curve, though it is signed", () => {
    const offCurve = flipped(freshPoint(), 96);
    const party: Party = {
      nodeId: lower.node.nodeId,
      certificate: lower.party.certificate,
      sign: (message) => lower.party.sign(message),
      verifyCertificate: (certificate, peerId) =>
        lower.party.verifyCertificate(certificate, peerId),
      randomBytes: (length) => new Uint8Array(length),
      newShare: () =>
        ({ publicPoint: () => offCurve, dispose: () => undefined }) as unknown as EcdhKeyPair,
    };
    const init = lower.session(higher, { party }).initiate();
    assertRefused(
      "CHANNEL_AUTHENTICATION_FAILED",
      () => higher.session(lower).receiveKeyExchange(init),
      /not on the curve/,
    );
  });

  it("that was made for another node", () => {
    const third = new TestEnd(service, service.node());
    const init = lower.session(third).initiate();
    assertRefused("CHANNEL_AUTHENTICATION_FAILED", () =>
      higher.session(lower).receiveKeyExchange(init),
    );
  });

  it("that this node has just sent, and that comes back", () => {
    for (const [own, peer] of [
      [lower, higher],
      [higher, lower],
    ] as const) {
      const session = own.session(peer);
      const init = session.initiate();
      assertRefused("CHANNEL_AUTHENTICATION_FAILED", () => session.receiveKeyExchange(init));
    }
  });

  it("that this node sent earlier", () => {
    const own = higher.session(lower).initiate();
    assertRefused("CHANNEL_CERTIFICATE_REFUSED", () =>
      higher.session(lower).receiveKeyExchange(own),
    );
  });

  it("that was answered before, over whichever stream", () => {
    const history = newHistory();
    const init = lower.session(higher).initiate();
    assert.ok(higher.session(lower, { history }).receiveKeyExchange(init));
    assertRefused(
      "CHANNEL_AUTHENTICATION_FAILED",
      () => higher.session(lower, { history }).receiveKeyExchange(init),
      /answered before/,
    );
  });

  it("while another one waits for its final", () => {
    const responder = higher.session(lower);
    responder.receiveKeyExchange(lower.session(higher).initiate());
    assertRefused("CHANNEL_UNEXPECTED_FRAME", () =>
      responder.receiveKeyExchange(lower.session(higher).initiate()),
    );
  });

  for (const version of [0, 1, 3, 2 ** 32]) {
    it(`of protocol version ${version}: there is nothing to fall back to`, () => {
      const init = lower.session(higher).initiate();
      writeU64(init, 8, version);
      assertRefused("CHANNEL_VERSION_UNSUPPORTED", () =>
        higher.session(lower).receiveKeyExchange(init),
      );
    });
  }

  it("as CCF signs it, over the share alone", () => {
    const downgraded = changedInit(({ share }) => ({ signature: lower.party.sign(share) }));
    assertRefused("CHANNEL_AUTHENTICATION_FAILED", () =>
      higher.session(lower).receiveKeyExchange(downgraded),
    );
  });

  it("signed for another protocol version", () => {
    const downgraded = changedInit((init) => {
      const signed = signedBytes("init", {
        initiatorId: lower.node.nodeId,
        responderId: higher.node.nodeId,
        salt: init.salt,
        initiatorShare: init.share,
        initiatorCertificate: init.certificate,
      });
      const domainBytes = 8 + new DataView(signed.buffer).getUint32(0, true);
      writeU64(signed, domainBytes, 1);
      return { signature: lower.party.sign(signed) };
    });
    assertRefused("CHANNEL_AUTHENTICATION_FAILED", () =>
      higher.session(lower).receiveKeyExchange(downgraded),
    );
  });
});

describe("a response is refused", () => {
  const third = new TestEnd(service, service.node());
  const changes: [
    string,
    (message: ResponseMessage) => Partial<ResponseMessage>,
    Parameters<typeof assertRefused>[0],
  ][] = [
    ["with a forged key share", () => ({ share: freshPoint() }), "CHANNEL_AUTHENTICATION_FAILED"],
    [
      "with a changed signature",
      ({ signature }) => ({ signature: flipped(signature) }),
      "CHANNEL_AUTHENTICATION_FAILED",
    ],
    [
      "with the certificate of another node",
      () => ({ certificate: utf8(third.node.certificate) }),
      "CHANNEL_CERTIFICATE_REFUSED",
    ],
    [
      "with a certificate of another service",
      () => ({
        certificate: utf8(
          new TestService().node({ privateKeyPem: higher.node.privateKeyPem }).certificate,
        ),
      }),
      "CHANNEL_CERTIFICATE_REFUSED",
    ],
  ];
  for (const [name, change, code] of changes) {
    it(name, () => {
      const { initiator, response } = answered();
      assertRefused(code, () => initiator.receiveKeyExchange(changedResponse(response, change)));
    });
  }

  it("that answers another init", () => {
    const { response } = answered();
    const initiator = lower.session(higher);
    initiator.initiate();
    assertRefused("CHANNEL_AUTHENTICATION_FAILED", () => initiator.receiveKeyExchange(response));
  });

  it("of another node than was asked", () => {
    const initiator = lower.session(higher);
    const asked = third.session(lower);
    const init = lower.session(third).initiate();
    initiator.initiate();
    const response = asked.receiveKeyExchange(init)?.message ?? NOTHING;
    assertRefused("CHANNEL_CERTIFICATE_REFUSED", () => initiator.receiveKeyExchange(response));
  });

  it("of another protocol version", () => {
    const { initiator, response } = answered();
    writeU64(response, 8, 1);
    assertRefused("CHANNEL_VERSION_UNSUPPORTED", () => initiator.receiveKeyExchange(response));
  });

  it("that sends the initiator's own share back", () => {
    const { initiator, response } = answered();
    // Only the initiator's own share is needed from the init of this exchange.
    const again = lower.session(higher);
    const init = decodeKeyExchange(again.initiate());
    assert.ok(init.type === "init");
    const reflected = changedResponse(response, () => ({ share: init.share }));
    assertRefused(
      "CHANNEL_AUTHENTICATION_FAILED",
      () => again.receiveKeyExchange(reflected),
      /own key share/,
    );
    initiator.dispose();
  });

  it("without an init, and twice", () => {
    const { initiator, response } = answered();
    assertRefused("CHANNEL_UNEXPECTED_FRAME", () =>
      lower.session(higher).receiveKeyExchange(response),
    );
    initiator.receiveKeyExchange(response);
    assertRefused("CHANNEL_UNEXPECTED_FRAME", () => initiator.receiveKeyExchange(response));
  });

  it("that is an init dressed up as one", () => {
    const { initiator } = answered();
    const init = decodeKeyExchange(higher.session(lower).initiate());
    assert.ok(init.type === "init");
    const { share, signature, certificate } = init;
    const dressed = encodeKeyExchange({ type: "response", share, signature, certificate });
    assertRefused("CHANNEL_AUTHENTICATION_FAILED", () => initiator.receiveKeyExchange(dressed));
  });
});

describe("a final is refused", () => {
  it("with a changed signature", () => {
    const { responder, final } = completed();
    assertRefused("CHANNEL_AUTHENTICATION_FAILED", () =>
      responder.receiveKeyExchange(flipped(final, final.length - 1)),
    );
    assert.equal(responder.state, "WAITING_FOR_FINAL");
  });

  it("of an earlier exchange", () => {
    const { final } = completed();
    const { responder } = answered();
    assertRefused("CHANNEL_AUTHENTICATION_FAILED", () => responder.receiveKeyExchange(final));
  });

  it("that repeats the signature of the init", () => {
    const { initiator, responder } = ends();
    const init = initiator.initiate();
    responder.receiveKeyExchange(init);
    const message = decodeKeyExchange(init);
    assert.ok(message.type === "init");
    const dressed = encodeKeyExchange({ type: "final", signature: message.signature });
    assertRefused("CHANNEL_AUTHENTICATION_FAILED", () => responder.receiveKeyExchange(dressed));
  });

  it("that reflects the signature of the response", () => {
    const { responder, response } = answered();
    const message = decodeKeyExchange(response);
    assert.ok(message.type === "response");
    const reflected = encodeKeyExchange({ type: "final", signature: message.signature });
    assertRefused("CHANNEL_AUTHENTICATION_FAILED", () => responder.receiveKeyExchange(reflected));
  });

  it("of whoever repeats a recorded init but does not know its secret", () => {
    const recorded = lower.session(higher).initiate();
    const responder = higher.session(lower);
    assert.ok(responder.receiveKeyExchange(recorded));
    const stranger = new TestEnd(service, service.node());
    const guess = encodeKeyExchange({ type: "final", signature: stranger.party.sign(NOTHING) });
    assertRefused("CHANNEL_AUTHENTICATION_FAILED", () => responder.receiveKeyExchange(guess));
  });

  it("without a response, at the wrong end, and twice", () => {
    const { initiator, responder, final } = completed();
    assertRefused("CHANNEL_UNEXPECTED_FRAME", () => ends().responder.receiveKeyExchange(final));
    assertRefused("CHANNEL_UNEXPECTED_FRAME", () => initiator.receiveKeyExchange(final));
    responder.receiveKeyExchange(final);
    assertRefused("CHANNEL_UNEXPECTED_FRAME", () => responder.receiveKeyExchange(final));
  });
});

describe("when both nodes begin at once", () => {
  it("the lower node id keeps its initiation, the other one answers", () => {
    const [low, high] = [lower.session(higher), higher.session(lower)];
    const [fromLow, fromHigh] = [low.initiate(), high.initiate()];
    assert.equal(low.receiveKeyExchange(fromHigh), undefined);
    assert.equal(low.state, "INITIATED");
    const response = high.receiveKeyExchange(fromLow);
    assert.equal(high.state, "WAITING_FOR_FINAL");
    const final = low.receiveKeyExchange(response?.message ?? NOTHING);
    high.receiveKeyExchange(final?.message ?? NOTHING);
    const frame = low.seal(aad, utf8("one channel"));
    assert.deepEqual(high.open(frame, aad.length, 1), utf8("one channel"));
  });

  it("a forged init does not make the higher node id give up its own", () => {
    const high = higher.session(lower);
    high.initiate();
    assertRefused("CHANNEL_AUTHENTICATION_FAILED", () =>
      high.receiveKeyExchange(changedInit(({ salt }) => ({ salt: flipped(salt) }))),
    );
    assert.equal(high.state, "INITIATED");
  });
});

describe("the bytes that are signed", () => {
  const transcript = {
    initiatorId: "a".repeat(64),
    responderId: "b".repeat(64),
    salt: new Uint8Array(32).fill(1),
    initiatorShare: new Uint8Array(97).fill(2),
    initiatorCertificate: utf8("certificate of a"),
    responderShare: new Uint8Array(97).fill(3),
    responderCertificate: utf8("certificate of b"),
  };

  it("differ with every field and every step", () => {
    const variants = [
      signedBytes("init", transcript),
      signedBytes("response", transcript),
      signedBytes("final", transcript),
      signedBytes("final", { ...transcript, initiatorId: "b".repeat(64) }),
      signedBytes("final", { ...transcript, responderId: "a".repeat(64) }),
      signedBytes("final", { ...transcript, salt: new Uint8Array(32).fill(9) }),
      signedBytes("final", { ...transcript, initiatorShare: new Uint8Array(97).fill(9) }),
      signedBytes("final", { ...transcript, initiatorCertificate: utf8("another") }),
      signedBytes("final", { ...transcript, responderShare: new Uint8Array(97).fill(9) }),
      signedBytes("final", { ...transcript, responderCertificate: utf8("another") }),
    ].map((bytes) => Buffer.from(bytes).toString("hex"));
    assert.equal(new Set(variants).size, variants.length);
  });

  it("begin with a text that no other use of a node's key begins with", () => {
    const domain = "consortium-ledger channel key exchange";
    const begin = concat(u64(domain.length), utf8(domain), u64(2), u64(0));
    const signed = signedBytes("init", transcript);
    assert.deepEqual(signed.subarray(0, begin.length), begin);
  });
});
