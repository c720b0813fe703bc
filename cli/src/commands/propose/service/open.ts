// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { cliErrors } from "../../../errors.js";
import { readCertificate } from "../../../input/certificate.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "transition_service_to_open",
  summary: "Propose to open the service to its users.",
  description:
    "Proposes the action transition_service_to_open. It names the service certificate, so that nobody can open another service with the same votes. After a recovery, name the previous one too.",
  examples: [
    "<%= config.bin %> propose service open",
    "<%= config.bin %> propose service open --next-identity service_cert.pem --previous-identity old_service_cert.pem",
  ],
  flags: {
    "next-identity": Flags.string({
      helpValue: "FILE",
      description: "service certificate [default: the context's]",
    }),
    "previous-identity": Flags.string({
      helpValue: "FILE",
      description: "service certificate before the recovery",
    }),
  },
  async build({ flags, context }) {
    const next = flags["next-identity"] ?? flags.cacert ?? (await context()).serviceCertificate;
    const previous = flags["previous-identity"];
    if (next === undefined) {
      throw cliErrors("CONTEXT_INCOMPLETE", "no service certificate is known", {
        hint: "Give --next-identity FILE.",
      });
    }
    return {
      next_service_identity: (await readCertificate(next)).pem,
      ...(previous === undefined
        ? {}
        : { previous_service_identity: (await readCertificate(previous)).pem }),
    };
  },
});
