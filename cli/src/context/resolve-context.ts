// SPDX-License-Identifier: Apache-2.0
import { cliErrors } from "../errors.js";
import { type Context, type ContextDefinition, EMPTY_CONTEXT, type Identity } from "./context.js";
import { type ContextPlaces, loadContextFiles, type LoadedContextFile } from "./context-files.js";

/**
 * The context by name, or the current one of a file that is named by its path, or the current one, or
 * none at all: flags alone may be enough for a command.
 */
export async function resolveContext(
  name: string | undefined,
  places: ContextPlaces,
): Promise<Context> {
  const isFile = name?.includes("/") === true;
  const files = await loadContextFiles(isFile ? { ...places, file: name } : places);
  const wanted = isFile ? currentName(files) : (name ?? currentName(files));
  if (wanted === undefined) return EMPTY_CONTEXT;
  const found = files.find((file) => Object.hasOwn(file.contexts, wanted));
  if (found === undefined) throw contextNotFound(wanted, files);
  return { ...found.contexts[wanted], name: wanted, file: found.file };
}

export interface ListedContext {
  name: string;
  file: string;
  current: boolean;
  definition: ContextDefinition;
}

/** Every context that can be named, the nearest file first; a name that a nearer file has is left out. */
export async function listContexts(places: ContextPlaces): Promise<ListedContext[]> {
  const files = await loadContextFiles(places);
  const current = currentName(files);
  const listed = new Map<string, ListedContext>();
  for (const { contexts, file } of files) {
    for (const [name, definition] of Object.entries(contexts)) {
      if (!listed.has(name))
        listed.set(name, { name, file, current: name === current, definition });
    }
  }
  return [...listed.values()];
}

/** The nearest file that says what is current decides. */
function currentName(files: readonly LoadedContextFile[]): string | undefined {
  return files.find((file) => file.current !== undefined)?.current;
}

export function contextNotFound(name: string, files: readonly LoadedContextFile[]): Error {
  const names = files.flatMap((file) => Object.keys(file.contexts));
  const known = names.length === 0 ? "there are none" : `there are: ${names.join(", ")}`;
  return cliErrors("CONTEXT_NOT_FOUND", `there is no context "${name}"; ${known}`, {
    details: { context: name },
    hint: "See `ccfctl context list`, or bring up a local one with `ccfctl sandbox up`.",
  });
}

/** What a command line may say about the identity to use. */
export interface IdentityFlags {
  as?: string | undefined;
  key?: string | undefined;
  cert?: string | undefined;
}

/** `--key` and `--cert` win, then `--as NAME`, then the context's own member or user. */
export function resolveIdentity(
  kind: "member" | "user",
  context: Context,
  flags: IdentityFlags,
): Identity {
  if (flags.key !== undefined && flags.cert !== undefined) {
    return { key: flags.key, certificate: flags.cert };
  }
  const identities = (kind === "member" ? context.members : context.users) ?? {};
  const name = flags.as ?? context[kind];
  const known = Object.keys(identities);
  if (name === undefined) {
    throw cliErrors("CONTEXT_INCOMPLETE", `no ${kind} is known to act as`, {
      hint: `Give --key FILE and --cert FILE, or choose a context that has a ${kind}.`,
    });
  }
  const identity = Object.hasOwn(identities, name) ? identities[name] : undefined;
  if (identity === undefined) {
    const choice = known.length === 0 ? "it has none" : `it has: ${known.join(", ")}`;
    throw cliErrors("IDENTITY_NOT_FOUND", `the context has no ${kind} "${name}"; ${choice}`, {
      details: { [kind]: name },
      hint: "Give --as one of these names, or --key FILE and --cert FILE.",
    });
  }
  return identity;
}
