// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { TABLES } from "@consortium/ledger";
import { badArguments, type BadCase, type GoodCase } from "./cases.js";
import { dropped, json } from "./state.js";

const MEASUREMENT = "0a".repeat(48);
const POLICY = "package policy\nallow := true";
const HOST_DATA = createHash("sha256").update(POLICY).digest("hex");
const EMPTY_HOST_DATA = "0b".repeat(32);
const DID = "did:x509:0:sha256:abc::eku:1.2.3";
const SET_MEMBER = "\0".repeat(8);
const MILAN = "00a00f11";
const tcb = { boot_loader: 4, tee: 0, snp: 24, microcode: 219 };

export const attestationCases: readonly GoodCase[] = [
  {
    action: "add_virtual_measurement",
    args: { measurement: "a measurement" },
    writes: {
      [TABLES.nodesVirtualMeasurements]: { "a measurement": '"AllowedToJoin"' },
      ...dropped,
    },
  },
  {
    action: "remove_virtual_measurement",
    args: { measurement: "a measurement" },
    writes: { [TABLES.nodesVirtualMeasurements]: { "a measurement": null } },
  },
  {
    action: "add_virtual_host_data",
    args: { host_data: HOST_DATA },
    writes: { [TABLES.nodesVirtualHostData]: { [HOST_DATA]: SET_MEMBER }, ...dropped },
  },
  {
    action: "remove_virtual_host_data",
    args: { host_data: HOST_DATA },
    writes: { [TABLES.nodesVirtualHostData]: { [HOST_DATA]: null } },
  },
  {
    action: "add_snp_measurement",
    args: { measurement: MEASUREMENT },
    writes: { [TABLES.nodesSnpMeasurements]: { [MEASUREMENT]: '"AllowedToJoin"' }, ...dropped },
  },
  {
    action: "remove_snp_measurement",
    args: { measurement: MEASUREMENT },
    writes: { [TABLES.nodesSnpMeasurements]: { [MEASUREMENT]: null } },
  },
  {
    action: "add_snp_host_data",
    args: { host_data: HOST_DATA, security_policy: POLICY },
    writes: { [TABLES.nodesSnpHostData]: { [HOST_DATA]: json(POLICY) }, ...dropped },
  },
  {
    action: "add_snp_host_data",
    about: "without a policy",
    args: { host_data: EMPTY_HOST_DATA, security_policy: "" },
    writes: { [TABLES.nodesSnpHostData]: { [EMPTY_HOST_DATA]: '""' }, ...dropped },
  },
  {
    action: "remove_snp_host_data",
    args: { host_data: HOST_DATA },
    writes: { [TABLES.nodesSnpHostData]: { [HOST_DATA]: null } },
  },
  {
    action: "add_snp_uvm_endorsement",
    args: { did: DID, feed: "a feed", svn: "100" },
    writes: {
      [TABLES.nodesSnpUvmEndorsements]: { [DID]: json({ "a feed": { svn: "100" } }) },
      ...dropped,
    },
  },
  {
    action: "add_snp_uvm_endorsement",
    about: "of a feed between others",
    args: { did: DID, feed: "b", svn: "101" },
    given: {
      [TABLES.nodesSnpUvmEndorsements]: {
        [DID]: json({ a: { svn: "1" }, b: { svn: "100", more: 1 }, c: { svn: "3" } }),
      },
    },
    writes: {
      [TABLES.nodesSnpUvmEndorsements]: {
        [DID]: json({ a: { svn: "1" }, b: { svn: "101" }, c: { svn: "3" } }),
      },
      ...dropped,
    },
  },
  {
    action: "add_snp_uvm_endorsement",
    about: "of a feed with a name that objects have",
    args: { did: DID, feed: "__proto__", svn: "1" },
    writes: {
      [TABLES.nodesSnpUvmEndorsements]: { [DID]: '{"__proto__":{"svn":"1"}}' },
      ...dropped,
    },
    unlikeCcf: "CCF sets the prototype and writes nothing of it",
  },
  {
    action: "remove_snp_uvm_endorsement",
    args: { did: DID, feed: "b" },
    given: {
      [TABLES.nodesSnpUvmEndorsements]: { [DID]: json({ a: { svn: "1" }, b: { svn: "2" } }) },
    },
    writes: { [TABLES.nodesSnpUvmEndorsements]: { [DID]: json({ a: { svn: "1" } }) } },
  },
  {
    action: "remove_snp_uvm_endorsement",
    about: "of the last feed",
    args: { did: DID, feed: "a" },
    given: { [TABLES.nodesSnpUvmEndorsements]: { [DID]: json({ a: { svn: "1" } }) } },
    writes: { [TABLES.nodesSnpUvmEndorsements]: { [DID]: null } },
  },
  {
    action: "set_snp_minimum_tcb_version",
    args: { cpuid: MILAN, tcb_version: tcb },
    writes: { [TABLES.nodesSnpTcbVersions]: { [MILAN]: json(tcb) }, ...dropped },
  },
  {
    action: "set_snp_minimum_tcb_version_hex",
    args: { cpuid: MILAN, tcb_version: "db18000000000004" },
    writes: {
      [TABLES.nodesSnpTcbVersions]: { [MILAN]: json({ hexstring: "db18000000000004", ...tcb }) },
      ...dropped,
    },
  },
  {
    action: "remove_snp_minimum_tcb_version",
    args: { cpuid: MILAN },
    given: { [TABLES.nodesSnpTcbVersions]: { [MILAN]: json(tcb) } },
    writes: { [TABLES.nodesSnpTcbVersions]: { [MILAN]: null } },
  },
  {
    action: "remove_snp_minimum_tcb_version",
    about: "where there is none",
    args: { cpuid: MILAN },
    failure: `cpuid ${MILAN} has no minimum TCB version`,
  },
];

