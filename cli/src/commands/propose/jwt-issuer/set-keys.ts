// SPDX-License-Identifier: Apache-2.0
import { asObject, fileArgument, textArgument } from "../../../flags/action-arguments.js";
import { readInputJson } from "../../../input/read-input.js";
import type { Json } from "../../../json.js";
import { proposeCommand } from "../../../propose-command.js";

export default proposeCommand({
  action: "set_jwt_public_signing_keys",
  summary: "Propose the keys of a known issuer.",
  examples: ["<%= config.bin %> propose jwt-issuer set-keys https://login.example.com keys.json"],
  args: {
    issuer: textArgument("issuer, as in the tokens"),
    jwks: fileArgument("file with the keys (JSON Web Key Set)"),
  },
  build: async ({ args }) => ({
    issuer: args.issuer,
    jwks: asObject((await readInputJson(args.jwks)) as Json, args.jwks),
  }),
});
