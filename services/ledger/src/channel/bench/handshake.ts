// SPDX-License-Identifier: Apache-2.0
// CPU time of key exchanges as JSON, beside what OpenSSL takes for the same signatures and agreement:
// `node services/ledger/dist/channel/bench/handshake.js ROUNDS`.
import { createECDH, generateKeyPairSync, sign, verify } from "node:crypto";
import { handshakeCosts, twoEnds } from "../testing/sessions.js";

const CURVE = "secp384r1";
/** Until the code is compiled. */
const WARM_UP = 5;

const rounds = Number(process.argv[2] ?? 20);
const { lower, higher } = twoEnds();
const keys = generateKeyPairSync("ec", { namedCurve: CURVE });
const message = new Uint8Array(500);
const result = { initiator: [] as number[], responder: [] as number[], openssl: [] as number[] };
for (let round = -WARM_UP; round < rounds; round += 1) {
  const costs = handshakeCosts(lower, higher, cpuMs);
  const openssl = opensslCost();
  if (round < 0) continue;
  result.initiator.push(costs.initiator);
  result.responder.push(costs.responder);
  result.openssl.push(openssl);
}
process.stdout.write(`${JSON.stringify(result)}\n`);

/** One side: a share of its own, the agreement, one signature made and two verified. */
function opensslCost(): number {
  const peer = createECDH(CURVE);
  const peerShare = peer.generateKeys();
  const signature = sign("sha384", message, keys.privateKey);
  const before = cpuMs();
  const own = createECDH(CURVE);
  own.generateKeys();
  own.computeSecret(peerShare);
  sign("sha384", message, keys.privateKey);
  verify("sha384", message, keys.publicKey, signature);
  verify("sha384", message, keys.publicKey, signature);
  return cpuMs() - before;
}

/** User and system time of this process. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
