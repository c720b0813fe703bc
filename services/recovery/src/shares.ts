// SPDX-License-Identifier: Apache-2.0
import {
  decodeBase64,
  internalRows,
  type KvReader,
  rows,
  SINGLETON_KEY,
  TABLES,
} from "@consortium/ledger";
import type { recovery } from "@consortium/proto";
import { recoveryErrors } from "./errors.js";

const MEMBER_ID = /^[0-9a-f]{64}$/;

/** The shares of the ledger secret in force, if the service has issued any. */
export function currentShares(kv: KvReader): internalRows.RecoveryShares | undefined {
  const row = kv.get(TABLES.recoveryShares, SINGLETON_KEY);
  return row === undefined ? undefined : internalRows.recoveryShares.decode(row.value);
}

/** The encrypted share of one member. */
export function encryptedShare(memberId: string, kv: KvReader): recovery.GetEncryptedShareResponse {
  if (!MEMBER_ID.test(memberId)) {
    const description = "must be 64 lower-case hex digits";
    throw recoveryErrors("INVALID_ARGUMENT", `member_id ${description}`, {
      fieldViolations: [{ field: "member_id", description }],
    });
  }
  const shares = currentShares(kv);
  if (shares === undefined) {
    throw recoveryErrors("SHARES_NOT_ISSUED", "no recovery shares have been issued yet", {
      hint: "shares are issued when the service opens: `ccfctl propose service open`",
    });
  }
  const share = decodeBase64(shares.encrypted_shares[memberId] ?? "");
  if (share === undefined || share.length === 0) {
    throw recoveryErrors("SHARE_NOT_FOUND", `member ${memberId} holds no recovery share`, {
      hint: "only active members with an encryption key hold one; see `ccfctl member list`",
      details: { member_id: memberId },
    });
  }
  return { memberId, encryptedShare: share };
}

/** What recovery needs and has. */
export function recoveryStatus(kv: KvReader): recovery.GetRecoveryStatusResponse {
  const config = kv.get(TABLES.serviceConfig, SINGLETON_KEY);
  return {
    serviceStatus: serviceStatus(kv),
    recoveryThreshold:
      config === undefined ? 0 : rows.serviceConfig.decode(config.value).recovery_threshold,
    submittedCount: kv.size(TABLES.encryptedSubmittedShares),
    shareHolders: Object.keys(currentShares(kv)?.encrypted_shares ?? {}).sort(),
  };
}

export function serviceStatus(kv: KvReader): rows.ServiceStatus {
  const info = kv.get(TABLES.serviceInfo, SINGLETON_KEY);
  return info === undefined ? "Opening" : rows.serviceInfo.decode(info.value).status;
}
