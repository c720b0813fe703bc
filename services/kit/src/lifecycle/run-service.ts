// SPDX-License-Identifier: Apache-2.0
import { destination } from "pino";
import { createLogger, type Logger } from "../log/logger.js";

/** What a service gets to live in. */
export interface ServiceScope {
  /** Aborted by SIGTERM, SIGINT or SIGHUP, or by an error that nobody caught. */
  readonly signal: AbortSignal;
  /** What is put here is disposed in reverse order when the service stops. */
  readonly stack: AsyncDisposableStack;
  /** From here on the life cycle is logged there. */
  useLog(log: Logger): void;
}

export interface RunOptions {
  /** Named in the log until the service gives its own logger. */
  name: string;
  /** Time for an orderly stop; afterwards the process is ended. @default 15000 */
  graceMs?: number;
}

/** For answers and lines of the log that are on their way. */
const LINGER_MS = 300;
/** As Node names a connection that is being made, and the look-up of a name. */
const ATTEMPTS = new Set(["ConnectWrap", "GetAddrInfoReqWrap"]);

const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
/** The service could not start or stop in order. */
const EXIT_FAILURE = 1;
/** An error that nobody caught: a defect (`EX_SOFTWARE`). */
const EXIT_DEFECT = 70;

/**
 * Runs a process to its end: starts by `main`, waits for a signal, disposes of everything, sets the
 * exit code. A second signal ends the process at once.
 *
 * @example
 * await runService({ name: "ccf-node" }, async ({ stack, signal }) => {
 *   stack.use(await startGrpcServer(options));
 * });
 */
export async function runService(
  options: RunOptions,
  main: (scope: ServiceScope) => Promise<void>,
): Promise<void> {
  const run = new Run(options);
  const stack = new AsyncDisposableStack();
  const unhook = run.hook();
  try {
    await main({ signal: run.signal, stack, useLog: (log) => run.useLog(log) });
    await run.stopped();
  } catch (error) {
    run.fail(error, EXIT_FAILURE, "the service failed");
  }
  run.startWatchdog();
  try {
    await stack.disposeAsync();
  } catch (error) {
    run.fail(error, EXIT_FAILURE, "the service did not stop in order");
  }
  unhook();
  run.leaveUnanswered();
}

/** The signals, errors and clock of one run. */
class Run {
  readonly #controller = new AbortController();
  readonly #graceMs: number;
  #log: Logger;

  constructor(options: RunOptions) {
    this.#graceMs = options.graceMs ?? 15_000;
    this.#log = createLogger({
      name: options.name,
      format: "text",
      destination: destination({ fd: 2, sync: true }),
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  useLog(log: Logger): void {
    this.#log = log;
  }

  hook(): () => void {
    const onSignal = (name: NodeJS.Signals, number: number): void => this.#stop(name, number);
    const onDefect = (error: unknown): void => this.fail(error, EXIT_DEFECT, "uncaught error");
    for (const name of STOP_SIGNALS) process.on(name, onSignal);
    process.on("uncaughtException", onDefect);
    process.on("unhandledRejection", onDefect);
    return () => {
      for (const name of STOP_SIGNALS) process.off(name, onSignal);
      process.off("uncaughtException", onDefect);
      process.off("unhandledRejection", onDefect);
    };
  }

  async stopped(): Promise<void> {
    if (this.signal.aborted) return;
    // A pending promise alone does not keep Node alive, should the service hold nothing open itself.
    const alive = setInterval(() => undefined, 1 << 30);
    await new Promise<void>((resolve) => {
      this.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    clearInterval(alive);
  }

  fail(error: unknown, exitCode: number, message: string): void {
    process.exitCode ??= exitCode;
    this.#log.fatal({ err: error }, message);
    this.#controller.abort(error);
  }

  /** Ends the process if it has not ended by itself in time. */
  startWatchdog(): void {
    const timer = setTimeout(() => {
      this.#log.fatal({ graceMs: this.#graceMs }, "the service did not stop in time, ending it");
      process.exit(process.exitCode ?? EXIT_FAILURE);
    }, this.#graceMs);
    timer.unref();
  }

  /**
   * Everything is disposed of. An attempt to reach somebody who does not answer may go on for minutes,
   * and nobody waits for it; anything else that is left is a defect, which the watchdog reports.
   */
  leaveUnanswered(): void {
    const timer = setTimeout(() => {
      const left = process.getActiveResourcesInfo();
      if (left.some((name) => ATTEMPTS.has(name)) && !left.includes("TCPServerWrap"))
        process.exit();
    }, LINGER_MS);
    timer.unref();
  }

  #stop(name: NodeJS.Signals, number: number): void {
    if (this.signal.aborted) {
      this.#log.warn({ signal: name }, "second signal, ending at once");
      process.exit(128 + number);
    }
    this.#log.info({ signal: name }, "stopping");
    this.#controller.abort();
  }
}
