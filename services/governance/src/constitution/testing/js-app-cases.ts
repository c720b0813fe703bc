// SPDX-License-Identifier: Apache-2.0
import { TABLES } from "@consortium/ledger";
import { badArguments, type BadCase, type GoodCase } from "./cases.js";
import { json } from "./state.js";
import { ONE } from "./trial.js";

const endpoint = {
  js_module: "logging.js",
  js_function: "post",
  forwarding_required: "always",
  redirection_strategy: "to_primary",
  authn_policies: ["user_cert", { all_of: ["user_cert", "member_cert"] }],
  mode: "readwrite",
  openapi: { summary: "Log" },
  openapi_hidden: false,
  unknown: null,
};
const module = { name: "logging.js", module: "export function post() {}" };
const app = {
  metadata: { endpoints: { "/log/{id}": { post: endpoint, GET: endpoint } } },
  modules: [module, { name: "lib/a.js", module: "" }],
};
const stored = json({ ...endpoint, js_module: "/logging.js" });
const olderApp = {
  [TABLES.modules]: { "/old.js": "old" },
  [TABLES.endpoints]: { "GET /old": "{}" },
  [TABLES.modulesQuickjsBytecode]: { "/old.js": "bytes" },
  [TABLES.modulesQuickjsVersion]: { [ONE]: "2024-01-13" },
  [TABLES.interpreterFlush]: { [ONE]: "true" },
};
const installed = {
  [TABLES.modules]: {
    "/old.js": null,
    "/logging.js": "export function post() {}",
    "/lib/a.js": "",
  },
  [TABLES.endpoints]: { "GET /old": null, "POST /log/{id}": stored, "GET /log/{id}": stored },
  [TABLES.modulesQuickjsBytecode]: { "/old.js": null },
  [TABLES.modulesQuickjsVersion]: { [ONE]: null },
};
const options = { max_heap_bytes: 1, max_stack_bytes: 2, max_execution_time_ms: 3 };

export const jsAppCases: readonly GoodCase[] = [
  {
    action: "set_js_app",
    args: { bundle: app },
    given: olderApp,
    writes: { ...installed, [TABLES.interpreterFlush]: { [ONE]: "true" } },
  },
  {
    action: "set_js_app",
    about: "without bytecode",
    args: { bundle: app, disable_bytecode_cache: true },
    given: olderApp,
    writes: { ...installed, [TABLES.interpreterFlush]: { [ONE]: "true" } },
  },
  {
    action: "remove_js_app",
    given: olderApp,
    writes: {
      [TABLES.modules]: { "/old.js": null },
      [TABLES.endpoints]: { "GET /old": null },
      [TABLES.modulesQuickjsBytecode]: { "/old.js": null },
      [TABLES.modulesQuickjsVersion]: { [ONE]: null },
      [TABLES.interpreterFlush]: { [ONE]: null },
    },
  },
  { action: "remove_js_app", about: "where there is none", args: {} },
  {
    action: "set_js_runtime_options",
    args: { unknown: "x", ...options, log_exception_details: true, max_cached_interpreters: 4 },
    writes: {
      [TABLES.jsRuntimeOptions]: {
        [ONE]: json({
          unknown: "x",
          ...options,
          log_exception_details: true,
          max_cached_interpreters: 4,
        }),
      },
    },
  },
  {
    action: "set_js_runtime_options",
    about: "with nulls, which are nothing",
    args: { ...options, return_exception_details: null, max_cached_interpreters: null },
    writes: { [TABLES.jsRuntimeOptions]: { [ONE]: json(options) } },
    unlikeCcf: "CCF writes the nulls, which its nodes cannot read",
  },
  { action: "refresh_js_app_bytecode_cache" },
];

const ENDPOINT = 'bundle.metadata.endpoints["/log/{id}"]["post"]';

/** The application with other fields in its endpoint. */
function appWith(fields: object): unknown {
  return { ...app, metadata: { endpoints: { "/log/{id}": { post: { ...endpoint, ...fields } } } } };
}

