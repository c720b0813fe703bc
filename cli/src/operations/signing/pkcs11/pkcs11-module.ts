// SPDX-License-Identifier: Apache-2.0
import { cliErrors } from "../../../errors.js";

/** The part of the package `pkcs11js` that is used here; it may not be installed. */
export interface Pkcs11Module {
  PKCS11: new () => Pkcs11;
}

type Handle = Buffer;
type Template = { type: number; value?: Buffer | string | number | boolean }[];

export interface Pkcs11 {
  load(path: string): void;
  close(): void;
  C_Initialize(): void;
  C_Finalize(): void;
  C_GetSlotList(withToken: boolean): Handle[];
  C_GetTokenInfo(slot: Handle): {
    label: string;
    serialNumber: string;
    manufacturerID: string;
    model: string;
  };
  C_OpenSession(slot: Handle, flags: number): Handle;
  C_CloseSession(session: Handle): void;
  C_Login(session: Handle, user: number, pin: string): void;
  C_Logout(session: Handle): void;
  C_FindObjectsInit(session: Handle, template: Template): void;
  C_FindObjects(session: Handle, count: number): Handle[];
  C_FindObjectsFinal(session: Handle): void;
  C_SignInit(session: Handle, mechanism: { mechanism: number }, key: Handle): void;
  C_Sign(session: Handle, data: Buffer, signature: Buffer): Buffer;
}

/** Not written out in the import, so that neither the compiler nor the installer insists on it. */
const PACKAGE = "pkcs11js";

/**
 * Loads the package that binds PKCS #11, on its first use. It has to be compiled, which an ordinary
 * installation does not do: few members have tokens, and few machines a compiler.
 */
export async function loadPkcs11(): Promise<Pkcs11Module> {
  try {
    const loaded = (await import(PACKAGE)) as Pkcs11Module & { default?: Pkcs11Module };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw cliErrors(
      "PKCS11_NOT_BUILT",
      "keys on tokens need the package pkcs11js, which has not been compiled here",
      {
        hint: "With a C++ compiler, make and Python run `npm explore pkcs11js -- npm run build` in the repository; or sign in two steps with `ccfctl sign prepare` and `ccfctl sign finish`.",
        cause,
      },
    );
  }
}
