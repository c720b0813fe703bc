// SPDX-License-Identifier: Apache-2.0
import { attestationErrors } from "../errors.js";
import { type Certificate, readCertificate } from "../x509/index.js";

/** The certificates that endorse a processor, from the one that signed the report to AMD's root. */
export interface Endorsements {
  /** Versioned chip endorsement key: of one chip with one TCB version. */
  readonly vcek: Certificate;
  /** AMD's key that signs chips. */
  readonly ask: Certificate;
  /** AMD's root of the product. */
  readonly ark: Certificate;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const BEGIN = "-----BEGIN ";

/** Reads the three certificates in PEM: VCEK, ASK, ARK. Throws `ENDORSEMENTS_MALFORMED`. */
export function parseEndorsements(bytes: Uint8Array): Endorsements {
  const text = Buffer.from(bytes).toString("latin1");
  const blocks = text.match(CERTIFICATE) ?? [];
  const begun = text.split(BEGIN).length - 1;
  if (blocks.length !== 3 || begun !== 3) {
    throw malformed(
      `VCEK, ASK and ARK are three certificates in PEM, here ${blocks.length} of ${begun} blocks can be read`,
    );
  }
  const [vcek, ask, ark] = blocks.map((block) => readOne(block));
  if (vcek === undefined || ask === undefined || ark === undefined) throw malformed("too few");
  return { vcek, ask, ark };
}

function readOne(pem: string): Certificate {
  try {
    return readCertificate(pem);
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : "a certificate cannot be read", cause);
  }
}

function malformed(what: string, cause?: unknown): Error {
  return attestationErrors("ENDORSEMENTS_MALFORMED", what, {
    hint: "give the certificates of the chip, of AMD's signing key and of AMD's root, in this order",
    cause,
  });
}
