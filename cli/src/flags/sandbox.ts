// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { SANDBOX_FOLDER } from "../context/index.js";

export const sandboxDirectoryFlag = {
  dir: Flags.string({
    default: SANDBOX_FOLDER,
    helpValue: "DIR",
    description: "folder of the sandbox",
  }),
};
