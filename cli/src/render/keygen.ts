// SPDX-License-Identifier: Apache-2.0
import type { KeygenResult } from "../operations/keygen/request.js";

/** The report lines of CCF's keygenerator.sh: scripts look for them. */
export function renderKeygen(result: KeygenResult): string {
  const lines = [
    `-- Generating identity private key and certificate for participant "${result.name}"...`,
    `Identity curve: ${result.curve}`,
    `Identity private key generated at:   ${result.privateKey}`,
    `Identity certificate generated at:   ${result.certificate} (to be registered in CCF)`,
  ];
  if (result.encryptionPrivateKey !== null) {
    lines.push(
      `-- Generating RSA encryption key pair for participant "${result.name}"...`,
      `Encryption private key generated at:  ${result.encryptionPrivateKey}`,
      `Encryption public key generated at:   ${result.encryptionPublicKey} (to be registered in CCF)`,
    );
  }
  return lines.join("\n");
}
