// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { isAppError } from "../../errors/app-error.js";
import { createClient } from "../client/create-client.js";
import type { RpcChannel, ServiceShape } from "../client/service-types.js";
import { type GrpcServer, startGrpcServer } from "../server/grpc-server.js";
import { identity, testServices } from "../test-fixture.js";
import { definitionOf, loadRegistry } from "./registry.js";

const server = identity();
let running: GrpcServer;

before(async () => {
  const { services } = testServices();
  running = await startGrpcServer({ address: "127.0.0.1:0", credentials: server, services });
});
after(() => running.close(0));

interface HealthStatus {
  status: number;
}

interface HealthClient extends RpcChannel {
  check(request: { service: string }): Promise<HealthStatus>;
  list(request: object): Promise<{ statuses: Record<string, HealthStatus> }>;
  watch(request: { service: string }): AsyncIterable<HealthStatus>;
}

/** A client of a service that only its descriptor tells of, as grpcurl is one. */
function clientOf<Shape>(typeName: string): Shape {
  const service = definitionOf(loadRegistry(), typeName) as unknown as ServiceShape;
  return createClient(
    { service, serviceName: typeName },
    { address: running.address, pinnedCertificate: server.cert },
  ) as Shape;
}

describe("the health service", () => {
  it("says that the server and each service serve, and follows what is set", async () => {
    using client = clientOf<HealthClient>("grpc.health.v1.Health");
    for (const service of ["", "ccf.node.v1.NodeService"]) {
      assert.equal((await client.check({ service })).status, 1);
    }
    running.setHealth("ccf.node.v1.NodeService", false);
    assert.equal((await client.check({ service: "ccf.node.v1.NodeService" })).status, 2);
    assert.equal((await client.check({ service: "" })).status, 1);
    running.setHealth("ccf.node.v1.NodeService", true);
  });

  it("lists the server and every service with its status", async () => {
    using client = clientOf<HealthClient>("grpc.health.v1.Health");
    running.setHealth("ccf.app.v1.KvService", false);
    const { statuses } = await client.list({});
    running.setHealth("ccf.app.v1.KvService", true);
    const found = Object.entries(statuses).map(([service, { status }]) => [service, status]);
    assert.deepEqual(Object.fromEntries(found), {
      "": 1,
      "ccf.node.v1.NodeService": 1,
      "ccf.app.v1.KvService": 2,
      "test.v1.ChunkService": 1,
    });
  });

  it("answers NOT_FOUND for a service that is not here", async () => {
    using client = clientOf<HealthClient>("grpc.health.v1.Health");
    await assert.rejects(client.check({ service: "error" }), (error) =>
      isAppError(error, "SERVICE_UNKNOWN"),
    );
  });

  it("tells a watcher the status now and each change", async () => {
    using client = clientOf<HealthClient>("grpc.health.v1.Health");
    const service = "ccf.app.v1.KvService";
    const updates = client.watch({ service })[Symbol.asyncIterator]();
    assert.equal((await updates.next()).value?.status, 1);
    running.setHealth(service, false);
    running.setHealth(service, false);
    running.setHealth(service, true);
    assert.equal((await updates.next()).value?.status, 2);
    assert.equal((await updates.next()).value?.status, 1);
    await updates.return?.();
  });

  it("tells the watcher of an unknown service so", async () => {
    using client = clientOf<HealthClient>("grpc.health.v1.Health");
    for await (const { status } of client.watch({ service: "no.such" })) {
      assert.equal(status, 3);
      break;
    }
  });
});

interface ReflectionAnswer {
  messageResponse: { case: string; value: Readonly<Record<string, unknown>> };
}

interface ReflectionClient extends RpcChannel {
  serverReflectionInfo(): {
    write(request: { messageRequest: { case?: string; value?: unknown } }): Promise<void>;
    end(): void;
    responses: AsyncIterable<ReflectionAnswer>;
  };
}

for (const version of ["v1", "v1alpha"]) {
  describe(`reflection ${version}`, () => {
    async function ask(question: {
      case?: string;
      value?: unknown;
    }): Promise<ReflectionAnswer["messageResponse"]> {
      using client = clientOf<ReflectionClient>(`grpc.reflection.${version}.ServerReflection`);
      const call = client.serverReflectionInfo();
      void call.write({ messageRequest: question });
      call.end();
      for await (const answer of call.responses) return answer.messageResponse;
      throw new Error("no answer");
    }

    it("lists what the server has and nothing else", async () => {
      const { value } = await ask({ case: "listServices", value: "*" });
      const names = (value["service"] as { name: string }[]).map(({ name }) => name);
      assert.deepEqual(names, [
        "ccf.node.v1.NodeService",
        "ccf.app.v1.KvService",
        "test.v1.ChunkService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
      ]);
    });

    const found: [string, string, string[]][] = [
      ["fileContainingSymbol", "ccf.node.v1.NodeService", ["ccf/node/v1/node_service.proto"]],
      [
        "fileContainingSymbol",
        "ccf.node.v1.NodeService.GetVersion",
        ["ccf/node/v1/node_service.proto"],
      ],
      ["fileContainingSymbol", ".ccf.node.v1.Node", ["ccf/node/v1/node_service.proto"]],
      [
        "fileContainingSymbol",
        "ccf.node.v1.Node.rpc_addresses",
        ["ccf/node/v1/node_service.proto"],
      ],
      ["fileContainingSymbol", "ccf.node.v1.NodeStatus", ["ccf/node/v1/node_service.proto"]],
      [
        "fileContainingSymbol",
        "google.rpc.Status",
        ["google/rpc/status.proto", "google/protobuf/any.proto"],
      ],
      ["fileContainingSymbol", "grpc.health.v1.Health.Check", ["grpc/health/v1/health.proto"]],
      ["fileByFilename", "google/rpc/error_details.proto", ["google/rpc/error_details.proto"]],
      [
        "fileByFilename",
        "grpc/reflection/v1/reflection.proto",
        ["grpc/reflection/v1/reflection.proto"],
      ],
    ];
    for (const [question, value, files] of found) {
      it(`answers ${question} ${value} with the file and its imports`, async () => {
        const answer = await ask({ case: question, value });
        assert.equal(answer.case, "fileDescriptorResponse");
        const bytes = answer.value["fileDescriptorProto"] as Uint8Array[];
        const names = bytes.map((file) => fromBinary(FileDescriptorProtoSchema, file).name);
        assert.deepEqual(names, files);
      });
    }

    const refused: [{ case?: string; value?: unknown }, number][] = [
      [{ case: "fileContainingSymbol", value: "no.Such" }, 5],
      [{ case: "fileContainingSymbol", value: "" }, 5],
      [{ case: "fileContainingSymbol", value: "ccf.node.v1.NodeService.NoSuch" }, 5],
      [{ case: "fileByFilename", value: "../../etc/passwd" }, 5],
      [{ case: "allExtensionNumbersOfType", value: "ccf.node.v1.Node" }, 5],
      [{ case: "fileContainingExtension", value: { containingType: "x", extensionNumber: 1 } }, 5],
      [{}, 3],
    ];
    for (const [question, code] of refused) {
      it(`refuses ${JSON.stringify(question)} inside the stream`, async () => {
        const answer = await ask(question);
        assert.equal(answer.case, "errorResponse");
        assert.equal(answer.value["errorCode"], code);
      });
    }
  });
}
