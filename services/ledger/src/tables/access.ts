// SPDX-License-Identifier: Apache-2.0
import { PUBLIC_PREFIX } from "../entry/layout.js";
import { tableErrors } from "./errors.js";

/** Whose a map is, told by its name alone. */
export type MapCategory = "governance" | "internal" | "application" | "forbidden";

/** Who executes. */
export type AccessContext =
  /** `validate`, `vote` and `resolve` of the constitution. */
  | "governanceReadOnly"
  /** `apply` of the constitution, after approval. */
  | "governanceReadWrite"
  | "application"
  /** A reading endpoint of an application. */
  | "applicationReadOnly";

export interface MapAccess {
  readonly read: boolean;
  readonly write: boolean;
}

const NAME_BYTES_MAX = 1024;
const NONE: MapAccess = { read: false, write: false };
const READ: MapAccess = { read: true, write: false };
const WRITE: MapAccess = { read: false, write: true };
const READ_WRITE: MapAccess = { read: true, write: true };

/** Upper or lower case matters: `public:CCF.gov.x` is an application's map. */
export function mapCategory(name: string): MapCategory {
  const local = name.startsWith(PUBLIC_PREFIX) ? name.slice(PUBLIC_PREFIX.length) : name;
  if (!local.startsWith("ccf.")) return "application";
  if (local.startsWith("ccf.gov.")) return "governance";
  if (local.startsWith("ccf.internal.")) return "internal";
  return "forbidden";
}

export function isPublicMap(name: string): boolean {
  return name.startsWith(PUBLIC_PREFIX);
}

/**
 * What a context may do with a map. Private governance and internal maps belong to nobody, and
 * governance never reads application maps: every decision must be reproducible from public
 * governance tables alone.
 */
export function mapAccess(context: AccessContext, name: string): MapAccess {
  const category = mapCategory(name);
  if (category === "forbidden") return NONE;
  if (category !== "application" && !isPublicMap(name)) return NONE;
  switch (context) {
    case "governanceReadOnly":
      return category === "application" ? NONE : READ;
    case "governanceReadWrite":
      if (category === "application") return isPublicMap(name) ? WRITE : NONE;
      return category === "governance" ? READ_WRITE : READ;
    case "application":
      return category === "application" ? READ_WRITE : READ;
    case "applicationReadOnly":
      return READ;
  }
}

/** Throws unless an application may do this with the map. */
export function requireApplicationMap(name: string, operation: "read" | "write"): void {
  if (name.length === 0 || name === PUBLIC_PREFIX || Buffer.byteLength(name) > NAME_BYTES_MAX) {
    throw tableErrors("MAP_NAME_INVALID", `a map name has 1 to ${NAME_BYTES_MAX} bytes`, {
      fieldViolations: [{ field: "map", description: `1 to ${NAME_BYTES_MAX} bytes` }],
    });
  }
  if (mapAccess("application", name)[operation]) return;
  throw tableErrors("MAP_RESERVED", `an application may not ${operation} map ${name}`, {
    details: { map: name },
    hint: "use a map whose name does not start with `ccf.` or `public:ccf.`",
  });
}
