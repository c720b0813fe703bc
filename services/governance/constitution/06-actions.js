// SPDX-License-Identifier: Apache-2.0

/**
 * What a proposal can ask for.
 * @typedef {object} Action
 * @property {(args: any) => void} validate throws an Error that names the argument at fault
 * @property {(args: any, proposalId: string) => void} apply changes the tables; throws to undo all
 */

/** A Map, so that `constructor` and the like are no actions. @type {Map<string, Action>} */
const actions = new Map();

/**
 * Adds an action. Arguments are an object, unless the action has no use for them.
 * @param {string} name
 * @param {Action} action
 */
function defineAction(name, { validate, apply }) {
  defineBareAction(name, {
    validate(args) {
      checkObject(args, "args");
      validate(args);
    },
    apply,
  });
}

/**
 * Adds an action that looks at `args` itself, because it may be missing.
 * @param {string} name
 * @param {Action} action
 */
function defineBareAction(name, action) {
  demand(!actions.has(name), `action ${name} is defined twice`);
  actions.set(name, action);
}
