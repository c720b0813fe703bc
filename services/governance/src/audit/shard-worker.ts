// SPDX-License-Identifier: Apache-2.0
import { parentPort, workerData } from "node:worker_threads";
import { decodeEntry } from "@consortium/ledger";
import { Rehearsal } from "../rehearse/rehearsal.js";
import { Sandbox } from "../sandbox/sandbox.js";
import { Auditor, type AuditedEntry, type ReadVersion, type Verdict } from "./auditor.js";
import { ConstantBallots } from "./constant-ballots.js";
import { LocalSandbox } from "./local-sandbox.js";
import type {
  ShardBatch,
  ShardMessage,
  ShardOrder,
  ShardStart,
  ShardVerdict,
} from "./shard-protocol.js";

type Judge = (
  entry: AuditedEntry,
  readVersion?: ReadVersion,
) => Promise<Verdict & Partial<ShardVerdict>>;

/** A thread that makes its part of the requests again. */
async function main({ task, shared, isCareful }: ShardStart): Promise<void> {
  const sandbox = isCareful ? await Sandbox.start() : await LocalSandbox.create(watchIn(shared));
  const auditor = new Auditor(new ConstantBallots(sandbox));
  const rehearsal =
    task.kind === "rehearse" ? new Rehearsal(sandbox, auditor.state, task.constitution) : undefined;
  const judge: Judge = (entry, readVersion) =>
    rehearsal === undefined
      ? auditor.check(entry, readVersion)
      : rehearsal.check(entry, readVersion);
  let queue = Promise.resolve();
  const obey = async (order: ShardOrder): Promise<ShardMessage> => {
    if (order.kind === "judge") return judgeBatch(order.batch, auditor, judge);
    return { kind: "concluded", conclusion: await rehearsal?.conclude() };
  };
  parentPort?.on("message", (order: ShardOrder) => {
    queue = queue
      .then(async () => send(await obey(order)))
      .catch((error: unknown) => send({ kind: "failed", message: String(error) }));
  });
}

async function judgeBatch(
  { bytes, items }: ShardBatch,
  auditor: Auditor,
  judge: Judge,
): Promise<ShardMessage> {
  const verdicts: ShardVerdict[] = [];
  for (const { offset, isOwn, readVersion } of items) {
    const entry = decodeEntry(bytes, offset);
    const { seqno, view } = entry;
    if (isOwn) {
      const verdict = await judge(entry, readVersion);
      const { request, complaints, remarks } = verdict;
      if (request !== undefined || complaints.length > 0 || remarks.length > 0)
        verdicts.push({ seqno, view, ...verdict });
    }
    auditor.apply(entry);
  }
  return { kind: "judged", lastSeqno: auditor.state.seqno, verdicts };
}

function watchIn(shared: Int32Array): { begin(allowedMs: number): void; end(): void } {
  return {
    begin(allowedMs) {
      Atomics.add(shared, 0, 1);
      Atomics.store(shared, 1, allowedMs);
    },
    end: () => void Atomics.store(shared, 1, 0),
  };
}

function send(message: ShardMessage): void {
  parentPort?.postMessage(message);
}

main(workerData as ShardStart).catch((error: unknown) => {
  send({ kind: "failed", message: String(error) });
});
