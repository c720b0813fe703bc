// SPDX-License-Identifier: Apache-2.0

/**
 * The contract between processes, generated from `ccf/**` and `google/rpc/**`.
 * One namespace per proto package, because message names repeat across packages.
 */
export * as app from "./gen/ccf/app/v1/kv_service.js";
export * as channel from "./gen/ccf/channel/v1/submission.js";
export * as exchange from "./gen/ccf/channel/v1/exchange_service.js";
export * as governance from "./gen/ccf/governance/v1/governance_service.js";
export * as join from "./gen/ccf/node/v1/join_service.js";
export * as node from "./gen/ccf/node/v1/node_service.js";
export * as recovery from "./gen/ccf/recovery/v1/recovery_service.js";
export * as rpcDetails from "./gen/google/rpc/error_details.js";
export * as rpcStatus from "./gen/google/rpc/status.js";
