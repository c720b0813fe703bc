// SPDX-License-Identifier: Apache-2.0
import type { governance } from "@consortium/proto";
import { canonicalJson, type KvReader, rows, SINGLETON_KEY, TABLES } from "@consortium/ledger";
import { governanceErrors } from "../errors.js";

const VALIDITY_DAYS_DEFAULT = 365;
const REPLAY_WINDOW_DEFAULT = 100;

/** Throws `SERVICE_NOT_INITIALISED` before the first transaction has arrived. */
export function getServiceInfo(kv: KvReader): governance.GetServiceInfoResponse {
  const row = kv.get(TABLES.serviceInfo, SINGLETON_KEY);
  const configRow = kv.get(TABLES.serviceConfig, SINGLETON_KEY);
  if (row === undefined || configRow === undefined) throw notInitialised();
  const info = rows.serviceInfo.decode(row.value);
  const config = rows.serviceConfig.decode(configRow.value);
  return {
    status: info.status,
    certificate: info.cert,
    recoveryCount: BigInt(info.recovery_count ?? 0),
    creationTransactionId: info.current_service_create_txid ?? "",
    serviceDataJson: canonicalJson(info.service_data ?? null),
    configuration: {
      recoveryThreshold: config.recovery_threshold,
      maximumNodeCertificateValidityDays:
        config.maximum_node_certificate_validity_days ?? VALIDITY_DAYS_DEFAULT,
      maximumServiceCertificateValidityDays:
        config.maximum_service_certificate_validity_days ?? VALIDITY_DAYS_DEFAULT,
      recentCoseProposalsWindowSize:
        config.recent_cose_proposals_window_size ?? REPLAY_WINDOW_DEFAULT,
    },
  };
}

export function getConstitution(kv: KvReader): string {
  const row = kv.get(TABLES.constitution, SINGLETON_KEY);
  if (row === undefined) throw notInitialised();
  return rows.constitution.decode(row.value);
}

function notInitialised(): Error {
  return governanceErrors("SERVICE_NOT_INITIALISED", "the ledger has no service yet", {
    retryAfterMs: 1_000,
  });
}
