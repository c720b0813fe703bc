// SPDX-License-Identifier: Apache-2.0

// A decision must come out the same wherever and whenever it is made again. There is no clock: the
// time is that at which the request under way says it was created, in UTC. `Math.random` is drawn
// from the request. References that the garbage collector clears do not exist.
const clock = { now: 0 };
const HostDate = Date;
const hostDateParse = Date.parse;
const hostDateUtc = Date.UTC;
const testPattern = RegExp.prototype.test;
const WITH_ZONE = /(Z|GMT|UTC|[+-][0-9]{2}:?[0-9]{2})\s*(\(.*\))?$/i;
const DATE_ONLY = /^[+-]?[0-9]{4,6}(-[0-9]{2}){0,2}$/;
const DATE_TIME = /^[+-]?[0-9]{4,6}(-[0-9]{2}){0,2}T/;

function parseDate(text) {
  text = `${text}`;
  if (apply(testPattern, DATE_ONLY, [text]) || apply(testPattern, WITH_ZONE, [text]))
    return hostDateParse(text);
  return apply(testPattern, DATE_TIME, [text]) ? hostDateParse(`${text}Z`) : NaN;
}

function dateArguments(values) {
  if (values.length === 0) return [clock.now];
  if (values.length > 1) return [apply(hostDateUtc, HostDate, values)];
  const value = values[0] instanceof HostDate ? +values[0] : values[0];
  return [typeof value === "string" ? parseDate(value) : value];
}

function DateInUtc(...values) {
  if (new.target === undefined) return new DateInUtc().toString();
  return construct(HostDate, dateArguments(values), new.target);
}
defineProperty(DateInUtc, "name", { value: "Date" });
DateInUtc.prototype = HostDate.prototype;
defineProperty(DateInUtc, "length", { value: 7 });
define(DateInUtc, "now", function now() {
  return clock.now;
});
define(DateInUtc, "parse", function parse(text) {
  return parseDate(text);
});
define(DateInUtc, "UTC", hostDateUtc);
defineProperty(DateInUtc.prototype, "constructor", {
  value: DateInUtc,
  configurable: true,
  writable: true,
});
for (const part of [
  "FullYear",
  "Month",
  "Date",
  "Day",
  "Hours",
  "Minutes",
  "Seconds",
  "Milliseconds",
]) {
  for (const verb of ["get", "set"]) {
    const inUtc = DateInUtc.prototype[`${verb}UTC${part}`];
    if (inUtc !== undefined) define(DateInUtc.prototype, `${verb}${part}`, inUtc);
  }
}
define(DateInUtc.prototype, "getTimezoneOffset", function getTimezoneOffset() {
  return 0;
});
for (const name of [
  "toString",
  "toDateString",
  "toTimeString",
  "toLocaleString",
  "toLocaleDateString",
  "toLocaleTimeString",
]) {
  define(DateInUtc.prototype, name, DateInUtc.prototype.toUTCString);
}
defineProperty(globalThis, "Date", { value: DateInUtc, configurable: true, writable: true });
define(Math, "random", function random() {
  return call("random", []);
});
delete globalThis.WeakRef;
delete globalThis.FinalizationRegistry;
