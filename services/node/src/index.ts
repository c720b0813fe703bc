// SPDX-License-Identifier: Apache-2.0
export { type NodeConfig, nodeConfigSchema } from "./config.js";
export { type NodeHandle, startNode, type StartOptions } from "./start-node.js";
