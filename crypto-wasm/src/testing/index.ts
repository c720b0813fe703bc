// SPDX-License-Identifier: Apache-2.0
export { type CborItem, readCbor, writeCbor } from "./cbor-item.js";
export { fuzz, type FuzzOptions } from "./fuzz.js";
export { mutateBytes, mutateCbor } from "./mutate-cbor.js";
export { pick, type Random, seededRandom } from "./random.js";
