// SPDX-License-Identifier: Apache-2.0
export * from "./config.js";
export * from "./errors.js";
export * from "./evidence.js";
export {
  type AppendAnswer,
  type AppendEntries,
  type ConsensusHeader,
  decodeConsensusHeader,
  encodeConsensusHeader,
} from "./consensus-header.js";
export { type FollowerOptions, LedgerFollower, type Snapshot } from "./follower.js";
export * from "./identity.js";
export { joinNetwork } from "./join-client.js";
export * from "./names.js";
export { type JoinerContext, type JoinerOptions, runJoiner } from "./run-joiner.js";
export { isRetired } from "./retired.js";
export { type PeerLink, REQUEST } from "./peer-link.js";
export { encodePrepared, type PreparedTransaction } from "./prepared.js";
export { readNodeCertificate, readServiceCertificate } from "./certificate-files.js";
export { ChannelLink, type ChannelLinkOptions, startChannelServer } from "./channel-link.js";
