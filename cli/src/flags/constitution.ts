// SPDX-License-Identifier: Apache-2.0
import { Args } from "@oclif/core";

export const constitutionFilesArgument = Args.string({
  required: true,
  multiple: true,
  ignoreStdin: true,
  description: "files of the constitution (JavaScript)",
});
