// SPDX-License-Identifier: Apache-2.0
import type { Context } from "../context/index.js";
import { isAddress } from "../context/index.js";
import { cliErrors } from "../errors.js";
import { readCertificate } from "../input/certificate.js";

export type ServiceKind = "node" | "governance" | "recovery";

/** Where a service is, and the certificate it must be endorsed by (or show itself). */
export interface Target {
  address: string;
  rootCertificate: string;
  /** Of each call. */
  deadlineMs: number;
}

export interface TargetFlags {
  address?: string | undefined;
  cacert?: string | undefined;
  timeout: number;
}

const FIELD_OF = {
  node: "nodeAddress",
  governance: "governanceAddress",
  recovery: "recoveryAddress",
} as const;

/** Flags win over the context. */
export async function resolveTarget(
  kind: ServiceKind,
  context: Context,
  flags: TargetFlags,
): Promise<Target> {
  const address = flags.address ?? context[FIELD_OF[kind]];
  if (address === undefined) {
    throw incomplete(`no address of a ${kind} service is known`, "--address HOST:PORT");
  }
  if (!isAddress(address)) {
    throw cliErrors("INVALID_INPUT", `"${address}" is not an address`, {
      details: { address },
      hint: "Write it as host:port, for example 127.0.0.1:8000.",
    });
  }
  const file = flags.cacert ?? context.serviceCertificate;
  if (file === undefined) {
    throw incomplete(
      "no service certificate is known, so the service cannot be recognised",
      "--cacert FILE",
    );
  }
  const { pem } = await readCertificate(file);
  return { address, rootCertificate: pem, deadlineMs: flags.timeout };
}

function incomplete(message: string, flag: string): Error {
  return cliErrors("CONTEXT_INCOMPLETE", message, {
    hint: `Give ${flag}, choose a context (\`ccfctl context list\`), or bring up a local consortium with \`ccfctl sandbox up\`.`,
  });
}
