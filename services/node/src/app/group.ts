// SPDX-License-Identifier: Apache-2.0
import type { PeerCertificate } from "@consortium/kit";
import { type KvReader, rows, SINGLETON_KEY, TABLES } from "@consortium/ledger";
import { nodeErrors } from "../errors.js";
import type { GroupMember } from "../group/group-member.js";
import type { Primary } from "../pipeline/primary.js";
import { checkGroup } from "./access.js";
import type { IdempotencyKeys } from "./idempotency.js";
import { authenticateUser } from "./users.js";

/** What a write needs of a group that this node leads. */
export interface LedGroup {
  readonly primary: Primary;
  readonly idempotency: IdempotencyKeys;
}

/** What a read needs of a group, wherever it is answered. */
export interface ReadableGroup {
  readonly committed: KvReader;
  /** The committed transaction whose state is read. */
  readonly transactionId: string;
}

/** A call that was let in. */
export interface Entrance {
  readonly userId: string;
  /** This node leads: `undefined` where the write is forwarded. */
  readonly led: LedGroup | undefined;
  readonly readable: ReadableGroup;
}

/** Lets a call in: the group exists here, the service is open, the caller is a user. */
export class Gate {
  readonly #member: () => GroupMember | undefined;
  #openedAtVersion = 0;

  constructor(member: () => GroupMember | undefined) {
    this.#member = member;
  }

  enter(groupId: number, certificate: PeerCertificate | undefined): Entrance {
    checkGroup(groupId);
    const { led, readable } = this.#group();
    this.#assertOpen(readable.committed);
    return { userId: authenticateUser(certificate, readable.committed), led, readable };
  }

  /** The group for a write that a backup forwarded; its user is checked again here. */
  enterForwarded(groupId: number, userId: string): { led: LedGroup; userId: string } {
    checkGroup(groupId);
    const { led, readable } = this.#group();
    if (led === undefined) throw notPrimary();
    this.#assertOpen(readable.committed);
    if (readable.committed.get(TABLES.usersCerts, userId) === undefined) {
      throw nodeErrors("INVALID_AUTHENTICATION", "the forwarded caller is not a registered user");
    }
    return { led, userId };
  }

  #group(): { led: LedGroup | undefined; readable: ReadableGroup } {
    const member = this.#member();
    const leading = member?.leading;
    if (leading !== undefined) {
      const { primary, idempotency } = leading;
      primary.assertReadable();
      const { committedTransactionId: transactionId } = primary;
      const readable = { committed: primary.kv.committed, transactionId };
      return { led: { primary, idempotency }, readable };
    }
    const follower = member?.following?.follower;
    if (follower === undefined || member?.fault !== undefined) throw notPrimary(member?.fault);
    const { kv, seqno, view } = follower.snapshot();
    return { led: undefined, readable: { committed: kv, transactionId: `${view}.${seqno}` } };
  }

  #assertOpen(kv: KvReader): void {
    const row = kv.get(TABLES.serviceInfo, SINGLETON_KEY);
    if (row !== undefined && row.version === this.#openedAtVersion) return;
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

function notPrimary(fault?: Error): Error {
  if (fault !== undefined) {
    return nodeErrors("NOT_PRIMARY", `this node serves no more: ${fault.message}`, {
      hint: "ask another node; `ccfctl node list` shows them",
      cause: fault,
    });
  }
  return nodeErrors("NOT_PRIMARY", "this node neither leads nor follows the group yet", {
    hint: "ask again in a moment; GetState tells how far the node is",
    retryAfterMs: 200,
  });
}