export const badJsApp: readonly BadCase[] = [
  ...badArguments("set_js_app", { bundle: app }, [
    ["bundle", undefined, "bundle must be an object but is missing"],
    ["bundle", { ...app, modules: {} }, "bundle.modules must be an array but is an object"],
    [
      "bundle",
      { ...app, modules: [module, 7] },
      "bundle.modules[1] must be an object but is a number",
    ],
    [
      "bundle",
      { ...app, modules: [{ module: "" }] },
      "bundle.modules[0].name must be a string but is missing",
    ],
    [
      "bundle",
      { ...app, modules: [{ name: "a" }] },
      "bundle.modules[0].module must be a string but is missing",
    ],
    ["bundle", { modules: [] }, "bundle.metadata must be an object but is missing"],
    [
      "bundle",
      { ...app, metadata: {} },
      "bundle.metadata.endpoints must be an object but is missing",
    ],
    [
      "bundle",
      { ...app, metadata: { endpoints: { "/a": 7 } } },
      'bundle.metadata.endpoints["/a"] must be an object but is a number',
    ],
    [
      "bundle",
      { ...app, metadata: { endpoints: { "/a": { get: null } } } },
      'bundle.metadata.endpoints["/a"]["get"] must be an object but is null',
    ],
    [
      "bundle",
      { ...app, modules: [] },
      `${ENDPOINT}.js_module logging.js is not in bundle.modules`,
    ],
    ["bundle", appWith({ js_module: 7 }), `${ENDPOINT}.js_module must be a string but is a number`],
    [
      "bundle",
      appWith({ js_function: undefined }),
      `${ENDPOINT}.js_function must be a string but is missing`,
    ],
    [
      "bundle",
      appWith({ mode: "write" }),
      `${ENDPOINT}.mode must be one of readwrite, readonly, historical`,
    ],
    [
      "bundle",
      appWith({ forwarding_required: undefined }),
      `${ENDPOINT}.forwarding_required must be one of sometimes, always, never`,
    ],
    [
      "bundle",
      appWith({ redirection_strategy: "anywhere" }),
      `${ENDPOINT}.redirection_strategy must be one of none, to_primary, to_backup`,
    ],
    ["bundle", appWith({ openapi: 7 }), `${ENDPOINT}.openapi must be an object but is a number`],
    [
      "bundle",
      appWith({ openapi_hidden: 1 }),
      `${ENDPOINT}.openapi_hidden must be a boolean but is a number`,
    ],
    [
      "bundle",
      appWith({ authn_policies: "user_cert" }),
      `${ENDPOINT}.authn_policies must be an array but is a string`,
    ],
    [
      "bundle",
      appWith({ authn_policies: ["a", 7] }),
      `${ENDPOINT}.authn_policies[1] must be an object but is a number`,
    ],
    [
      "bundle",
      appWith({ authn_policies: [{}] }),
      `${ENDPOINT}.authn_policies[0].all_of must be an array but is missing`,
    ],
    [
      "bundle",
      appWith({ authn_policies: [{ all_of: [null] }] }),
      `${ENDPOINT}.authn_policies[0].all_of[0] must be a string but is null`,
    ],
    ["disable_bytecode_cache", 1, "disable_bytecode_cache must be a boolean but is a number"],
  ]),
  ...badArguments("set_js_runtime_options", options, [
    ...Object.keys(options).flatMap((name): [string, unknown, string][] => [
      [name, undefined, `${name} must be an integer`],
      [name, "1", `${name} must be an integer`],
      [name, -1, `${name} must be at least 0`],
    ]),
    ["log_exception_details", 1, "log_exception_details must be a boolean but is a number"],
    ["return_exception_details", "", "return_exception_details must be a boolean but is a string"],
    ["max_cached_interpreters", 1.5, "max_cached_interpreters must be an integer"],
  ]),
];
