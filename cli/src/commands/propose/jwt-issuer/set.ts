// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { cliErrors } from "../../../errors.js";
import { asObject, textArgument } from "../../../flags/action-arguments.js";
import { readInputJson } from "../../../input/read-input.js";
import type { Json } from "../../../json.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_jwt_issuer",
  summary: "Propose an issuer whose tokens are accepted.",
  examples: [
    "<%= config.bin %> propose jwt-issuer set https://login.example.com --auto-refresh --ca-bundle jwt-issuers",
    "<%= config.bin %> propose jwt-issuer set https://login.example.com --jwks keys.json",
  ],
  flags: {
    "auto-refresh": Flags.boolean({
      dependsOn: ["ca-bundle"],
      description: "fetch the issuer's keys regularly",
    }),
    "ca-bundle": Flags.string({
      helpValue: "NAME",
      description: "CA bundle by which the issuer's server is recognised",
    }),
    jwks: Flags.string({ helpValue: "FILE", description: "keys of the issuer (JSON Web Key Set)" }),
  },
  args: { issuer: textArgument("issuer, as in the tokens") },
  async build({ args, flags }) {
    const { "auto-refresh": autoRefresh, "ca-bundle": bundle, jwks } = flags;
    if (autoRefresh && !isPlainHttps(args.issuer)) {
      throw cliErrors(
        "INVALID_INPUT",
        "issuer must be an https URL without query and fragment to be refreshed",
        {
          details: { argument: "issuer" },
        },
      );
    }
    return {
      issuer: args.issuer,
      ...(autoRefresh ? { auto_refresh: true } : {}),
      ...(bundle === undefined ? {} : { ca_cert_bundle_name: bundle }),
      ...(jwks === undefined ? {} : { jwks: asObject((await readInputJson(jwks)) as Json, jwks) }),
    };
  },
});

function isPlainHttps(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.protocol === "https:" && url.search === "" && url.hash === "";
}
