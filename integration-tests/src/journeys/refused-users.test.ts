// SPDX-License-Identifier: Apache-2.0
import { after, before, suite, test } from "node:test";
import { app } from "@consortium/proto";
import type { KvClient } from "../harness/connections.js";
import { Consortium } from "../harness/consortium.js";
import { createParticipant, type Participant } from "../harness/participants.js";
import { changesNothing, type Refusal, refused, type Witnesses } from "../harness/refusal.js";

/* What users, and who is none, can send to a real node, and must not get through with. */

let consortium: Consortium;
let witnesses: Witnesses;
let kv: KvClient;

before(async () => {
  consortium = await Consortium.start({ opening: true });
  witnesses = { node: consortium.nodeClient(), governance: consortium.governanceClient() };
  kv = consortium.kvClient();
});
after(async () => {
  await using started = consortium;
  for (const client of [kv, witnesses.node, witnesses.governance]) client.close();
  // The process that was sent all of this is the one that was started, and it ends in order.
  await started.stop();
});

const DAY_MS = 24 * 60 * 60 * 1000;
const UNAUTHENTICATED: Refusal = { code: "INVALID_AUTHENTICATION", category: "unauthenticated" };
const INVALID: Refusal = { code: "INVALID_ARGUMENT", category: "invalid_argument" };

function putRequest(change: Partial<app.PutRequest> = {}): app.PutRequest {
  return { groupId: 0, map: "notes", key: b("k"), value: b("v"), options: undefined, ...change };
}

function options(change: Partial<app.WriteOptions>): app.WriteOptions {
  const { COMMITTED } = app.AnswerWhen;
  return { idempotencyKey: "", answerWhen: COMMITTED, claimsDigest: b(""), ...change };
}

suite("Who may use the service", () => {
  test("nobody before the members have opened it", async () => {
    await changesNothing(witnesses, () =>
      refused(kv.put(putRequest()), {
        code: "SERVICE_NOT_OPEN",
        category: "failed_precondition",
      }),
    );
    await consortium.open();
    await kv.put(putRequest());
  });

  test("nobody without a certificate", async () => {
    using anonymous = consortium.anonymousKvClient();
    await changesNothing(witnesses, () => refused(anonymous.put(putRequest()), UNAUTHENTICATED));
    await refused(anonymous.get({ groupId: 0, map: "notes", key: b("k") }), UNAUTHENTICATED);
  });

  test("nobody whom members have not added, not even a member", async () => {
    const stranger = await createParticipant(consortium.folder, "stranger");
    for (const somebody of [stranger, consortium.member]) await mayNot(somebody);
  });

  test("no user whose certificate has run out, or has not begun", async () => {
    const late = { validFrom: new Date(Date.now() - 3 * DAY_MS), days: 1 };
    const early = { validFrom: new Date(Date.now() + DAY_MS), days: 30 };
    for (const [name, validity] of Object.entries({ late, early })) {
      const user = await createParticipant(consortium.folder, name, validity);
      await consortium.decide({ name: "set_user", args: { cert: user.certificate } });
      await mayNot(user);
    }
  });

  test("no user whom members have removed", async () => {
    const user = await createParticipant(consortium.folder, "leaving");
    await consortium.decide({ name: "set_user", args: { cert: user.certificate } });
    using client = consortium.kvClient(user);
    await client.put(putRequest());
    await consortium.decide({ name: "remove_user", args: { user_id: user.id } });
    await changesNothing(witnesses, () => refused(client.put(putRequest()), UNAUTHENTICATED));
  });
});

