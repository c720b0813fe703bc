// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, fork, type Serializable } from "node:child_process";

/** A program of ours in a process of its own, which answers one message with one. */
export class Child<Request extends Serializable, Answer> implements Disposable {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static start<Request extends Serializable, Answer>(program: URL): Child<Request, Answer> {
    return new Child(
      fork(program, { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: [] }),
    );
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const exited = (code: number | null): void => reject(new Error(`ended with ${code}`));
      this.#process.once("exit", exited);
      this.#process.once("message", (answer) => {
        this.#process.off("exit", exited);
        resolve(answer as Answer);
      });
      this.#process.send(request);
    });
  }

  [Symbol.dispose](): void {
    this.#process.kill("SIGKILL");
  }
}
