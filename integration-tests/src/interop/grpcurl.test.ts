// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { Consortium } from "../harness/consortium.js";
import { requireGrpcurl, type Tools } from "../harness/tools.js";

/* A general tool finds its way through every process, with nothing but the service certificate. */

let grpcurl: Tools;
let consortium: Consortium;

before(async () => {
  grpcurl = await requireGrpcurl();
  consortium = await Consortium.start();
});
after(() => consortium?.[Symbol.asyncDispose]());

const STANDARD = ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"];
const OWN = {
  node: ["ccf.app.v1.KvService", "ccf.node.v1.JoinService", "ccf.node.v1.NodeService"],
  governance: ["ccf.governance.v1.GovernanceService"],
  recovery: ["ccf.recovery.v1.RecoveryService"],
} as const;
/** A call without arguments to every service that answers one, and something of its answer. */
const CALLS: Readonly<Record<string, [string, RegExp]>> = {
  "ccf.node.v1.NodeService": ["GetVersion", /"version"/],
  "ccf.governance.v1.GovernanceService": ["GetServiceInfo", /"status": "Open"/],
  "ccf.recovery.v1.RecoveryService": ["GetRecoveryStatus", /"recoveryThreshold": 2/],
};

for (const process of ["node", "governance", "recovery"] as const) {
  suite(`The ${process} process`, () => {
    test("lists its services, the standard ones among them", async () => {
      const services = (await run(process, [], ["list"])).trim().split("\n");
      for (const service of [...OWN[process], ...STANDARD]) {
        assert.ok(services.includes(service), `${service} is not among ${services.join(", ")}`);
      }
    });

    test("describes every method of its services", async () => {
      for (const service of OWN[process]) {
        const methods = (await run(process, [], ["list", service])).trim().split("\n");
        assert.ok(methods.length > 0);
        for (const method of methods) {
          const described = await run(process, [], ["describe", method]);
          assert.match(described, /is a method:\n/);
          const [request = ""] = /(?<=\( (stream )?\.)[\w.]+/.exec(described) ?? [];
          assert.match(await run(process, [], ["describe", request]), /is a message:\n/);
        }
      }
    });

    test("answers calls that need no identity", async () => {
      for (const service of OWN[process]) {
        const call = CALLS[service];
        if (call === undefined) continue;
        const [method, answer] = call;
        assert.match(await run(process, [], [`${service}/${method}`]), answer);
      }
    });

    test("says that it serves, as a whole and service by service", async () => {
      for (const service of ["", ...OWN[process]]) {
        const data = ["-d", JSON.stringify({ service })];
        const answer = await run(process, data, ["grpc.health.v1.Health/Check"]);
        assert.match(answer, /"status": "SERVING"/, service);
      }
    });
  });
}

suite("A user with grpcurl", () => {
  test("writes and reads a record", async () => {
    const { keyFile, certificateFile } = consortium.user;
    const identity = ["-key", keyFile, "-cert", certificateFile];
    const record = { map: "notes", key: base64("greeting") };
    const put = ["-d", JSON.stringify({ ...record, value: base64("hello") })];
    const written = await run("node", [...identity, ...put], ["ccf.app.v1.KvService/Put"]);
    assert.match(written, /"transactionId": "2\.\d+"/);
    const get = ["-d", JSON.stringify(record)];
    const read = await run("node", [...identity, ...get], ["ccf.app.v1.KvService/Get"]);
    assert.match(read, new RegExp(`"value": "${base64("hello")}"`));
  });

  test("is told in words what is wrong", async () => {
    const put = ["-d", JSON.stringify({ map: "notes", key: base64("k") })];
    const outcome = await grpcurl.run(command("node", put, ["ccf.app.v1.KvService/Put"]));
    assert.notEqual(outcome.exitCode, 0);
    assert.match(outcome.stderr, /Unauthenticated/);
    assert.match(outcome.stderr, /"reason": "INVALID_AUTHENTICATION"/);
    assert.match(outcome.stderr, /"domain": "consortium-ledger"/);
  });
});

type Process = keyof typeof OWN;

function command(process: Process, flags: readonly string[], words: readonly string[]): string[] {
  const trust = ["-cacert", consortium.serviceCertificateFile];
  return [...trust, ...flags, consortium.addresses[process].rpc, ...words];
}

async function run(process: Process, flags: string[], words: string[]): Promise<string> {
  return (await grpcurl.output(command(process, flags, words))).toString();
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
