// SPDX-License-Identifier: Apache-2.0
import { governance } from "@consortium/proto";
import {
  canonicalJson,
  keyFromText,
  keyToText,
  type KvReader,
  rows,
  TABLES,
} from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import { readAck } from "../member/state-digest.js";
import { requireDigestId } from "../proposal/proposal-table.js";
import { type Page, type PageRequest, readPage } from "./page.js";

const STATUS: Readonly<Record<rows.MemberStatus, governance.MemberStatus>> = {
  Accepted: governance.MemberStatus.ACCEPTED,
  Active: governance.MemberStatus.ACTIVE,
};
const ROLE: Readonly<Record<rows.RecoveryRole, governance.RecoveryRole>> = {
  NonParticipant: governance.RecoveryRole.NON_PARTICIPANT,
  Participant: governance.RecoveryRole.PARTICIPANT,
  Owner: governance.RecoveryRole.OWNER,
};

export function listMembers(kv: KvReader, page: PageRequest): Page<governance.Member> {
  return readPage(kv, TABLES.membersInfo, page, (key, value) =>
    toMember(kv, keyToText(key), rows.membersInfo.decode(value)),
  );
}

/** Throws `INVALID_RESOURCE_NAME`, `MEMBER_NOT_FOUND`. */
export function getMember(kv: KvReader, memberId: string): governance.Member {
  const id = requireDigestId(memberId, "member ID", "member_id");
  const row = kv.get(TABLES.membersInfo, keyFromText(id));
  if (row === undefined) throw notFound(id);
  return toMember(kv, id, rows.membersInfo.decode(row.value));
}

export function getStateDigest(
  kv: KvReader,
  memberId: string,
): { memberId: string; stateDigest: string } {
  const id = requireDigestId(memberId, "member ID", "member_id");
  const ack = readAck(kv, id);
  if (ack === undefined) throw notFound(id);
  return { memberId: id, stateDigest: ack.state_digest };
}

export function activeMemberIds(kv: KvReader): string[] {
  const ids: string[] = [];
  for (const [key, { value }] of kv.entries(TABLES.membersInfo)) {
    if (rows.membersInfo.decode(value).status === "Active") ids.push(keyToText(key));
  }
  return ids;
}

function toMember(kv: KvReader, memberId: string, info: rows.MemberInfo): governance.Member {
  const key = keyFromText(memberId);
  const certificate = kv.get(TABLES.membersCerts, key);
  const encryptionKey = kv.get(TABLES.membersEncryptionPublicKeys, key);
  const role =
    info.recovery_role ?? (encryptionKey === undefined ? "NonParticipant" : "Participant");
  return {
    memberId,
    status: STATUS[info.status],
    memberDataJson: canonicalJson(info.member_data ?? null),
    certificate: certificate === undefined ? "" : rows.memberCertificate.decode(certificate.value),
    publicEncryptionKey:
      encryptionKey === undefined ? "" : rows.memberEncryptionKey.decode(encryptionKey.value),
    recoveryRole: ROLE[role],
  };
}

function notFound(id: string): Error {
  return governanceErrors("MEMBER_NOT_FOUND", `Member m[${id}] does not exist.`);
}
