// SPDX-License-Identifier: Apache-2.0

/** The limits in `public:ccf.gov.js_runtime_options`. */
export interface JsRuntimeOptions {
  readonly max_heap_bytes: number;
  readonly max_stack_bytes: number;
  readonly max_execution_time_ms: number;
}
