// SPDX-License-Identifier: Apache-2.0

/*
 * Access to tables by what their rows hold. `ccf.kv` is only opened when a method is called,
 * because nothing can be read while this module is loaded.
 */

/** The key of a table that has one row: 8 bytes of zero. */
function singletonKey() {
  return new ArrayBuffer(8);
}

/** The value of a row that only says that its key is in the set. */
function setMember() {
  return new ArrayBuffer(8);
}

/**
 * Rows of JSON under keys of text.
 * @param {string} name
 */
function jsonTable(name) {
  return {
    ...textKeys(name),
    /** @param {string} key */
    read(key) {
      const bytes = ccf.kv[name].get(ccf.strToBuf(key));
      return bytes === undefined ? undefined : ccf.bufToJsonCompatible(bytes);
    },
    /**
     * @param {string} key
     * @param {unknown} row
     */
    write(key, row) {
      ccf.kv[name].set(ccf.strToBuf(key), ccf.jsonCompatibleToBuf(row));
    },
    /** All rows as they are now: what is done to the table meanwhile does not disturb. */
    entries() {
      /** @type {[string, any][]} */
      const entries = [];
      ccf.kv[name].forEach((value, key) => {
        entries.push([ccf.bufToStr(key), ccf.bufToJsonCompatible(value)]);
      });
      return entries;
    },
  };
}

/**
 * Rows of text, written as it is, under keys of text.
 * @param {string} name
 */
function textTable(name) {
  return {
    ...textKeys(name),
    /**
     * @param {string} key
     * @param {string} text
     */
    write(key, text) {
      ccf.kv[name].set(ccf.strToBuf(key), ccf.strToBuf(text));
    },
    keys() {
      /** @type {string[]} */
      const keys = [];
      ccf.kv[name].forEach((_, key) => {
        keys.push(ccf.bufToStr(key));
      });
      return keys;
    },
  };
}

/**
 * A set of texts.
 * @param {string} name
 */
function textSet(name) {
  return {
    ...textKeys(name),
    /** @param {string} key */
    add(key) {
      ccf.kv[name].set(ccf.strToBuf(key), setMember());
    },
  };
}

/**
 * One row of JSON.
 * @param {string} name
 * @param {string} [what] for the error when the row is needed and not there
 */
function jsonValue(name, what) {
  return {
    read() {
      const bytes = ccf.kv[name].get(singletonKey());
      return bytes === undefined ? undefined : ccf.bufToJsonCompatible(bytes);
    },
    need() {
      const row = this.read();
      demand(row !== undefined, `${what ?? name} could not be found`);
      return row;
    },
    /** @param {unknown} row */
    write(row) {
      ccf.kv[name].set(singletonKey(), ccf.jsonCompatibleToBuf(row));
    },
    clear() {
      ccf.kv[name].clear();
    },
  };
}

/**
 * One row of text, written as it is.
 * @param {string} name
 */
function textValue(name) {
  return {
    /** @param {string} text */
    write(text) {
      ccf.kv[name].set(singletonKey(), ccf.strToBuf(text));
    },
    remove() {
      ccf.kv[name].delete(singletonKey());
    },
  };
}

/** @param {string} name */
function textKeys(name) {
  return {
    /** @param {string} key */
    has(key) {
      return ccf.kv[name].has(ccf.strToBuf(key));
    },
    /** @param {string} key */
    remove(key) {
      ccf.kv[name].delete(ccf.strToBuf(key));
    },
    clear() {
      ccf.kv[name].clear();
    },
    isEmpty() {
      return ccf.kv[name].size === 0;
    },
  };
}

/**
 * The row with one field set, in the place it has. Safe for any name of a field.
 * @param {object} row
 * @param {string} field
 * @param {unknown} value
 */
function withField(row, field, value) {
  return Object.fromEntries(new Map(Object.entries(row)).set(field, value));
}

/**
 * @param {object} row
 * @param {string} field
 */
function withoutField(row, field) {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== field));
}

/** Readers take a field that is left out, not all take null. @param {object} row */
function withoutNulls(row) {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
