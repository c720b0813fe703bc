// SPDX-License-Identifier: Apache-2.0
import { rows, SINGLETON_KEY, TABLES, type Transaction } from "@consortium/ledger";
import type { channel } from "@consortium/proto";
import type { GuestValue } from "../sandbox/protocol.js";
import { effectError } from "./effect-error.js";
import { requireShareRecipients } from "./recovery-shares.js";

const FAILED = "Unable to open service";

/**
 * Opens a service that is Opening, or lets one that is Recovering wait for its shares. One that is
 * open or waiting already stays as it is. The identities bind the vote to this one service.
 */
export function openService(
  tx: Transaction,
  effects: channel.Effect[],
  previous: GuestValue,
  next: string,
): void {
  const row = tx.get(TABLES.serviceInfo, SINGLETON_KEY);
  if (row === undefined) throw effectError(`${FAILED}: Failed to get active service.`);
  const { cert, status } = rows.serviceInfo.decode(row);
  if (next !== cert) {
    throw effectError(
      `${FAILED}: Service identity mismatch: the next service identity in the transition_service_to_open ` +
        `proposal does not match the current service identity:\nNext:\n${next}\nCurrent:\n${cert}`,
    );
  }
  if (status === "Open" || status === "WaitingForRecoveryShares") return;
  if (status === "Opening") requireShareRecipients(tx, FAILED);
  else requirePreviousIdentity(tx, previous);
  const value = {
    previousServiceIdentity:
      status === "Recovering" && typeof previous === "string" ? previous : "",
    nextServiceIdentity: next,
  };
  effects.push({ effect: { $case: "transitionServiceToOpen", value } });
}

export function isOpen(tx: Transaction): boolean {
  const row = tx.get(TABLES.serviceInfo, SINGLETON_KEY);
  return row !== undefined && rows.serviceInfo.decode(row).status === "Open";
}

function requirePreviousIdentity(tx: Transaction, previous: GuestValue): void {
  if (typeof previous !== "string") {
    throw effectError(
      `${FAILED}: Recovery with service certificate requires both, a previous service certificate and a new service certificate`,
    );
  }
  const row = tx.get(TABLES.servicePreviousServiceIdentity, SINGLETON_KEY);
  const actual = row === undefined ? undefined : rows.previousServiceIdentity.decode(row);
  if (previous === actual) return;
  throw effectError(
    `${FAILED}: Previous service identity does not match.\nActual:\n${actual ?? "none"}\nExpected:\n${previous}`,
  );
}
