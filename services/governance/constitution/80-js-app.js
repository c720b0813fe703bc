// SPDX-License-Identifier: Apache-2.0

/* The application in JavaScript: modules, endpoints, and what the interpreter may use. */

const appModules = textTable("public:ccf.gov.modules");
const appBytecode = textTable("public:ccf.gov.modules_quickjs_bytecode");
const appBytecodeVersion = textTable("public:ccf.gov.modules_quickjs_version");
const appEndpoints = jsonTable("public:ccf.gov.endpoints");
const interpreterFlush = jsonValue("public:ccf.gov.interpreter.flush");
const jsRuntimeOptions = jsonValue("public:ccf.gov.js_runtime_options");

const checkMode = oneOf("readwrite", "readonly", "historical");
const checkForwarding = oneOf("sometimes", "always", "never");
const checkRedirection = oneOf("none", "to_primary", "to_backup");
const checkAmount = integerFrom(0);

defineAction("set_js_app", {
  validate({ bundle, disable_bytecode_cache }) {
    checkObject(bundle, "bundle");
    const { metadata, modules } = bundle;
    const moduleNames = checkModules(modules, "bundle.modules");
    checkObject(metadata, "bundle.metadata");
    checkObject(metadata.endpoints, "bundle.metadata.endpoints");
    for (const [where, endpoint] of endpointsOf(metadata.endpoints)) {
      checkEndpoint(endpoint, where);
      demand(
        moduleNames.has(endpoint.js_module),
        `${where}.js_module ${endpoint.js_module} is not in bundle.modules`,
      );
    }
    checkOptional(checkBoolean, disable_bytecode_cache, "disable_bytecode_cache");
  },
  apply({ bundle, disable_bytecode_cache }) {
    appModules.clear();
    appEndpoints.clear();
    for (const { name, module } of bundle.modules) appModules.write(`/${name}`, module);
    for (const [path, methods] of Object.entries(bundle.metadata.endpoints)) {
      for (const [method, endpoint] of Object.entries(methods)) {
        const js_module = `/${endpoint.js_module}`;
        appEndpoints.write(`${method.toUpperCase()} ${path}`, { ...endpoint, js_module });
      }
    }
    if (disable_bytecode_cache) clearBytecode();
    else ccf.refreshAppBytecodeCache();
    interpreterFlush.write(true);
  },
});

/** @returns {Set<string>} the names of the modules */
function checkModules(modules, name) {
  checkArray(modules, name);
  for (const [index, entry] of modules.entries()) {
    checkObject(entry, `${name}[${index}]`);
    checkString(entry.name, `${name}[${index}].name`);
    checkString(entry.module, `${name}[${index}].module`);
  }
  return new Set(modules.map((entry) => entry.name));
}

/** Every endpoint, with its place in the arguments. */
function* endpointsOf(endpoints) {
  for (const [path, methods] of Object.entries(endpoints)) {
    const where = `bundle.metadata.endpoints["${path}"]`;
    checkObject(methods, where);
    for (const [method, endpoint] of Object.entries(methods)) {
      yield [`${where}["${method}"]`, endpoint];
    }
  }
}

/** @type {Check} */
function checkEndpoint(endpoint, name) {
  checkObject(endpoint, name);
  checkString(endpoint.js_module, `${name}.js_module`);
  checkString(endpoint.js_function, `${name}.js_function`);
  checkMode(endpoint.mode, `${name}.mode`);
  checkForwarding(endpoint.forwarding_required, `${name}.forwarding_required`);
  checkOptional(checkRedirection, endpoint.redirection_strategy, `${name}.redirection_strategy`);
  checkOptional(checkObject, endpoint.openapi, `${name}.openapi`);
  checkOptional(checkBoolean, endpoint.openapi_hidden, `${name}.openapi_hidden`);
  checkArray(endpoint.authn_policies, `${name}.authn_policies`);
  for (const [index, policy] of endpoint.authn_policies.entries()) {
    checkAuthenticationPolicy(policy, `${name}.authn_policies[${index}]`);
  }
}

/** The name of a policy, or of several that must all hold. @type {Check} */
function checkAuthenticationPolicy(policy, name) {
  if (typeof policy === "string") return;
  checkObject(policy, name);
  checkArray(policy.all_of, `${name}.all_of`);
  for (const [index, part] of policy.all_of.entries()) {
    checkString(part, `${name}.all_of[${index}]`);
  }
}

defineBareAction("remove_js_app", {
  validate: checkNothing,
  apply() {
    appModules.clear();
    appEndpoints.clear();
    clearBytecode();
    interpreterFlush.clear();
  },
});

function clearBytecode() {
  appBytecode.clear();
  appBytecodeVersion.clear();
}

// Negative amounts are refused, which CCF takes: its nodes and ours could not read the row again.
defineAction("set_js_runtime_options", {
  validate(options) {
    for (const name of ["max_heap_bytes", "max_stack_bytes", "max_execution_time_ms"]) {
      checkAmount(options[name], name);
    }
    checkOptional(checkBoolean, options.log_exception_details, "log_exception_details");
    checkOptional(checkBoolean, options.return_exception_details, "return_exception_details");
    checkOptional(checkAmount, options.max_cached_interpreters, "max_cached_interpreters");
  },
  apply(options) {
    jsRuntimeOptions.write(withoutNulls(options));
  },
});

defineBareAction("refresh_js_app_bytecode_cache", {
  validate: checkNothing,
  apply() {
    ccf.refreshAppBytecodeCache();
  },
});
