// SPDX-License-Identifier: Apache-2.0
const recoveryThreshold = integerBetween(1, 254);
const replayWindow = integerBetween(1, 10000);

function updateServiceConfiguration(changes) {
  const config = serviceConfiguration();
  requireReconfigurationType(
    config.reconfiguration_type,
    changes.reconfiguration_type ?? undefined,
  );
  const threshold = changes.recovery_threshold ?? config.recovery_threshold;
  const isNewThreshold = threshold !== config.recovery_threshold;
  const status = isNewThreshold ? requireThreshold(threshold) : undefined;
  for (const name of [
    "reconfiguration_type",
    "recovery_threshold",
    "recent_cose_proposals_window_size",
  ]) {
    if (changes[name] !== undefined && changes[name] !== null) config[name] = changes[name];
  }
  writeSingleton("service.config", config);
  // Before it opens there are no shares to issue again: it opens with the new threshold.
  if (isNewThreshold && status !== "Opening") ccf.node.triggerRecoverySharesRefresh();
}

function requireReconfigurationType(from, to) {
  if (to === undefined || to === from) return;
  if ((from === undefined || from === "OneTransaction") && to === "TwoTransaction") return;
  fail(`Cannot change reconfiguration_type from ${from} to ${to}`);
}

function requireThreshold(threshold) {
  const { status } = serviceInformation();
  if (status === "WaitingForRecoveryShares") {
    fail(`Cannot set recovery_threshold while the service is ${status}`);
  }
  const holders =
    status === "Open" ? activeRecoveryMemberCount() : table("members.encryption_public_keys").size;
  if (threshold > holders) {
    fail(
      `Cannot set recovery_threshold to ${threshold}: it would be greater than the number of recovery members ${holders}`,
    );
  }
  return status;
}

action("set_recovery_threshold", {
  args: { recovery_threshold: recoveryThreshold },
  apply({ recovery_threshold }) {
    updateServiceConfiguration({ recovery_threshold });
  },
});

action("set_service_configuration", {
  args: {
    reconfiguration_type: optional(oneOf("OneTransaction", "TwoTransaction")),
    recovery_threshold: optional(recoveryThreshold),
    recent_cose_proposals_window_size: optional(replayWindow),
  },
  check(args) {
    for (const name of Object.keys(args)) {
      if (!Object.hasOwn(this.args, name))
        fail(`Cannot change ${name} via set_service_configuration`);
    }
  },
  apply(args) {
    updateServiceConfiguration(args);
  },
});

action("transition_service_to_open", {
  args: { next_service_identity: certificate, previous_service_identity: optional(certificate) },
  apply({ next_service_identity, previous_service_identity }) {
    const previous = previous_service_identity ?? undefined;
    if (serviceInformation().status === "Recovering" && previous === undefined) {
      fail(
        "Opening a recovering network requires both, the previous and the next service identity",
      );
    }
    ccf.node.transitionServiceToOpen(previous, next_service_identity);
  },
});

action("assert_service_identity", {
  args: {
    service_identity(value, name) {
      certificate(value, name);
      if (serviceInformation().cert !== value) fail(`${name} is not the identity of this service`);
    },
  },
  apply() {},
});

action("trigger_ledger_rekey", {
  check: noArguments,
  apply() {
    ccf.node.triggerLedgerRekey();
  },
});

action("trigger_recovery_shares_refresh", {
  check: noArguments,
  apply() {
    ccf.node.triggerRecoverySharesRefresh();
  },
});

action("trigger_ledger_chunk", {
  apply() {
    ccf.node.triggerLedgerChunk();
  },
});

action("trigger_snapshot", {
  apply() {
    ccf.node.triggerSnapshot();
  },
});
