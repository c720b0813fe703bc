// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, it, type TestContext } from "node:test";
import { type Exploration, explore, walk } from "./explore.js";
import { HONEST, LARGE, ROLLED_BACK } from "./scenarios.js";

/** How many transitions each random walk may take. */
const STEPS = Number(process.env["MODEL_STEPS"] ?? 20_000);
const SEED = Number(process.env["MODEL_SEED"] ?? randomInt(2 ** 32));
/** Beyond any scenario here: those that are to be seen through are. */
const STATES_MAX = 2_000_000;

describe("Every state within the bounds keeps the invariants", () => {
  for (const scenario of HONEST) {
    it(`with ${scenario.name}, as the code is`, (context) => {
      const exploration = explore(scenario, STATES_MAX);
      judge(context, exploration);
      assert.ok(exploration.isComplete);
    });
  }
  for (const scenario of ROLLED_BACK) {
    it(`with ${scenario.name}, by all the rules`, (context) => {
      const exploration = explore(scenario, STATES_MAX);
      judge(context, exploration);
      assert.ok(exploration.isComplete);
    });
  }
});

describe("Random walks keep the invariants", () => {
  for (const scenario of LARGE) {
    it(`with ${scenario.name}`, (context) => {
      context.diagnostic(`MODEL_SEED=${SEED} MODEL_STEPS=${STEPS}`);
      judge(context, walk(scenario, { seed: SEED, steps: STEPS, lengthMax: 200 }));
    });
  }

  it("and the same seed goes the same way", () => {
    const scenario = LARGE[0]!;
    const options = { seed: 7, steps: 500, lengthMax: 100 };
    assert.deepEqual(walk(scenario, options), walk(scenario, options));
  });
});

function judge(context: TestContext, exploration: Exploration): void {
  const { states, transitions, depth, finding } = exploration;
  context.diagnostic(`${states} states, ${transitions} transitions, ${depth} deep`);
  if (finding === undefined) return;
  assert.fail([finding.violation, ...finding.steps].join("\n  "));
}
