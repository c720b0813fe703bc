// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { beginsAsShown, isAsShown, readSteps, type Step } from "./page.js";
import { freeAddresses, portOf } from "./ports.js";
import { cleanEnvironment } from "./program.js";
import { Shell } from "./shell.js";
import { temporaryFolder } from "./temporary-folder.js";
import { ROOT } from "./workspace.js";

export const TUTORIAL = join(ROOT, "cli", "TUTORIAL.md");

/** The ports that the page writes; somebody may be doing the tutorial here just now. */
const PAGE_PORTS = ["8100", "8101", "8102", "8103", "8104", "8105"];

export interface TutorialOptions {
  /** Tools that are there, and where: the commands of the page are put on the path by this name. */
  readonly tools: ReadonlyMap<string, { env?: NodeJS.ProcessEnv; path?: string }>;
  /** Called with every step before it is executed. */
  readonly onStep?: (step: Step) => void;
}

/** Does everything a page says, in its order, and compares what it shows with what happens. */
export async function executeTutorial(file: string, options: TutorialOptions): Promise<Step[]> {
  await using folder = await temporaryFolder("tutorial");
  const [work, scratch] = [folder.join("consortium"), folder.join("scratch")];
  await Promise.all([mkdir(work), mkdir(scratch)]);
  const steps = readSteps(await withFreePorts(await readFile(file, "utf8")));
  await using shell = new Shell({ cwd: work, scratch, env: environment(folder.path, options) });
  const skipped: Step[] = [];
  for (const step of steps) {
    if (step.needs !== undefined && !options.tools.has(step.needs)) {
      skipped.push(step);
      continue;
    }
    options.onStep?.(step);
    await execute(shell, step);
  }
  return skipped;
}

async function execute(shell: Shell, step: Step): Promise<void> {
  const where = `line ${step.line}, "${step.section}"`;
  if (step.background) {
    assert.ok(step.expected !== undefined, `${where}: what it prints when it is ready`);
    return shell.start(step.commands, beginsAsShown(step.expected));
  }
  const printed = await shell.run(step.commands);
  if (step.expected === undefined || isAsShown(step.expected, printed)) return;
  // So that the difference is shown line by line.
  assert.equal(printed.trim(), step.expected.trim(), where);
}

async function withFreePorts(page: string): Promise<string> {
  const addresses = await freeAddresses(PAGE_PORTS.length);
  return PAGE_PORTS.reduce(
    (text, port, index) => text.replaceAll(port, String(portOf(addresses[index] ?? ""))),
    page,
  );
}

function environment(home: string, { tools }: TutorialOptions): NodeJS.ProcessEnv {
  const all = [...tools.values()];
  const paths = all.map(({ path }) => path).filter((path) => path !== undefined);
  const PATH = [join(ROOT, "node_modules", ".bin"), ...paths, process.env["PATH"] ?? ""].join(
    delimiter,
  );
  const extra = Object.assign({}, ...all.map(({ env }) => env ?? {})) as NodeJS.ProcessEnv;
  // Wide enough that no line is broken, whatever the terminal of the developer.
  return cleanEnvironment({
    XDG_CONFIG_HOME: join(home, "config"),
    COLUMNS: "160",
    ...extra,
    PATH,
  });
}
