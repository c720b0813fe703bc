// SPDX-License-Identifier: Apache-2.0
import { TABLES } from "@consortium/ledger";
import { generateEcKeyPem } from "@consortium/kit";
import { createPublicKey } from "node:crypto";
import { badArguments, type BadCase, type GoodCase, rekey } from "./cases.js";
import {
  alice,
  bob,
  carol,
  configuration,
  dave,
  erin,
  json,
  MEMBER_HISTORY,
  SIGNED_ROOT,
  strangerId,
  userCert,
  userId,
} from "./state.js";
import { ONE } from "./trial.js";

const removed = { [alice.id]: null };
const ecPublicKey = createPublicKey(generateEcKeyPem()).export({ type: "spki", format: "pem" });

export const memberCases: readonly GoodCase[] = [
  {
    action: "set_member",
    args: {
      cert: erin.cert,
      encryption_pub_key: erin.encryptionKey,
      member_data: { name: "Erin" },
      recovery_role: "Participant",
    },
    writes: {
      [TABLES.membersCerts]: { [erin.id]: erin.cert },
      [TABLES.membersEncryptionPublicKeys]: { [erin.id]: erin.encryptionKey },
      [TABLES.membersInfo]: {
        [erin.id]: json({
          member_data: { name: "Erin" },
          recovery_role: "Participant",
          status: "Accepted",
        }),
      },
      [TABLES.membersAcks]: { [erin.id]: json({ state_digest: SIGNED_ROOT }) },
    },
  },
  {
    action: "set_member",
    about: "with a certificate alone, and fields that nobody knows",
    args: { cert: erin.cert, note: "hello" },
    writes: {
      [TABLES.membersCerts]: { [erin.id]: erin.cert },
      [TABLES.membersEncryptionPublicKeys]: { [erin.id]: null },
      [TABLES.membersInfo]: { [erin.id]: json({ status: "Accepted" }) },
      [TABLES.membersAcks]: { [erin.id]: json({ state_digest: SIGNED_ROOT }) },
    },
  },
  {
    action: "set_member",
    about: "where nodes make COSE signatures only",
    args: { cert: erin.cert },
    given: { [TABLES.signatures]: { [ONE]: null } },
    writes: {
      [TABLES.membersCerts]: { [erin.id]: erin.cert },
      [TABLES.membersEncryptionPublicKeys]: { [erin.id]: null },
      [TABLES.membersInfo]: { [erin.id]: json({ status: "Accepted" }) },
      [TABLES.membersAcks]: { [erin.id]: json({ state_digest: "" }) },
    },
    unlikeCcf: "CCF cannot add members there",
  },
  {
    action: "remove_member",
    args: { member_id: alice.id },
    writes: {
      [TABLES.membersInfo]: removed,
      [TABLES.membersEncryptionPublicKeys]: removed,
      [TABLES.membersCerts]: removed,
      [TABLES.membersAcks]: removed,
      [MEMBER_HISTORY]: removed,
    },
    effects: [rekey],
  },
  {
    action: "remove_member",
    about: "who has no share",
    args: { member_id: dave.id },
    writes: {
      [TABLES.membersInfo]: { [dave.id]: null },
      [TABLES.membersEncryptionPublicKeys]: { [dave.id]: null },
      [TABLES.membersCerts]: { [dave.id]: null },
      [TABLES.membersAcks]: { [dave.id]: null },
      [MEMBER_HISTORY]: { [dave.id]: null },
    },
  },
  { action: "remove_member", about: "whom nobody knows", args: { member_id: strangerId } },
  {
    action: "remove_member",
    about: "who is needed for recovery",
    args: { member_id: alice.id },
    given: { [TABLES.serviceConfig]: { [ONE]: json({ ...configuration, recovery_threshold: 3 }) } },
    failure:
      `member_id ${alice.id} is needed for recovery: without it there would be 2 active ` +
      "recovery members, less than the recovery threshold of 3",
  },
  {
    action: "remove_member",
    about: "who is the last active one",
    args: { member_id: alice.id },
    given: {
      [TABLES.membersInfo]: { [bob.id]: null, [carol.id]: null },
      [TABLES.membersEncryptionPublicKeys]: { [alice.id]: null, [bob.id]: null, [carol.id]: null },
    },
    failure: `member_id ${alice.id} is the last active member`,
    unlikeCcf: "CCF removes it",
  },
  {
    action: "set_member_data",
    args: { member_id: alice.id, member_data: { is_operator: false } },
    writes: {
      [TABLES.membersInfo]: {
        [alice.id]: json({ member_data: { is_operator: false }, status: "Active", unknown: 7 }),
      },
    },
  },
  {
    action: "set_member_data",
    about: "of nobody",
    args: { member_id: strangerId, member_data: {} },
    failure: `member_id ${strangerId} is not a member`,
  },
];

