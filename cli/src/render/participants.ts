// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import type { Json } from "../json.js";
import type { MemberView, UserView } from "../views/governance.js";
import { renderFields, renderTable } from "./table.js";
import { statusWord } from "./text.js";

export function renderMembers(members: readonly MemberView[]): string {
  const rows = members.map((member) => [
    member.memberId,
    statusWord(member.status),
    member.recoveryRole,
    subjectOf(member.certificate),
  ]);
  return renderTable(["MEMBER", "STATUS", "RECOVERY", "SUBJECT"], rows, "There are no members.");
}

export function renderMember(member: MemberView): string {
  return renderFields([
    ["member", member.memberId],
    ["status", statusWord(member.status)],
    ["recovery role", member.recoveryRole],
    ["subject", subjectOf(member.certificate)],
    ["data", showData(member.memberData)],
    ["certificate", member.certificate.trimEnd()],
    ["encryption key", member.publicEncryptionKey?.trimEnd()],
  ]);
}

export function renderUsers(users: readonly UserView[]): string {
  const rows = users.map((user) => [
    user.userId,
    subjectOf(user.certificate),
    showData(user.userData) ?? "",
  ]);
  return renderTable(
    ["USER", "SUBJECT", "DATA"],
    rows,
    "There are no users: members add them with `ccfctl propose user add`.",
  );
}

export function renderUser(user: UserView): string {
  return renderFields([
    ["user", user.userId],
    ["subject", subjectOf(user.certificate)],
    ["data", showData(user.userData)],
    ["certificate", user.certificate.trimEnd()],
  ]);
}

function showData(data: Json): string | undefined {
  return data === null ? undefined : JSON.stringify(data);
}

function subjectOf(pem: string): string {
  try {
    return new X509Certificate(pem).subject.replaceAll("\n", ", ");
  } catch {
    return "(certificate not readable)";
  }
}