suite("What a user cannot touch", () => {
  const RESERVED: Refusal = { code: "MAP_RESERVED", category: "permission_denied" };
  for (const map of [
    "public:ccf.gov.users.certs",
    "public:ccf.internal.signatures",
    "public:ccf.anything",
    "ccf.internal.idempotency_keys",
  ]) {
    test(`the map ${map}`, async () => {
      await changesNothing(witnesses, async () => {
        await refused(kv.put(putRequest({ map })), RESERVED);
        await refused(kv.delete({ groupId: 0, map, key: b("k"), options: undefined }), RESERVED);
        const put = {
          operation: { $case: "put" as const, value: { map, key: b("k"), value: b("v") } },
        };
        const txn = { groupId: 0, compares: [], success: [put], failure: [], options: undefined };
        await refused(kv.txn(txn), RESERVED);
        const stream = kv.writeStream();
        await stream.write({ groupId: 0, operations: [put], options: undefined });
        stream.end();
        await refused(drain(stream.responses), RESERVED);
      });
    });
  }

  test("the private maps of the service, not even by reading", async () => {
    const map = "ccf.internal.idempotency_keys";
    await refused(kv.get({ groupId: 0, map, key: b("k") }), RESERVED);
  });

  test("a group that is not there", async () => {
    await changesNothing(witnesses, () =>
      refused(kv.put(putRequest({ groupId: 7 })), {
        code: "GROUP_NOT_FOUND",
        category: "not_found",
      }),
    );
  });
});

suite("What a write must be", () => {
  const writes: [string, Partial<app.PutRequest>, Refusal][] = [
    ["with a key", { key: b("") }, INVALID],
    ["with a key of at most 4 KiB", { key: Buffer.alloc(4097) }, INVALID],
    ["with 32 bytes of claims or none", { options: options({ claimsDigest: b("few") }) }, INVALID],
    [
      "with an idempotency key of at most 64 bytes",
      { options: options({ idempotencyKey: "x".repeat(65) }) },
      INVALID,
    ],
    [
      "in a map with a name",
      { map: "" },
      { code: "MAP_NAME_INVALID", category: "invalid_argument" },
    ],
  ];
  for (const [name, change, expected] of writes) {
    test(name, () =>
      changesNothing(witnesses, () => refused(kv.put(putRequest(change)), expected)),
    );
  }

  test("the same when its idempotency key is the same", async () => {
    const once = options({ idempotencyKey: "once" });
    await kv.put(putRequest({ options: once }));
    const other = putRequest({ value: b("another value"), options: once });
    await changesNothing(witnesses, () =>
      refused(kv.put(other), { code: "IDEMPOTENCY_KEY_REUSED", category: "aborted" }),
    );
  });

  test("no larger than the node takes", async () => {
    using sender = consortium.kvClient(consortium.user, { sendBytesMax: 16 << 20 });
    const large = putRequest({ value: Buffer.alloc(5 << 20) });
    await changesNothing(witnesses, () =>
      refused(sender.put(large), {
        code: "RESOURCE_EXHAUSTED",
        category: "resource_exhausted",
      }),
    );
  });
});

suite("Questions about what is not there", () => {
  test("a key, a transaction, a receipt", async () => {
    const { node } = witnesses;
    const missing: Refusal = { code: "KEY_NOT_FOUND", category: "not_found" };
    await refused(kv.get({ groupId: 0, map: "notes", key: b("none") }), missing);
    for (const transactionId of ["", "2", "2.x", "-1.5", "2.1.1"]) {
      await refused(node.getTransactionStatus({ groupId: 0, transactionId }), {
        code: "INVALID_TRANSACTION_ID",
        category: "invalid_argument",
      });
    }
    const future = { groupId: 0, transactionId: "2.999999" };
    await refused(node.getReceipt(future), {
      code: "TRANSACTION_PENDING_OR_UNKNOWN",
      category: "not_found",
    });
  });
});

async function mayNot(somebody: Participant): Promise<void> {
  using client = consortium.kvClient(somebody);
  await changesNothing(witnesses, async () => {
    await refused(client.put(putRequest()), UNAUTHENTICATED);
    await refused(client.get({ groupId: 0, map: "notes", key: b("k") }), UNAUTHENTICATED);
  });
}

async function drain(responses: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of responses);
}

function b(text: string): Uint8Array {
  return Buffer.from(text);
}
