// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz, mutateCbor, pick, readCbor, writeCbor } from "@consortium/crypto-wasm/testing";
import { isAppError } from "@consortium/kit";
import { decode } from "cborg";
import { createParty, signRequest } from "../testing/member.js";
import { parseSignedRequest, type SignedRequest } from "./signed-request.js";

const member = createParty("member0");
const REQUESTS = [
  signRequest(member, "proposal", { actions: [{ name: "set_user", args: {} }] }),
  signRequest(member, "ballot", { ballot: "…" }, { proposalId: "0".repeat(64) }),
  signRequest(member, "state_digest", undefined, { header: [["x", [1.5, { y: "z" }]]] }),
  signRequest(member, "ack", { state_digest: "" }, { createdAt: 2n ** 63n }),
].map(readCbor);

/** The one way to write it: its parts in their places, each as short as can be. */
function canonical({ message, payload }: SignedRequest): Uint8Array {
  const strings = [message.protectedHeader, payload, message.signature];
  const [header, body, signature] = strings.map((bytes) => ({ major: 2, value: 0n, bytes }));
  assert.ok(header !== undefined && body !== undefined && signature !== undefined);
  const items = [header, { major: 5, value: 0n, items: [] }, body, signature];
  return writeCbor({ major: 6, value: 18n, items: [{ major: 4, value: 0n, items }] });
}

test("a changed request is read the one way it can be, or refused as INVALID_COSE", async (t) => {
  const outcomes = await fuzz(t, { cases: 1_000_000 }, (random) => {
    const envelope = mutateCbor(pick(random, REQUESTS), random);
    let request: SignedRequest;
    try {
      request = parseSignedRequest(envelope);
    } catch (error) {
      assert.ok(isAppError(error, "INVALID_COSE"), String(error));
      return "refused";
    }
    assert.deepEqual(Buffer.from(canonical(request)), Buffer.from(envelope));
    const header = decode(request.message.protectedHeader, { useMaps: true }) as Map<
      unknown,
      unknown
    >;
    assert.deepEqual(header.get(4), Uint8Array.from(Buffer.from(request.header.keyId, "latin1")));
    assert.ok(request.header.createdAt >= 0);
    return "read";
  });
  const cases = (outcomes.get("read") ?? 0) + (outcomes.get("refused") ?? 0);
  assert.ok((outcomes.get("read") ?? 0) > cases / 100, "too few are still requests");
  assert.ok((outcomes.get("refused") ?? 0) > cases / 2);
});
