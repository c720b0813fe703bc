// SPDX-License-Identifier: Apache-2.0
import { governanceErrors } from "../errors.js";
import { Sandbox } from "../sandbox/sandbox.js";

const WAITING_MAX = 8;

/**
 * Previews are free for everybody, so they have a thread of their own, which is started when it is
 * first needed: whatever is previewed, proposals and votes do not wait for it.
 */
export class PreviewSandbox implements AsyncDisposable {
  #sandbox: Promise<Sandbox> | undefined;
  #waiting = 0;

  async run<T>(action: (sandbox: Sandbox) => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_MAX) {
      throw governanceErrors("TOO_MANY_PREVIEWS", `${WAITING_MAX} previews are waiting already`, {
        retryAfterMs: 1_000,
      });
    }
    this.#waiting += 1;
    try {
      this.#sandbox ??= Sandbox.start();
      return await action(await this.#sandbox);
    } finally {
      this.#waiting -= 1;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#sandbox?.catch(() => undefined))?.close();
  }
}
