// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";

/** Who owns the database; a password never stands on the command line. */
export const adminFlags = {
  "admin-url-file": Flags.string({
    helpValue: "FILE",
    description:
      "file with the connection string of the database's owner [default: the environment's CCFCTL_ADMIN_URL]",
  }),
};
