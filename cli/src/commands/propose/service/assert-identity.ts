// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { cliErrors } from "../../../errors.js";
import { readCertificate } from "../../../input/certificate.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "assert_service_identity",
  summary: "Propose nothing but that this is the service meant.",
  description:
    "Proposes the action assert_service_identity, which binds a proposal to one service. Alone it only tests; it is meant to stand first in a proposal file.",
  examples: ["<%= config.bin %> propose service assert-identity --identity service_cert.pem"],
  flags: {
    identity: Flags.string({
      helpValue: "FILE",
      description: "service certificate [default: the context's]",
    }),
  },
  async build({ flags, context }) {
    const file = flags.identity ?? (await context()).serviceCertificate;
    if (file === undefined) {
      throw cliErrors("CONTEXT_INCOMPLETE", "no service certificate is known", {
        hint: "Give --identity FILE.",
      });
    }
    return { service_identity: (await readCertificate(file)).pem };
  },
});
