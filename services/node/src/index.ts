// SPDX-License-Identifier: Apache-2.0
export { type NodeConfig, nodeConfigSchema } from "./config.js";
export { runNode } from "./run-node.js";
