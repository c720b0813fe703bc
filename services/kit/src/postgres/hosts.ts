// SPDX-License-Identifier: Apache-2.0
import { postgresErrors } from "./errors.js";

/**
 * Splits a connection string with several hosts, as libpq writes them, into one for each host.
 *
 * @example
 * splitHosts("postgres://u:p@a:5432,b:5433/ledger"); // ["postgres://u:p@a:5432/ledger", "postgres://u:p@b:5433/ledger"]
 */
export function splitHosts(url: string): string[] {
  const match = /^(postgres(?:ql)?:\/\/)((?:[^/?#]*@)?)([^/?#]*)([/?#].*)?$/s.exec(url.trim());
  if (match === null) throw invalid("does not begin with postgres://");
  const [, scheme = "", login = "", hosts = "", rest = ""] = match;
  if (hosts === "") throw invalid("names no host");
  return hosts.split(",").map((host) => {
    const single = `${scheme}${login}${host}${rest}`;
    if (host === "" || !URL.canParse(single)) throw invalid("has a host that cannot be understood");
    return single;
  });
}

/** Host and port of a connection string, for messages: never the password. */
export function describeHosts(urls: readonly string[]): string {
  return urls.map((url) => new URL(url).host).join(", ");
}

/** The same connection string for another login or another database. */
export function withLogin(
  url: string,
  { user, password, database }: { user?: string; password?: string; database?: string },
): string {
  const match =
    /^(postgres(?:ql)?:\/\/)(?:([^/?#@:]*)(?::([^/?#@]*))?@)?([^/?#]*)(?:\/([^?#]*))?(.*)$/s.exec(
      url,
    );
  if (match === null) throw invalid("does not begin with postgres://");
  const [, scheme, oldUser = "", oldPassword = "", hosts, oldDatabase = "", rest] = match;
  const name = user === undefined ? oldUser : encodeURIComponent(user);
  const secret = password === undefined ? oldPassword : encodeURIComponent(password);
  const target = database === undefined ? oldDatabase : encodeURIComponent(database);
  const login = secret === "" ? name : `${name}:${secret}`;
  return `${scheme}${login === "" ? "" : `${login}@`}${hosts}/${target}${rest}`;
}

function invalid(why: string): Error {
  return postgresErrors("DATABASE_URL_INVALID", `the connection string of the database ${why}`, {
    hint: "Write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE; several hosts are separated by commas.",
  });
}
