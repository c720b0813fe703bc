// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { identityFlags, serviceFlags, waitTimeoutFlag } from "./common.js";

/** What every `propose` command takes beside the arguments of its action. */
export const proposeFlags = {
  ...serviceFlags,
  ...identityFlags,
  yes: Flags.boolean({
    char: "y",
    helpGroup: "PROPOSAL",
    description: "do not ask before signing",
  }),
  "dry-run": Flags.boolean({
    helpGroup: "PROPOSAL",
    description: "print the proposal and send nothing",
  }),
  wait: Flags.boolean({
    helpGroup: "PROPOSAL",
    description: "wait until the proposal is accepted; fail when it ends otherwise",
  }),
  "wait-timeout": waitTimeoutFlag({ helpGroup: "PROPOSAL" }),
  "created-at": Flags.integer({
    helpGroup: "PROPOSAL",
    helpValue: "SECONDS",
    min: 0,
    description: "time of signing, seconds since 1970, instead of now",
  }),
};
