// SPDX-License-Identifier: Apache-2.0
import { readEnvironment } from "./environment.js";
import type { Figure, Measurement } from "./figure.js";
import { FIGURES } from "./figures/index.js";
import { type Options, parseOptions } from "./options.js";
import { printMarkdown } from "./print/markdown.js";
import { printTable } from "./print/table.js";
import { SharedRigs } from "./rig.js";

/* Measures the built processes. Nothing fails here because a number is bad: the table says so. */

const USAGE = `npm run bench -- [--only NAME,…] [--seconds N] [--rounds N] [--markdown | --json]

${FIGURES.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join("\n")}
`;

const options = parseOptions(process.argv.slice(2));
const unknown = options.only.filter((name) => !FIGURES.some((figure) => figure.name === name));
if (options.help || unknown.length > 0) {
  process.stderr.write(unknown.map((name) => `there is no figure ${name}\n`).join("") + USAGE);
  process.exitCode = options.help ? 0 : 2;
} else {
  const measurements = await measureAll(options);
  const environment = readEnvironment(options.rounds, options.seconds);
  const text = {
    table: () => printTable(environment, measurements),
    markdown: () => printMarkdown(environment, measurements),
    json: () => `${JSON.stringify({ environment, measurements }, undefined, 2)}\n`,
  }[options.output]();
  process.stdout.write(text);
}

async function measureAll({ only, seconds, rounds }: Options): Promise<Measurement[]> {
  const chosen = FIGURES.filter(({ name }) => only.length === 0 || only.includes(name));
  await using rigs = new SharedRigs();
  const measurements: Measurement[] = [];
  for (const figure of chosen) {
    const say = (text: string): void => tell(figure, text);
    say(figure.about);
    measurements.push(
      ...(await measureTwice(() => figure.run({ seconds, rounds, rigs, say }), say)),
    );
  }
  return measurements;
}

/** What a busy machine broke is tried once more; then the others are worth having all the same. */
async function measureTwice(
  run: () => Promise<Measurement[]>,
  say: (text: string) => void,
): Promise<Measurement[]> {
  for (const next of ["trying again", "given up"]) {
    try {
      return await run();
    } catch (error) {
      say(`not measured, ${next}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  process.exitCode = 1;
  return [];
}

/** Progress goes beside the result. */
function tell({ name }: Figure, text: string): void {
  process.stderr.write(`${name}: ${text}\n`);
}
