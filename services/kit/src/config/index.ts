// SPDX-License-Identifier: Apache-2.0
export { type ConfigFormat, loadConfig, parseConfig } from "./load-config.js";
export { parseDuration, parseSize, zAddress, zDuration, zSize } from "./units.js";
export { stringify as formatToml } from "smol-toml";
