// SPDX-License-Identifier: Apache-2.0
import { cliErrors } from "../../../errors.js";
import { loadPkcs11, type Pkcs11 } from "./pkcs11-module.js";
import type { Pkcs11Uri } from "../../../input/pkcs11-uri.js";

// Numbers of the standard (PKCS #11, section 3 and 6).
const CKF_SERIAL_SESSION = 4;
const CKU_USER = 1;
const CKA_CLASS = 0x0;
const CKA_LABEL = 0x3;
const CKA_ID = 0x102;
const CKO_PRIVATE_KEY = 3;
const CKM_ECDSA = 0x1041;
const SIGNATURE_BYTES_MAX = 132;

/**
 * Has a key on a token sign a digest; answers r and s side by side. The token is opened for this one
 * signature, and closed after it.
 */
export async function signOnToken(
  uri: Pkcs11Uri,
  pin: string,
  digest: Uint8Array,
): Promise<Uint8Array> {
  const { PKCS11 } = await loadPkcs11();
  const pkcs11 = new PKCS11();
  attempt(`the module ${uri.modulePath} cannot be loaded`, () => pkcs11.load(uri.modulePath));
  try {
    attempt("the module cannot be started", () => pkcs11.C_Initialize());
    try {
      return signWith(pkcs11, uri, pin, digest);
    } finally {
      pkcs11.C_Finalize();
    }
  } finally {
    pkcs11.close();
  }
}

function signWith(pkcs11: Pkcs11, uri: Pkcs11Uri, pin: string, digest: Uint8Array): Uint8Array {
  const slot = findToken(pkcs11, uri);
  const session = attempt("the token cannot be opened", () =>
    pkcs11.C_OpenSession(slot, CKF_SERIAL_SESSION),
  );
  try {
    attempt("the token does not accept the PIN", () => pkcs11.C_Login(session, CKU_USER, pin));
    try {
      const key = findKey(pkcs11, session, uri);
      return attempt("the token does not sign", () => {
        pkcs11.C_SignInit(session, { mechanism: CKM_ECDSA }, key);
        return pkcs11.C_Sign(session, Buffer.from(digest), Buffer.alloc(SIGNATURE_BYTES_MAX));
      });
    } finally {
      pkcs11.C_Logout(session);
    }
  } finally {
    pkcs11.C_CloseSession(session);
  }
}

function findToken(pkcs11: Pkcs11, uri: Pkcs11Uri): Buffer {
  const slots = attempt("the module has no list of tokens", () => pkcs11.C_GetSlotList(true));
  const fitting = slots.filter((slot) => isWanted(pkcs11, slot, uri));
  const [slot] = fitting;
  if (slot !== undefined && fitting.length === 1) return slot;
  throw cliErrors(
    "KEY_NOT_FOUND_ON_TOKEN",
    `${fitting.length === 0 ? "no token" : `${fitting.length} tokens`} of ${slots.length} fit the key's URI`,
    {
      hint: "See the tokens with `pkcs11-tool --list-slots`; token=, serial= or slot-id= names one.",
    },
  );
}

function isWanted(pkcs11: Pkcs11, slot: Buffer, uri: Pkcs11Uri): boolean {
  const info = pkcs11.C_GetTokenInfo(slot);
  const wanted: readonly [string | undefined, string][] = [
    [uri.token, info.label],
    [uri.serial, info.serialNumber],
    [uri.manufacturer, info.manufacturerID],
    [uri.model, info.model],
  ];
  if (uri.slotId !== undefined && uri.slotId !== slotNumber(slot)) return false;
  // Tokens fill their fields with blanks or zeros.
  return wanted.every(([value, found]) => value === undefined || value === trimField(found));
}

function trimField(field: string): string {
  return field.replace(/[\0 ]+$/, "");
}

/** The handle holds the number as the machine writes it. */
function slotNumber(slot: Buffer): number {
  return slot.readUIntLE(0, Math.min(slot.length, 6));
}

function findKey(pkcs11: Pkcs11, session: Buffer, uri: Pkcs11Uri): Buffer {
  const template = [
    { type: CKA_CLASS, value: CKO_PRIVATE_KEY },
    ...(uri.object === undefined ? [] : [{ type: CKA_LABEL, value: uri.object }]),
    ...(uri.id === undefined ? [] : [{ type: CKA_ID, value: uri.id }]),
  ];
  const found = attempt("the token's keys cannot be listed", () => {
    pkcs11.C_FindObjectsInit(session, template);
    try {
      return pkcs11.C_FindObjects(session, 2);
    } finally {
      pkcs11.C_FindObjectsFinal(session);
    }
  });
  const [key] = found;
  if (key !== undefined && found.length === 1) return key;
  throw cliErrors(
    "KEY_NOT_FOUND_ON_TOKEN",
    `${found.length === 0 ? "no private key" : "more than one private key"} on the token fits the key's URI`,
    { hint: "See the keys with `pkcs11-tool --login --list-objects`; object= and id= name one." },
  );
}

/** Errors of the module say `CKR_PIN_INCORRECT:160` and the like. */
function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw cliErrors("TOKEN_FAILED", `${what}: ${reason}`, {
      hint: "Check the module, the token and the PIN; after several wrong PINs a token locks itself.",
      cause,
    });
  }
}
