// SPDX-License-Identifier: Apache-2.0
import type { CertificateFile } from "../../input/certificate.js";
import { finishRequest, prepareRequest, type RequestToPrepare } from "./offline.js";
import { parsePkcs11Uri } from "../../input/pkcs11-uri.js";
import { readPin } from "./pkcs11/read-pin.js";
import { signOnToken } from "./pkcs11/token-key.js";

export type SignRequest = (request: RequestToPrepare) => Promise<Uint8Array>;

/**
 * Signs with a key that never leaves its token: the digest goes there and the signature comes back,
 * and is checked against the member's certificate. The PIN is asked for once.
 */
export function openTokenSigner(keyUri: string, certificate: CertificateFile): SignRequest {
  const uri = parsePkcs11Uri(keyUri);
  let pin: Promise<string> | undefined;
  return async (request) => {
    const prepared = prepareRequest(certificate, request);
    pin ??= readPin(uri);
    const digest = Buffer.from(prepared.value, "base64");
    return finishRequest(prepared, await signOnToken(uri, await pin, digest));
  };
}
