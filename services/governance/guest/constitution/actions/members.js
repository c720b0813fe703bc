// SPDX-License-Identifier: Apache-2.0

/** Active members, with whether they can hold a recovery share. */
function activeMembers() {
  const keys = table("members.encryption_public_keys");
  const members = [];
  table("members.info").forEach((value, key) => {
    const { status } = ccf.bufToJsonCompatible(value);
    if (status === "Active")
      members.push({ id: ccf.bufToStr(key), hasEncryptionKey: keys.has(key) });
  });
  return members;
}

function activeRecoveryMemberCount() {
  return activeMembers().filter((member) => member.hasEncryptionKey).length;
}

/** The root that the last signature of a node covers: what a new member acknowledges. */
function lastSignedRoot() {
  const signature = readJson(ccf.kv[`${INTERNAL}signatures`], SINGLETON);
  return signature?.root ?? "";
}

action("set_member", {
  args: {
    cert: certificate,
    encryption_pub_key: optional(rsaPublicKey),
    member_data: optional(object),
    recovery_role: optional(oneOf("NonParticipant", "Participant", "Owner")),
  },
  check({ encryption_pub_key, recovery_role }) {
    const hasRole = recovery_role !== undefined && recovery_role !== null;
    if (hasRole && !encryption_pub_key) {
      fail("recovery_role can only be given together with encryption_pub_key");
    }
  },
  apply({ cert, encryption_pub_key, member_data, recovery_role }) {
    const id = ccf.pemToId(cert);
    const key = ccf.strToBuf(id);
    table("members.certs").set(key, ccf.strToBuf(cert));
    const encryptionKeys = table("members.encryption_public_keys");
    if (encryption_pub_key) encryptionKeys.set(key, ccf.strToBuf(encryption_pub_key));
    else encryptionKeys.delete(key);
    writeRow("members.info", id, {
      member_data: member_data ?? undefined,
      recovery_role: recovery_role ?? undefined,
      status: "Accepted",
    });
    writeRow("members.acks", id, { state_digest: lastSignedRoot() });
  },
});

action("remove_member", {
  args: { member_id: entityId },
  apply({ member_id }) {
    const key = ccf.strToBuf(member_id);
    const info = readRow("members.info", member_id);
    if (info === undefined) return;
    const active = activeMembers();
    const removed = active.find((member) => member.id === member_id);
    if (removed !== undefined && active.length === 1) {
      fail(
        `Member ${member_id} is the last active member: nobody could govern the service any more`,
      );
    }
    const holdsShare = removed !== undefined && removed.hasEncryptionKey;
    if (holdsShare)
      requireEnoughShares(active.filter((member) => member.hasEncryptionKey).length - 1, member_id);
    for (const name of [
      "members.certs",
      "members.encryption_public_keys",
      "members.info",
      "members.acks",
      "history",
    ]) {
      const rows = table(name);
      if (rows.has(key)) rows.delete(key);
    }
    // What the member could decrypt with others must not open what is written from now on.
    if (holdsShare) ccf.node.triggerLedgerRekey();
  },
});

function requireEnoughShares(remaining, memberId) {
  const { recovery_threshold } = serviceConfiguration();
  if (remaining >= recovery_threshold) return;
  fail(
    `Member ${memberId} cannot be removed: ${remaining} active recovery members would remain, ` +
      `fewer than the recovery threshold ${recovery_threshold}`,
  );
}

action("set_member_data", {
  args: { member_id: entityId, member_data: object },
  apply({ member_id, member_data }) {
    const info = readRow("members.info", member_id);
    if (info === undefined) fail(`Member ${member_id} does not exist`);
    writeRow("members.info", member_id, { ...info, member_data });
  },
});
