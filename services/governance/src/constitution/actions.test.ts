// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { Sandbox } from "../sandbox/sandbox.js";
import { constitutionFiles, defaultConstitution } from "./default-constitution.js";
import { describeArgs } from "./testing/cases.js";
import { badCases, goodCases } from "./testing/all-cases.js";
import { proposalId, state } from "./testing/state.js";
import { proposalOf, Trial, withRows } from "./testing/trial.js";

/** The actions of CCF's sample constitution, and those for virtual hardware. */
const EXPECTED = [
  "add_snp_host_data",
  "add_snp_measurement",
  "add_snp_uvm_endorsement",
  "add_virtual_host_data",
  "add_virtual_measurement",
  "assert_service_identity",
  "cleanup_legacy_jwt_records",
  "refresh_js_app_bytecode_cache",
  "remove_ca_cert_bundle",
  "remove_js_app",
  "remove_jwt_issuer",
  "remove_member",
  "remove_node",
  "remove_node_join_policy",
  "remove_snp_host_data",
  "remove_snp_measurement",
  "remove_snp_minimum_tcb_version",
  "remove_snp_uvm_endorsement",
  "remove_user",
  "remove_virtual_host_data",
  "remove_virtual_measurement",
  "set_all_nodes_certificate_validity",
  "set_ca_cert_bundle",
  "set_constitution",
  "set_js_app",
  "set_js_runtime_options",
  "set_jwt_issuer",
  "set_jwt_public_signing_keys",
  "set_member",
  "set_member_data",
  "set_node_certificate_validity",
  "set_node_data",
  "set_node_join_policy",
  "set_recovery_threshold",
  "set_service_certificate_validity",
  "set_service_configuration",
  "set_snp_minimum_tcb_version",
  "set_snp_minimum_tcb_version_hex",
  "set_user",
  "set_user_data",
  "transition_node_to_trusted",
  "transition_service_to_open",
  "trigger_ledger_chunk",
  "trigger_ledger_rekey",
  "trigger_recovery_shares_refresh",
  "trigger_snapshot",
];

/** These take anything. */
const WITHOUT_CHECKS = [
  "refresh_js_app_bytecode_cache",
  "remove_js_app",
  "remove_node_join_policy",
  "trigger_ledger_chunk",
  "trigger_snapshot",
];

describe("the actions of the constitution", () => {
  let sandbox: Sandbox;
  let trial: Trial;
  before(async () => {
    sandbox = await Sandbox.start();
    trial = new Trial(sandbox, defaultConstitution());
  });
  after(() => sandbox.close());

  it("are all those of CCF, and each is tried", () => {
    const defined = constitutionFiles()
      .flatMap((file) => [...readFileSync(file, "utf8").matchAll(/^define\w*Action\("(\w+)"/gm)])
      .map(([, name = ""]) => name);
    assert.deepEqual(sorted(defined), EXPECTED);
    const tried = goodCases.map(({ action }) => action);
    assert.deepEqual(sorted(new Set(tried)), EXPECTED);
    const refused = badCases.map(({ action }) => action);
    assert.deepEqual(sorted(new Set([...refused, ...WITHOUT_CHECKS])), EXPECTED);
  });

  for (const good of goodCases) {
    const what = `${good.action} ${good.about ?? describeArgs(good.args)}`;
    it(`${good.failure === undefined ? "applies" : "fails to apply"} ${what}`, async () => {
      const given = withRows(good.given ?? {}, state);
      const proposal = proposalOf({ name: good.action, args: good.args });
      assert.deepEqual(await trial.validate(proposal, given), { valid: true, description: "" });
      const { failure, writes, effects } = await trial.apply(proposal, proposalId, given);
      if (good.failure !== undefined) {
        assert.equal(failure, `Error: ${good.action} at position 0 failed: ${good.failure}`);
        return;
      }
      assert.equal(failure, undefined);
      assert.deepEqual(writes, good.writes ?? {});
      assert.deepEqual(effects, good.effects ?? []);
    });
  }

  for (const { action, args, given, message } of badCases) {
    it(`refuses ${action} with ${describeArgs(args)}: ${String(message)}`, async () => {
      const proposal = proposalOf({ name: "trigger_snapshot" }, { name: action, args });
      const { valid, description = "" } = await trial.validate(
        proposal,
        withRows(given ?? {}, state),
      );
      assert.equal(valid, false);
      const beginning = `${action} at position 1 failed validation: `;
      assert.equal(description.slice(0, beginning.length), beginning);
      const said = description.slice(beginning.length);
      if (typeof message === "string") assert.equal(said, message);
      else assert.match(said, message);
    });
  }
});

function sorted(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => (a < b ? -1 : 1));
}
