// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "add_snp_uvm_endorsement",
  summary: "Propose a utility VM endorsement that is accepted of SEV-SNP nodes.",
  examples: [
    "<%= config.bin %> propose snp-uvm-endorsement add --did did:x509:0:sha256:I__iuL25oXEVFdTP_aBLx_eT1RPHbCQ_ECBQfYZpt9s --feed ContainerPlat-AMD-UVM --svn 100",
  ],
  flags: {
    did: Flags.string({ required: true, description: "issuer of the endorsement" }),
    feed: Flags.string({ required: true, description: "what it endorses" }),
    svn: Flags.string({ required: true, description: "least security version" }),
  },
  build: ({ flags }) => ({ did: flags.did, feed: flags.feed, svn: flags.svn }),
});
