// SPDX-License-Identifier: Apache-2.0

/* The service as a whole: its rules, its opening, its settings, its ledger. */

const constitutionText = jsonValue("public:ccf.gov.constitution");
const serviceInformation = jsonValue("public:ccf.gov.service.info", "Service information");
const serviceConfiguration = jsonValue("public:ccf.gov.service.config", "Service configuration");
const proposals = jsonTable("public:ccf.gov.proposals_info");

const checkRecoveryThreshold = integerFrom(1, 254);
const checkProposalsWindow = integerFrom(1, 10000);

/**
 * What others have voted on may mean something else after this proposal: their proposals must be
 * made anew.
 * @param {string} proposalId
 */
function dropOtherOpenProposals(proposalId) {
  for (const [id, proposal] of proposals.entries()) {
    if (id !== proposalId && proposal.state === "Open") {
      proposals.write(id, { ...proposal, state: "Dropped" });
    }
  }
}

defineAction("set_constitution", {
  validate({ constitution }) {
    checkString(constitution, "constitution");
    try {
      ccf.gov.validateConstitution(constitution);
    } catch (error) {
      throw new Error(`constitution cannot be used: ${error.message}`);
    }
  },
  apply({ constitution }, proposalId) {
    constitutionText.write(constitution);
    dropOtherOpenProposals(proposalId);
  },
});

defineAction("transition_service_to_open", {
  validate({ next_service_identity, previous_service_identity }) {
    checkCertificates(next_service_identity, "next_service_identity");
    checkOptional(checkCertificates, previous_service_identity, "previous_service_identity");
  },
  apply({ next_service_identity, previous_service_identity }) {
    const { status } = serviceInformation.need();
    demand(
      status !== "Recovering" || !isAbsent(previous_service_identity),
      "previous_service_identity is required to open a service that is recovering: " +
        "both the previous and the next service identity must be named",
    );
    ccf.node.transitionServiceToOpen(
      isAbsent(previous_service_identity) ? undefined : ccf.strToBuf(previous_service_identity),
      ccf.strToBuf(next_service_identity),
    );
  },
});

/** Binds the proposal to one service: it cannot even be made in another. */
defineAction("assert_service_identity", {
  validate({ service_identity }) {
    checkCertificates(service_identity, "service_identity");
    demand(
      serviceInformation.need().cert === service_identity,
      "service_identity is not the certificate of this service",
    );
  },
  apply() {},
});

defineAction("set_recovery_threshold", {
  validate({ recovery_threshold }) {
    checkRecoveryThreshold(recovery_threshold, "recovery_threshold");
  },
  apply({ recovery_threshold }) {
    configureService({ recovery_threshold });
  },
});

const CONFIGURABLE = [
  "reconfiguration_type",
  "recovery_threshold",
  "recent_cose_proposals_window_size",
];

defineAction("set_service_configuration", {
  validate(args) {
    for (const name of Object.keys(args)) {
      demand(
        CONFIGURABLE.includes(name),
        `${name} cannot be changed by set_service_configuration, only ${CONFIGURABLE.join(", ")}`,
      );
    }
    const { reconfiguration_type, recovery_threshold, recent_cose_proposals_window_size } = args;
    checkOptional(checkString, reconfiguration_type, "reconfiguration_type");
    checkOptional(checkRecoveryThreshold, recovery_threshold, "recovery_threshold");
    checkOptional(
      checkProposalsWindow,
      recent_cose_proposals_window_size,
      "recent_cose_proposals_window_size",
    );
  },
  apply(args) {
    configureService(withoutNulls(args));
  },
});

/** @param {Record<string, unknown>} changes */
function configureService(changes) {
  const before = serviceConfiguration.need();
  checkReconfigurationType(before.reconfiguration_type, changes.reconfiguration_type);
  const { recovery_threshold = before.recovery_threshold } = changes;
  const sharesChange = recovery_threshold !== before.recovery_threshold;
  if (sharesChange) checkThresholdReachable(recovery_threshold);
  let after = before;
  for (const name of CONFIGURABLE) {
    if (changes[name] !== undefined) after = withField(after, name, changes[name]);
  }
  serviceConfiguration.write(after);
  if (sharesChange) ccf.node.triggerRecoverySharesRefresh();
}

function checkReconfigurationType(before, after) {
  if (after === undefined || after === before) return;
  demand(
    (before ?? "OneTransaction") === "OneTransaction" && after === "TwoTransaction",
    `reconfiguration_type cannot change from ${before ?? "none"} to ${after}`,
  );
}

function checkThresholdReachable(threshold) {
  const { status } = serviceInformation.need();
  demand(
    status !== "WaitingForRecoveryShares",
    `recovery_threshold cannot change while the service is ${status}`,
  );
  if (status !== "Open") return;
  const available = countActiveRecoveryMembers();
  demand(
    threshold <= available,
    `recovery_threshold ${threshold} would be greater than the number of active recovery ` +
      `members, ${available}`,
  );
}

defineBareAction("trigger_recovery_shares_refresh", {
  validate: checkNoArgs,
  apply() {
    ccf.node.triggerRecoverySharesRefresh();
  },
});

defineBareAction("trigger_ledger_rekey", {
  validate: checkNoArgs,
  apply() {
    ccf.node.triggerLedgerRekey();
  },
});

defineBareAction("trigger_ledger_chunk", {
  validate: checkNothing,
  apply() {
    ccf.node.triggerLedgerChunk();
  },
});

defineBareAction("trigger_snapshot", {
  validate: checkNothing,
  apply() {
    ccf.node.triggerSnapshot();
  },
});
