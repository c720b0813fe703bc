// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { explore, walk } from "./explore.js";
import { MUTATIONS } from "./scenarios.js";

const STATES_MAX = 200_000;

describe("The checker finds what goes wrong", () => {
  for (const { scenario, violation, off } of MUTATIONS) {
    it(`${scenario.name}: ${violation}`, (context) => {
      const { states, finding } = explore(scenario, STATES_MAX);
      context.diagnostic(`${states} states, ${finding?.steps.length ?? 0} steps`);
      assert.equal(finding?.violation, violation, `nothing found without ${off.join(" and ")}`);
    });
  }

  it("on a random walk too", () => {
    const { scenario, violation } = MUTATIONS.find(
      ({ off }) => off[0] === "majorityIsMoreThanHalf",
    )!;
    const { finding } = walk(scenario, { seed: 1, steps: 20_000, lengthMax: 100 });
    assert.equal(finding?.violation, violation);
  });
});
