// SPDX-License-Identifier: Apache-2.0
const GOVERNANCE = "public:ccf.gov.";
const INTERNAL = "public:ccf.internal.";
/** The key of tables that hold one row. */
const SINGLETON = new ArrayBuffer(8);
/** The value of tables that are sets. */
const IN_SET = new ArrayBuffer(8);

function table(name) {
  return ccf.kv[GOVERNANCE + name];
}

function readJson(map, key) {
  const value = map.get(key);
  return value === undefined ? undefined : ccf.bufToJsonCompatible(value);
}

function readRow(name, id) {
  return readJson(table(name), ccf.strToBuf(id));
}

function writeRow(name, id, value) {
  table(name).set(ccf.strToBuf(id), ccf.jsonCompatibleToBuf(value));
}

function readSingleton(name, what) {
  const value = readJson(table(name), SINGLETON);
  if (value === undefined) fail(`${what} could not be found`);
  return value;
}

function writeSingleton(name, value) {
  table(name).set(SINGLETON, ccf.jsonCompatibleToBuf(value));
}

function serviceConfiguration() {
  return readSingleton("service.config", "Service configuration");
}

function serviceInformation() {
  return readSingleton("service.info", "Service information");
}

/**
 * What is decided changes what the other open proposals mean, so that those who voted for them
 * would get something else: they have to be proposed again.
 */
function dropOtherProposals(proposalId) {
  const proposals = table("proposals_info");
  const open = [];
  proposals.forEach((value, key) => {
    const info = ccf.bufToJsonCompatible(value);
    if (ccf.bufToStr(key) !== proposalId && info.state === "Open") open.push([key, info]);
  });
  for (const [key, info] of open) {
    info.state = "Dropped";
    proposals.set(key, ccf.jsonCompatibleToBuf(info));
  }
}
