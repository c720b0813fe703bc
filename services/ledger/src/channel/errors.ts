// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";

/** What can go wrong on a channel between two nodes. */
export const channelErrors = defineErrors({
  /** The request never left this node: trying again is safe. */
  CHANNEL_UNAVAILABLE: "unavailable",
  /** The channel was cut after the message was sent: whether it took effect is unknown. */
  CHANNEL_LOST: "unavailable",
  CHANNEL_CLOSED: "unavailable",
  CHANNEL_BUSY: "resource_exhausted",
  CHANNEL_DEADLINE_EXCEEDED: "deadline_exceeded",
  CHANNEL_KIND_UNKNOWN: "unimplemented",
  CHANNEL_MESSAGE_TOO_LARGE: "resource_exhausted",
  CHANNEL_FRAME_MALFORMED: "invalid_argument",
  CHANNEL_FRAME_TOO_LARGE: "resource_exhausted",
  /** A frame that fits neither the state of the channel nor the role of its sender. */
  CHANNEL_UNEXPECTED_FRAME: "failed_precondition",
  /** Replayed, reordered or altered on the way. */
  CHANNEL_FRAME_FORGED: "unauthenticated",
  CHANNEL_AUTHENTICATION_FAILED: "unauthenticated",
  CHANNEL_CERTIFICATE_REFUSED: "unauthenticated",
  CHANNEL_VERSION_UNSUPPORTED: "failed_precondition",
  CHANNEL_WRONG_NODE: "failed_precondition",
  /** Both nodes began at once; the other one's key exchange goes on. */
  CHANNEL_SIMULTANEOUS: "aborted",
  CHANNEL_HANDSHAKE_TIMEOUT: "unavailable",
  CHANNEL_KEYS_EXHAUSTED: "unavailable",
  CHANNEL_PEER_STALLED: "unavailable",
  NODE_NOT_TRUSTED: "permission_denied",
  NODE_BLACKLISTED: "permission_denied",
});
