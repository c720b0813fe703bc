// SPDX-License-Identifier: Apache-2.0

/** What a member signs, by `ccf.gov.msg.type`. */
export type MessageType =
  "proposal" | "ballot" | "withdrawal" | "state_digest" | "ack" | "recovery_share";
