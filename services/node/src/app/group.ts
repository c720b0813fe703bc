// SPDX-License-Identifier: Apache-2.0
import type { PeerCertificate } from "@consortium/kit";
import { type KvReader, rows, SINGLETON_KEY, TABLES } from "@consortium/ledger";
import { nodeErrors } from "../errors.js";
import type { Primary } from "../pipeline/primary.js";
import { checkGroup } from "./access.js";
import type { IdempotencyKeys } from "./idempotency.js";
import { authenticateUser } from "./users.js";

/** What the application needs of a group that this node leads. */
export interface LedGroup {
  readonly primary: Primary;
  readonly idempotency: IdempotencyKeys;
}

/** Lets a call in: the group exists and is led here, the service is open, the caller is a user. */
export class Gate {
  readonly #leads: () => LedGroup;
  #openedAtVersion = 0;

  /** @param leads answers the group, or throws `NOT_PRIMARY`. */
  constructor(leads: () => LedGroup) {
    this.#leads = leads;
  }

  enter(
    groupId: number,
    certificate: PeerCertificate | undefined,
  ): { group: LedGroup; userId: string } {
    checkGroup(groupId);
    const group = this.#leads();
    const { committed } = group.primary.kv;
    this.#assertOpen(committed);
    return { group, userId: authenticateUser(certificate, committed) };
  }

  #assertOpen(kv: KvReader): void {
    const row = kv.get(TABLES.serviceInfo, SINGLETON_KEY);
    if (row?.version === this.#openedAtVersion) return;
    const status = row === undefined ? "Opening" : rows.serviceInfo.decode(row.value).status;
    if (row === undefined || status !== "Open") {
      throw nodeErrors("SERVICE_NOT_OPEN", `the service is ${status}, not Open`, {
        hint: "members open it with `ccfctl propose service open` and their votes",
        details: { status },
      });
    }
    this.#openedAtVersion = row.version;
  }
}
