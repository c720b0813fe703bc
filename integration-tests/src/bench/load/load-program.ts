// SPDX-License-Identifier: Apache-2.0
import { runStream, runUnary } from "./calls.js";
import { type Clients, connect } from "./connect.js";
import type { FromLoad, LoadRequest, LoadResult, ToLoad } from "./messages.js";
import { Window } from "./window.js";

/* A process of its own that makes load, told what to do by its parent. */

let clients: Clients | undefined;

process.on("message", (message: ToLoad) => {
  handle(message).then(
    (result) => answer({ kind: "done", ...(result === undefined ? {} : { result }) }),
    (error: unknown) => answer({ kind: "failed", message: String(error) }),
  );
});
// Without its parent there is nobody to work for.
process.on("disconnect", () => process.exit());

async function handle(message: ToLoad): Promise<LoadResult | undefined> {
  if (message.kind === "connect") {
    clients?.kv.close();
    clients?.node.close();
    clients = await connect(message.target);
    return undefined;
  }
  if (clients === undefined) throw new Error("not connected");
  return run(clients, message.request);
}

async function run(on: Clients, request: LoadRequest): Promise<LoadResult> {
  const window = new Window(request);
  if (request.operation === "stream") await runStream(on, request, window);
  else await runUnary(on, request, window);
  return window.result();
}

function answer(message: FromLoad): void {
  process.send?.(message);
}
