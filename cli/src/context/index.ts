// SPDX-License-Identifier: Apache-2.0
export {
  type Context,
  type ContextDefinition,
  type ContextFile,
  type Identity,
} from "./context.js";
export {
  CONTEXT_FILE,
  type ContextPlaces,
  SANDBOX_FOLDER,
  writeContextFile,
} from "./context-files.js";
export { isAddress } from "./parse-context-file.js";
export {
  type IdentityFlags,
  listContexts,
  type ListedContext,
  resolveContext,
  resolveIdentity,
} from "./resolve-context.js";
export { selectContext } from "./use-context.js";
