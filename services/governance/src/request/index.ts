// SPDX-License-Identifier: Apache-2.0
export { authenticate } from "./authenticate.js";
export { MemberKeys } from "./member-key.js";
export type { MessageType } from "./message-type.js";
export { decodeProtectedHeader, type GovernanceHeader } from "./protected-header.js";
export { parseSignedRequest, type SignedRequest } from "./signed-request.js";
export { decodeText, parseStrictJson } from "./strict-json.js";
