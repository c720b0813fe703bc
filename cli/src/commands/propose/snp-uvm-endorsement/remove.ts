// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "remove_snp_uvm_endorsement",
  summary: "Propose that a utility VM endorsement is no longer accepted.",
  examples: [
    "<%= config.bin %> propose snp-uvm-endorsement remove --did did:x509:0:sha256:I__iuL25oXEVFdTP_aBLx_eT1RPHbCQ_ECBQfYZpt9s --feed ContainerPlat-AMD-UVM",
  ],
  flags: {
    did: Flags.string({ required: true, description: "issuer of the endorsement" }),
    feed: Flags.string({ required: true, description: "what it endorses" }),
  },
  build: ({ flags }) => ({ did: flags.did, feed: flags.feed }),
});
