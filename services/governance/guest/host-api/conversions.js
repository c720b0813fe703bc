// SPDX-License-Identifier: Apache-2.0
const ccf = {};

define(ccf, "strToBuf", function strToBuf(text) {
  requireCount(arguments.length, 1);
  requireString(text, "Argument");
  return call("strToBuf", [text]);
});

define(ccf, "bufToStr", function bufToStr(buffer) {
  requireCount(arguments.length, 1);
  requireBuffer(buffer, "Argument");
  return call("bufToStr", [], buffer);
});

define(ccf, "jsonCompatibleToBuf", function jsonCompatibleToBuf(value) {
  requireCount(arguments.length, 1);
  const text = stringify(value);
  if (text === undefined) throw new TypeError("Argument cannot be represented as JSON");
  return call("strToBuf", [text]);
});

define(ccf, "bufToJsonCompatible", function bufToJsonCompatible(buffer) {
  requireCount(arguments.length, 1);
  requireBuffer(buffer, "Argument");
  return parse(call("bufToStr", [], buffer));
});

define(ccf, "pemToId", function pemToId(pem) {
  requireCount(arguments.length, 1);
  requireString(pem, "Argument");
  return call("pemToId", [pem]);
});

define(ccf, "tcbHexToPolicy", function tcbHexToPolicy(cpuid, tcb) {
  requireCount(arguments.length, 2);
  requireString(cpuid, "cpuid");
  requireString(tcb, "tcb");
  return call("tcbHexToPolicy", [cpuid, tcb]);
});

// Deprecated in CCF and without effect there as here: see determinism.js for the clock.
define(ccf, "enableUntrustedDateTime", function enableUntrustedDateTime(enabled) {
  requireCount(arguments.length, 1);
  if (typeof enabled !== "boolean") throw new TypeError("Argument must be a boolean");
  const previous = switches.untrustedDateTime;
  switches.untrustedDateTime = enabled;
  return previous;
});

define(ccf, "enableMetricsLogging", function enableMetricsLogging(enabled) {
  requireCount(arguments.length, 1);
  if (typeof enabled !== "boolean") throw new TypeError("Argument must be a boolean");
  const previous = switches.metricsLogging;
  switches.metricsLogging = enabled;
  return previous;
});

const switches = { untrustedDateTime: false, metricsLogging: false };
define(globalThis, "ccf", ccf);
