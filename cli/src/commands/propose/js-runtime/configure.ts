// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import { proposeCommand } from "../../../propose-command.js";

const limit = Flags.integer;

export default proposeCommand({
  action: "set_js_runtime_options",
  summary: "Propose the limits of JavaScript.",
  examples: [
    "<%= config.bin %> propose js-runtime configure --max-heap-bytes 104857600 --max-stack-bytes 1048576 --max-execution-time-ms 5000",
  ],
  flags: {
    "max-heap-bytes": limit({
      required: true,
      min: 1,
      helpValue: "N",
      description: "memory of one evaluation",
    }),
    "max-stack-bytes": limit({
      required: true,
      min: 1,
      helpValue: "N",
      description: "stack of one evaluation",
    }),
    "max-execution-time-ms": limit({
      required: true,
      min: 1,
      helpValue: "N",
      description: "time of one evaluation",
    }),
    "max-cached-interpreters": limit({
      min: 0,
      helpValue: "N",
      description: "interpreters kept ready",
    }),
    "log-exception-details": Flags.boolean({
      allowNo: true,
      description: "write exceptions to the log",
    }),
    "return-exception-details": Flags.boolean({
      allowNo: true,
      description: "send exceptions to callers",
    }),
  },
  build({ flags }) {
    const {
      "max-cached-interpreters": cached,
      "log-exception-details": logDetails,
      "return-exception-details": returnDetails,
    } = flags;
    return {
      max_heap_bytes: flags["max-heap-bytes"],
      max_stack_bytes: flags["max-stack-bytes"],
      max_execution_time_ms: flags["max-execution-time-ms"],
      ...(logDetails === undefined ? {} : { log_exception_details: logDetails }),
      ...(returnDetails === undefined ? {} : { return_exception_details: returnDetails }),
      ...(cached === undefined ? {} : { max_cached_interpreters: cached }),
    };
  },
});
