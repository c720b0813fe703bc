// SPDX-License-Identifier: Apache-2.0
import type { Bridge } from "../sandbox/worker/bridge-client.js";
import type { EvaluationContext } from "../sandbox/protocol.js";
import { requireBuffer, requireText } from "./arguments.js";
import { guestTypeError } from "./guest-error.js";
import type { HostFunctions, HostState } from "./host-function.js";

const EXPLANATION = "https://microsoft.github.io/CCF/main/audit/read_write_restrictions.html";
const CONTEXT_NAMES: Readonly<Record<EvaluationContext | "load", string>> = {
  load: "module evaluation",
  validate: "read-only governance",
  vote: "read-only governance",
  resolve: "read-only governance",
  apply: "read-write governance",
};

interface Access {
  readonly read: boolean;
  readonly write: boolean;
}

/** `ccf.kv`: checks what the context may do with the map, then asks the main thread. */
export function kvFunctions(bridge: Bridge): HostFunctions {
  const known = new Map<string, Access>();

  function accessTo(map: string, { context }: HostState): Access {
    if (context === "load") return { read: false, write: false };
    const key = `${context} ${map}`;
    let access = known.get(key);
    if (access === undefined) {
      access = bridge.request({ op: "access", context, map }) as unknown as Access;
      known.set(key, access);
    }
    return access;
  }

  function open(value: unknown, method: string, kind: keyof Access, state: HostState): string {
    const map = requireText(value, "table name");
    const access = accessTo(map, state);
    if (access[kind]) return map;
    const sort = access.read ? "read-only" : access.write ? "write-only" : "inaccessible";
    throw guestTypeError(
      `Cannot call ${method} on table named ${map}. This table is ${sort} in current ` +
        `(${CONTEXT_NAMES[state.context]}) execution context. See ${EXPLANATION} for more detail.`,
    );
  }

  return {
    "kv.has": ([name], [key], state) =>
      bridge.request({
        op: "has",
        map: open(name, "has", "read", state),
        key: requireBuffer(key, "key"),
      }),
    "kv.get": ([name], [key], state) =>
      bridge.request({
        op: "get",
        map: open(name, "get", "read", state),
        key: requireBuffer(key, "key"),
      }),
    "kv.getVersionOfPreviousWrite": ([name], [key], state) =>
      bridge.request({
        op: "version",
        map: open(name, "getVersionOfPreviousWrite", "read", state),
        key: requireBuffer(key, "key"),
      }),
    "kv.entries": ([name], _, state) =>
      bridge.request({ op: "entries", map: open(name, "forEach", "read", state) }),
    "kv.size": ([name], _, state) =>
      bridge.request({ op: "size", map: open(name, "size", "read", state) }),
    "kv.set"([name], [key, value], state) {
      const map = open(name, "set", "write", state);
      bridge.write({
        op: "put",
        map,
        key: requireBuffer(key, "key"),
        value: requireBuffer(value, "value"),
      });
      return undefined;
    },
    "kv.delete"([name], [key], state) {
      const map = open(name, "delete", "write", state);
      bridge.write({ op: "remove", map, key: requireBuffer(key, "key") });
      return undefined;
    },
    "kv.clear"([name], _, state) {
      bridge.write({ op: "clear", map: open(name, "clear", "write", state) });
      return undefined;
    },
  };
}
