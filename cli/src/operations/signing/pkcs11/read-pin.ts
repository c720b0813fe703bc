// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { cliErrors } from "../../../errors.js";
import type { Pkcs11Uri } from "../../../input/pkcs11-uri.js";

const ENTER = /[\r\n]/;
const INTERRUPT = "\u0003";
const ERASE = new Set(["\u007F", "\b"]);

/** The PIN from its file, or asked for where somebody can answer. It is not shown. */
export async function readPin({ pinFile, token }: Pkcs11Uri): Promise<string> {
  if (pinFile === undefined) return askHidden(`PIN of ${token ?? "the token"}: `);
  try {
    return (await readFile(pinFile, "utf8")).replace(/\r?\n$/, "");
  } catch (cause) {
    throw cliErrors("FILE_NOT_READABLE", `cannot read the file of the PIN, ${pinFile}`, {
      details: { file: pinFile },
      hint: "Check pin-source= of the key.",
      cause,
    });
  }
}

function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) {
    throw cliErrors("INVALID_INPUT", "nobody is there to be asked for the PIN of the token", {
      hint: "Name a file with the PIN: pin-source=file:/… in the key's URI.",
    });
  }
  stderr.write(question);
  stdin.setRawMode(true).setEncoding("utf8").resume();
  return new Promise((resolve, reject) => {
    let pin = "";
    const stop = (): void => {
      stdin.off("data", take).setRawMode(false).pause();
      stderr.write("\n");
    };
    const take = (typed: string): void => {
      for (const character of typed) {
        if (character === INTERRUPT) {
          stop();
          reject(cliErrors("CONFIRMATION_REFUSED", "nothing was signed"));
          return;
        }
        if (ENTER.test(character)) {
          stop();
          resolve(pin);
          return;
        }
        pin = ERASE.has(character) ? pin.slice(0, -1) : pin + character;
      }
    };
    stdin.on("data", take);
  });
}
