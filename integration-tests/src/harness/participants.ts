// SPDX-License-Identifier: Apache-2.0
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  certificateFacts,
  createSelfSigned,
  type EcCurve,
  generateEcKeySec1Pem,
  generateRsaKeyPem,
} from "@consortium/kit";

/** A member or a user: keys, and the files they lie in, named as keygenerator.sh does. */
export interface Participant {
  readonly name: string;
  /** Hex SHA-256 of the certificate. */
  readonly id: string;
  readonly curve: EcCurve;
  readonly key: string;
  readonly certificate: string;
  readonly keyFile: string;
  readonly certificateFile: string;
}

export interface Member extends Participant {
  readonly encryptionPublicKey: string;
  readonly encryptionPublicKeyFile: string;
  readonly encryptionPrivateKeyFile: string;
}

export interface ParticipantOptions {
  readonly curve?: EcCurve;
  readonly validFrom?: Date;
  readonly days?: number;
}

export async function createParticipant(
  folder: string,
  name: string,
  { curve = "Secp384R1", validFrom, days = 30 }: ParticipantOptions = {},
): Promise<Participant> {
  const key = generateEcKeySec1Pem(curve);
  const subject = `CN=${name}`;
  const certificate = createSelfSigned({
    keyPem: key,
    subject,
    days,
    ...(validFrom === undefined ? {} : { validFrom }),
  });
  const keyFile = join(folder, `${name}_privk.pem`);
  const certificateFile = join(folder, `${name}_cert.pem`);
  await writeFile(keyFile, key, { mode: 0o600 });
  await writeFile(certificateFile, certificate);
  const { id } = certificateFacts(certificate);
  return { name, id, curve, key, certificate, keyFile, certificateFile };
}

export async function createMember(
  folder: string,
  name: string,
  options: ParticipantOptions = {},
): Promise<Member> {
  const participant = await createParticipant(folder, name, options);
  const { publicKeyPem, privateKeyPem } = generateRsaKeyPem();
  const encryptionPublicKeyFile = join(folder, `${name}_enc_pubk.pem`);
  const encryptionPrivateKeyFile = join(folder, `${name}_enc_privk.pem`);
  await writeFile(encryptionPublicKeyFile, publicKeyPem);
  await writeFile(encryptionPrivateKeyFile, privateKeyPem, { mode: 0o600 });
  return {
    ...participant,
    encryptionPublicKey: publicKeyPem,
    encryptionPublicKeyFile,
    encryptionPrivateKeyFile,
  };
}
