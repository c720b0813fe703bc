// SPDX-License-Identifier: Apache-2.0
action("set_constitution", {
  args: {
    constitution(value, name) {
      string(value, name);
      ccf.gov.validateConstitution(value);
    },
  },
  apply({ constitution }, proposalId) {
    writeSingleton("constitution", constitution);
    dropOtherProposals(proposalId);
  },
});
