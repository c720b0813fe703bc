// SPDX-License-Identifier: Apache-2.0
const endpointChecks = {
  js_module: string,
  js_function: string,
  mode: oneOf("readwrite", "readonly", "historical"),
  forwarding_required: oneOf("sometimes", "always", "never"),
  redirection_strategy: (value, name) => {
    if (value !== undefined) oneOf("none", "to_primary", "to_backup")(value, name);
  },
  authn_policies: authenticationPolicies,
  openapi: optional(object),
  openapi_hidden: optional(boolean),
};

function authenticationPolicies(value, name) {
  array(value, name);
  value.forEach((policy, index) => {
    if (typeof policy === "string") return;
    if (!isObject(policy)) fail(`${name}[${index}] must be a string or an object`);
    array(policy.all_of, `${name}[${index}].all_of`);
    policy.all_of.forEach((part, place) => string(part, `${name}[${index}].all_of[${place}]`));
  });
}

function bundle(value, name) {
  object(value, name);
  array(value.modules, `${name}.modules`);
  const modules = new Set();
  value.modules.forEach((module, index) => {
    object(module, `${name}.modules[${index}]`);
    string(module.name, `${name}.modules[${index}].name`);
    string(module.module, `${name}.modules[${index}].module`);
    modules.add(module.name);
  });
  object(value.metadata, `${name}.metadata`);
  object(value.metadata.endpoints, `${name}.metadata.endpoints`);
  for (const [url, methods] of Object.entries(value.metadata.endpoints)) {
    object(methods, `${name}.metadata.endpoints["${url}"]`);
    for (const [method, endpoint] of Object.entries(methods)) {
      checkEndpoint(endpoint, `${name}.metadata.endpoints["${url}"]["${method}"]`, modules);
    }
  }
}

function checkEndpoint(endpoint, name, modules) {
  object(endpoint, name);
  for (const [part, check] of Object.entries(endpointChecks))
    check(endpoint[part], `${name}.${part}`);
  if (!modules.has(endpoint.js_module))
    fail(`${name}.js_module: module '${endpoint.js_module}' not found in bundle`);
}

action("set_js_app", {
  args: { bundle, disable_bytecode_cache: optional(boolean) },
  apply({ bundle: app, disable_bytecode_cache }) {
    const modules = table("modules");
    const endpoints = table("endpoints");
    modules.clear();
    endpoints.clear();
    for (const { name, module } of app.modules)
      modules.set(ccf.strToBuf(`/${name}`), ccf.strToBuf(module));
    if (disable_bytecode_cache) clearBytecode();
    else ccf.refreshAppBytecodeCache();
    writeSingleton("interpreter.flush", true);
    for (const [url, methods] of Object.entries(app.metadata.endpoints)) {
      for (const [method, endpoint] of Object.entries(methods)) {
        const row = { ...endpoint, js_module: `/${endpoint.js_module}` };
        writeRow("endpoints", `${method.toUpperCase()} ${url}`, row);
      }
    }
  },
});

function clearBytecode() {
  table("modules_quickjs_bytecode").clear();
  table("modules_quickjs_version").clear();
}

action("remove_js_app", {
  apply() {
    for (const name of ["modules", "endpoints", "interpreter.flush"]) table(name).clear();
    clearBytecode();
  },
});

action("refresh_js_app_bytecode_cache", {
  apply() {
    ccf.refreshAppBytecodeCache();
  },
});

action("set_js_runtime_options", {
  args: {
    max_heap_bytes: integerBetween(0),
    max_stack_bytes: integerBetween(0),
    max_execution_time_ms: integerBetween(0),
    log_exception_details: optional(boolean),
    return_exception_details: optional(boolean),
    max_cached_interpreters: optional(integerBetween(0)),
  },
  apply(args) {
    writeSingleton("js_runtime_options", args);
  },
});
