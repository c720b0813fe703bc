// SPDX-License-Identifier: Apache-2.0
export type { Clock } from "./clock.js";
export type { ConsensusHandler } from "./consensus.js";
export { channelErrors } from "./errors.js";
export {
  ChannelHub,
  type ChannelHubOptions,
  type ChannelListener,
  type ChannelStatus,
  createChannelHub,
  type RequestOptions,
} from "./hub.js";
export { CHANNEL_SERVER_LIMITS, type ChannelLimits, DEFAULT_CHANNEL_LIMITS } from "./limits.js";
export type { RequestHandler } from "./requests.js";
export type { ChannelState } from "./session.js";
