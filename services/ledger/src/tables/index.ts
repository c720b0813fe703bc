// SPDX-License-Identifier: Apache-2.0
export {
  isPublicMap,
  mapAccess,
  mapCategory,
  requireApplicationMap,
  type AccessContext,
  type MapAccess,
  type MapCategory,
} from "./access.js";
export { tableErrors } from "./errors.js";
export * as internalRows from "./internal-rows.js";
export {
  canonicalJson,
  decodeBase64,
  decodeHex,
  decodeJson,
  encodeBase64,
  encodeHex,
  encodeJson,
  type JsonObject,
  type JsonValue,
} from "./json.js";
export { GOVERNANCE_PREFIX, INTERNAL_PREFIX, TABLES, type TableName } from "./names.js";
export type { RowCodec } from "./row-codec.js";
export * as rows from "./rows.js";