const badCpuid: [string, unknown, string][] = [
  ["cpuid", undefined, "cpuid must be a string but is missing"],
  ["cpuid", "00a00f1", "cpuid must be 8 lower-case hex digits"],
  ["cpuid", "00A00F11", "cpuid must be 8 lower-case hex digits"],
  ["cpuid", "00a00f1g", "cpuid must be 8 lower-case hex digits"],
];

function badStrings(action: string, good: Readonly<Record<string, unknown>>): readonly BadCase[] {
  return badArguments(
    action,
    good,
    Object.keys(good).flatMap((name) => [
      [name, undefined, `${name} must be a string but is missing`],
      [name, 7, `${name} must be a string but is a number`],
    ]),
  );
}

export const badAttestation: readonly BadCase[] = [
  ...badStrings("add_virtual_measurement", { measurement: "a" }),
  ...badStrings("remove_virtual_measurement", { measurement: "a" }),
  ...badStrings("add_virtual_host_data", { host_data: HOST_DATA }),
  ...badStrings("remove_virtual_host_data", { host_data: HOST_DATA }),
  ...badStrings("add_snp_measurement", { measurement: MEASUREMENT }),
  ...badStrings("remove_snp_measurement", { measurement: MEASUREMENT }),
  ...badStrings("add_snp_host_data", { host_data: HOST_DATA, security_policy: POLICY }),
  ...["", "no hex", EMPTY_HOST_DATA, `${HOST_DATA}00`].map((host_data) => ({
    action: "add_snp_host_data",
    args: { host_data, security_policy: POLICY },
    message: `host_data must be the SHA-256 digest of security_policy, which is ${HOST_DATA}`,
  })),
  ...badStrings("remove_snp_host_data", { host_data: HOST_DATA }),
  ...badStrings("add_snp_uvm_endorsement", { did: DID, feed: "a", svn: "1" }),
  ...badStrings("remove_snp_uvm_endorsement", { did: DID, feed: "a" }),
  ...badArguments("set_snp_minimum_tcb_version", { cpuid: MILAN, tcb_version: tcb }, [
    ...badCpuid,
    ["tcb_version", "db18", "tcb_version must be an object but is a string"],
    ...Object.keys(tcb).flatMap((part): [string, unknown, string][] => [
      [
        "tcb_version",
        { ...tcb, [part]: undefined },
        `tcb_version.${part} must be a number but is missing`,
      ],
      [
        "tcb_version",
        { ...tcb, [part]: "1" },
        `tcb_version.${part} must be a number but is a string`,
      ],
    ]),
  ]),
  ...badArguments(
    "set_snp_minimum_tcb_version_hex",
    { cpuid: MILAN, tcb_version: "db18000000000004" },
    [
      ...badCpuid,
      ["tcb_version", tcb, "tcb_version must be a string but is an object"],
      ["tcb_version", "db1800000000004", "tcb_version must be 16 lower-case hex digits"],
      ["tcb_version", "DB18000000000004", "tcb_version must be 16 lower-case hex digits"],
    ],
  ),
  ...badArguments("remove_snp_minimum_tcb_version", { cpuid: MILAN }, badCpuid),
];
