// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Tools } from "./tools.js";

const MODULES = [
  process.env["SOFTHSM2_MODULE"] ?? "",
  "/usr/lib/softhsm/libsofthsm2.so",
  "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
  "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
  "/usr/lib64/softhsm/libsofthsm2.so",
  "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];
const SECURITY_OFFICER_PIN = "5678";

/** SoftHSM with tokens in a folder of its own. */
export class SoftHsm {
  /** The library that talks to the tokens. */
  readonly module: string;
  /** What programs that load the module must have in their environment. */
  readonly env: { readonly SOFTHSM2_CONF: string };
  readonly #tools: Tools;
  readonly #folder: string;

  private constructor(folder: string, module: string) {
    this.#folder = folder;
    this.module = module;
    this.env = { SOFTHSM2_CONF: join(folder, "softhsm2.conf") };
    this.#tools = new Tools(["env", `SOFTHSM2_CONF=${this.env.SOFTHSM2_CONF}`, "softhsm2-util"]);
  }

  /** Fails, naming what is missing, on a machine without it. */
  static async require(folder: string): Promise<SoftHsm> {
    const module = MODULES.find((path) => path !== "" && existsSync(path));
    const works = await new Tools(["softhsm2-util"]).run(["--version"]).catch(() => undefined);
    if (module === undefined || works?.exitCode !== 0) {
      throw new Error(
        "SoftHSM is missing: `apt-get install softhsm2` (or `brew install softhsm`), and name its library in SOFTHSM2_MODULE if it is somewhere else.",
      );
    }
    const tokens = join(folder, "tokens");
    await mkdir(tokens, { recursive: true });
    const hsm = new SoftHsm(folder, module);
    await writeFile(hsm.env.SOFTHSM2_CONF, `directories.tokendir = ${tokens}\nlog.level = ERROR\n`);
    return hsm;
  }

  /** A token with a PIN, which is written into a file; answers the file. */
  async createToken(label: string, pin: string): Promise<string> {
    const pins = ["--so-pin", SECURITY_OFFICER_PIN, "--pin", pin];
    await this.#tools.output(["--init-token", "--free", "--label", label, ...pins]);
    const file = join(this.#folder, `${label}.pin`);
    await writeFile(file, `${pin}\n`, { mode: 0o600 });
    return file;
  }

  /** Puts a private key (PKCS #8 in PEM) on a token. */
  async importKey(
    token: string,
    key: { file: string; label: string; id: string; pin: string },
  ): Promise<void> {
    const { file, label, id, pin } = key;
    const which = ["--token", token, "--label", label, "--id", id, "--pin", pin];
    await this.#tools.output(["--import", file, ...which]);
  }

  /** How `ccfctl` names a key on a token. */
  uri(path: string, pinFile?: string): string {
    const pin = pinFile === undefined ? "" : `&pin-source=file:${pinFile}`;
    return `pkcs11:${path}?module-path=${this.module}${pin}`;
  }
}
