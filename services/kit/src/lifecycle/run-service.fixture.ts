// SPDX-License-Identifier: Apache-2.0
// A process for run-service.test.ts; what it does is named by its argument.
import { connect, createServer } from "node:net";
import { kitErrors } from "../errors/kit-errors.js";
import { runService } from "./run-service.js";

const behaviour = process.argv[2];

await runService(
  { name: "fixture", graceMs: behaviour === "unanswered" ? 10_000 : 400 },
  async ({ stack, signal }) => {
    stack.defer(() => void process.stdout.write("disposed first\n"));
    stack.defer(async () => {
      await new Promise((resolve) => setTimeout(resolve, behaviour === "slow" ? 60_000 : 10));
      process.stdout.write("disposed last\n");
    });
    if (behaviour === "no-dispose") stack.defer(() => Promise.reject(new Error("cannot dispose")));
    if (behaviour === "no-start")
      throw kitErrors("ADDRESS_IN_USE", "port taken", { hint: "Another." });
    if (behaviour === "throw-later") setTimeout(() => nobodyCatches("thrown"), 20);
    if (behaviour === "reject-later")
      setTimeout(() => void Promise.reject(new Error("rejected")), 20);
    if (behaviour === "leak") createServer().listen(0, "127.0.0.1");
    if (behaviour === "unanswered") callNobody(Number(process.argv[3]));
    signal.addEventListener("abort", () => process.stdout.write("aborted\n"));
    process.stdout.write("ready\n");
  },
);
process.stdout.write("returned\n");

/** More than a process that hangs can let wait. */
function callNobody(port: number): void {
  for (let call = 0; call < 8; call += 1) connect(port, "127.0.0.1").on("error", () => undefined);
}

function nobodyCatches(message: string): never {
  throw new Error(message);
}
