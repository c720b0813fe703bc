// SPDX-License-Identifier: Apache-2.0

// Handles on maps. Making one never fails; what the context may do with the map is checked, by the
// host, at each call of a method.
const kvEntry = { DataView, readLength: DataView.prototype.getUint32 };

function requireKvCount(given, expected) {
  if (given !== expected) {
    throw new TypeError(`Passed ${given} arguments, but expected ${expected}`);
  }
}

function requireKey(key) {
  if (!isBuffer(key)) throw new TypeError("Argument must be an ArrayBuffer");
}

function kvHandle(map) {
  const handle = {};
  define(handle, "has", function has(key) {
    requireKvCount(arguments.length, 1);
    requireKey(key);
    return call("kv.has", [map], key);
  });
  define(handle, "get", function get(key) {
    requireKvCount(arguments.length, 1);
    requireKey(key);
    return call("kv.get", [map], key);
  });
  define(handle, "getVersionOfPreviousWrite", function getVersionOfPreviousWrite(key) {
    requireKvCount(arguments.length, 1);
    requireKey(key);
    return call("kv.getVersionOfPreviousWrite", [map], key);
  });
  define(handle, "set", function set(key, value) {
    requireKvCount(arguments.length, 2);
    if (!isBuffer(key) || !isBuffer(value)) throw new TypeError("Arguments must be ArrayBuffers");
    call("kv.set", [map], key, value);
    return this;
  });
  define(handle, "delete", function (key) {
    requireKvCount(arguments.length, 1);
    requireKey(key);
    call("kv.delete", [map], key);
  });
  define(handle, "clear", function clear() {
    requireKvCount(arguments.length, 0);
    call("kv.clear", [map]);
  });
  define(handle, "forEach", function forEach(callback) {
    requireKvCount(arguments.length, 1);
    if (typeof callback !== "function") throw new TypeError("Argument must be a function");
    visitEntries(call("kv.entries", [map]), this, callback);
  });
  defineProperty(handle, "size", {
    get() {
      return call("kv.size", [map]);
    },
    enumerable: true,
    configurable: true,
  });
  return handle;
}

/** The host packs the entries: length of key, key, length of value, value, and so on. */
function visitEntries(packed, handle, callback) {
  const lengths = construct(kvEntry.DataView, [packed]);
  const end = apply(bufferLength, packed, []);
  let offset = 0;
  function take() {
    const start = offset + 4;
    offset = start + apply(kvEntry.readLength, lengths, [offset, true]);
    return apply(sliceBuffer, packed, [start, offset]);
  }
  while (offset < end) {
    const key = take();
    callback(take(), key, handle);
  }
}

const kv = new Proxy(
  {},
  {
    get(_, map) {
      return typeof map === "string" ? kvHandle(map) : undefined;
    },
    has(_, map) {
      return typeof map === "string";
    },
    set() {
      return false;
    },
    defineProperty() {
      return false;
    },
  },
);
define(ccf, "kv", kv);