export const userCases: readonly GoodCase[] = [
  {
    action: "set_user",
    args: { cert: userCert, user_data: { name: "Erin", __proto__: null } },
    writes: {
      [TABLES.usersCerts]: { [userId]: userCert },
      [TABLES.usersInfo]: { [userId]: json({ user_data: { name: "Erin" } }) },
    },
  },
  {
    action: "set_user",
    about: "without data",
    args: { cert: userCert, user_data: null },
    writes: {
      [TABLES.usersCerts]: { [userId]: userCert },
      [TABLES.usersInfo]: { [userId]: null },
    },
  },
  {
    action: "remove_user",
    args: { user_id: userId },
    writes: { [TABLES.usersCerts]: { [userId]: null }, [TABLES.usersInfo]: { [userId]: null } },
  },
  {
    action: "set_user_data",
    args: { user_id: userId, user_data: { Ünïcode: "❄" } },
    writes: { [TABLES.usersInfo]: { [userId]: json({ user_data: { Ünïcode: "❄" } }) } },
  },
  {
    action: "set_user_data",
    about: "to nothing",
    args: { user_id: userId },
    writes: { [TABLES.usersInfo]: { [userId]: null } },
  },
];

const CERTIFICATES = "must be one or more X.509 certificates in PEM format";
const RSA_KEY = "must be an RSA public key of at least 2048 bits in PEM format";

export const badCert = [
  ["cert", undefined, "cert must be a string but is missing"],
  ["cert", 7, "cert must be a string but is a number"],
  ["cert", "", `cert ${CERTIFICATES}`],
  ["cert", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", `cert ${CERTIFICATES}`],
  ["cert", erin.encryptionKey, `cert ${CERTIFICATES}`],
] as const;

export function badId(name: string): [string, unknown, string][] {
  return [
    [name, undefined, `${name} must be a string but is missing`],
    [name, ["a"], `${name} must be a string but is an array`],
    [name, "ab".repeat(31), `${name} must be 64 hex digits`],
    [name, `${"ab".repeat(31)}xy`, `${name} must be 64 hex digits`],
    [name, `${"ab".repeat(32)}\n`, `${name} must be 64 hex digits`],
  ];
}

const member = { cert: erin.cert, encryption_pub_key: erin.encryptionKey };

export const badMembers: readonly BadCase[] = [
  ...badArguments("set_member", member, [
    ...badCert,
    ["encryption_pub_key", 7, "encryption_pub_key must be a string but is a number"],
    ["encryption_pub_key", "no key", `encryption_pub_key ${RSA_KEY}`],
    ["encryption_pub_key", ecPublicKey, `encryption_pub_key ${RSA_KEY}`],
    ["member_data", "text", "member_data must be an object but is a string"],
    ["member_data", [1], "member_data must be an object but is an array"],
    ["recovery_role", "owner", "recovery_role must be one of NonParticipant, Participant, Owner"],
    ["recovery_role", 1, "recovery_role must be one of NonParticipant, Participant, Owner"],
  ]),
  {
    action: "set_member",
    args: { cert: erin.cert, recovery_role: "Owner" },
    message: "recovery_role cannot be given without encryption_pub_key",
  },
  ...badArguments("remove_member", { member_id: alice.id }, badId("member_id")),
  ...badArguments("set_member_data", { member_id: alice.id, member_data: {} }, [
    ...badId("member_id"),
    ["member_data", undefined, "member_data must be an object but is missing"],
    ["member_data", null, "member_data must be an object but is null"],
    ["member_data", true, "member_data must be an object but is a boolean"],
  ]),
  ...badArguments("set_user", { cert: userCert }, [
    ...badCert,
    ["user_data", "text", "user_data must be an object but is a string"],
  ]),
  ...badArguments("remove_user", { user_id: userId }, badId("user_id")),
  ...badArguments("set_user_data", { user_id: userId }, [
    ...badId("user_id"),
    ["user_data", 7, "user_data must be an object but is a number"],
  ]),
];
