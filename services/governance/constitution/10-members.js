// SPDX-License-Identifier: Apache-2.0

/* Members: who governs, and who can recover the service. */

const memberCertificates = textTable("public:ccf.gov.members.certs");
const memberEncryptionKeys = textTable("public:ccf.gov.members.encryption_public_keys");
const members = jsonTable("public:ccf.gov.members.info");
const memberAcks = jsonTable("public:ccf.gov.members.acks");
/** Of ledgers from before COSE. */
const memberHistory = textTable("public:ccf.gov.history");
const nodeSignature = jsonValue("public:ccf.internal.signatures");

const checkRecoveryRole = oneOf("NonParticipant", "Participant", "Owner");

/** The ids of those who may propose and vote. */
function activeMembers() {
  const active = members.entries().filter(([, { status }]) => status === "Active");
  return new Set(active.map(([id]) => id));
}

/** How many active members have a key for recovery shares; owners count as well. */
function countActiveRecoveryMembers() {
  const active = activeMembers();
  return memberEncryptionKeys.keys().filter((id) => active.has(id)).length;
}

// A key that cannot be read is refused here, which CCF does not do: later it would keep shares
// from being issued to anybody.
defineAction("set_member", {
  validate({ cert, encryption_pub_key, member_data, recovery_role }) {
    checkCertificates(cert, "cert");
    checkOptional(checkRsaPublicKey, encryption_pub_key, "encryption_pub_key");
    checkOptional(checkObject, member_data, "member_data");
    checkOptional(checkRecoveryRole, recovery_role, "recovery_role");
    demand(
      isAbsent(recovery_role) || !isAbsent(encryption_pub_key),
      "recovery_role cannot be given without encryption_pub_key",
    );
  },
  apply({ cert, encryption_pub_key, member_data, recovery_role }) {
    const id = ccf.pemToId(cert);
    memberCertificates.write(id, cert);
    if (isAbsent(encryption_pub_key)) memberEncryptionKeys.remove(id);
    else memberEncryptionKeys.write(id, encryption_pub_key);
    members.write(id, {
      member_data,
      recovery_role: recovery_role ?? undefined,
      status: "Accepted",
    });
    memberAcks.write(id, { state_digest: lastSignedRoot() });
  },
});

/**
 * The root that a node last signed. Where nodes only make COSE signatures there is none: the digest
 * is empty then, as at genesis, and the member asks for one before it acknowledges.
 */
function lastSignedRoot() {
  return nodeSignature.read()?.root ?? "";
}

defineAction("remove_member", {
  validate({ member_id }) {
    checkId(member_id, "member_id");
  },
  apply({ member_id }) {
    const member = members.read(member_id);
    if (member === undefined) return;
    const isActive = member.status === "Active";
    const knowsSecret = isActive && memberEncryptionKeys.has(member_id);
    if (isActive) checkGovernedWithout(member_id);
    if (knowsSecret) checkRecoverableWithout(member_id);
    members.remove(member_id);
    memberEncryptionKeys.remove(member_id);
    memberCertificates.remove(member_id);
    memberAcks.remove(member_id);
    memberHistory.remove(member_id);
    // Whoever had a share must not be able to read what is written from now on.
    if (knowsSecret) ccf.node.triggerLedgerRekey();
  },
});

/** CCF would remove the last one, after which nobody could change anything any more. */
function checkGovernedWithout(memberId) {
  const others = [...activeMembers()].filter((id) => id !== memberId);
  demand(others.length > 0, `member_id ${memberId} is the last active member`);
}

function checkRecoverableWithout(memberId) {
  const { recovery_threshold: threshold } = serviceConfiguration.need();
  const left = countActiveRecoveryMembers() - 1;
  demand(
    left >= threshold,
    `member_id ${memberId} is needed for recovery: without it there would be ${left} active ` +
      `recovery members, less than the recovery threshold of ${threshold}`,
  );
}

defineAction("set_member_data", {
  validate({ member_id, member_data }) {
    checkId(member_id, "member_id");
    checkObject(member_data, "member_data");
  },
  apply({ member_id, member_data }) {
    const member = members.read(member_id);
    demand(member !== undefined, `member_id ${member_id} is not a member`);
    members.write(member_id, { ...member, member_data });
  },
});
