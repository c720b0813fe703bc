// SPDX-License-Identifier: Apache-2.0
export { encodePrepared, type PreparedTransaction } from "./channel-client.js";
export * from "./config.js";
export * from "./errors.js";
export * from "./evidence.js";
export { type EntryListener, LedgerFollower, type Snapshot } from "./follower.js";
export * from "./identity.js";
export { joinNetwork } from "./join-client.js";
export * from "./names.js";
export { type JoinerContext, type JoinerOptions, runJoiner } from "./run-joiner.js";
