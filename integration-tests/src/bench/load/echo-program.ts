// SPDX-License-Identifier: Apache-2.0
import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { app, node } from "@consortium/proto";
import type { EchoAnswer, EchoRequest } from "./echo.js";

/*
 * The anchor: a bare gRPC server that takes the very messages of the key-value service over mutual TLS
 * and answers each at once with a message as large as the service's. It executes, stores and signs nothing.
 */

process.once("message", (request: EchoRequest) => {
  void start(request).then((answer) => process.send?.(answer));
});
process.on("disconnect", () => process.exit());

async function start(request: EchoRequest): Promise<EchoAnswer> {
  const server = new Server();
  server.addService(app.KvServiceService, kvEcho(Buffer.alloc(request.valueBytes, 0x76)));
  server.addService(node.NodeServiceService, receiptEcho(request.receiptBytes));
  const credentials = ServerCredentials.createSsl(
    Buffer.from(request.clientCertificate),
    [{ private_key: Buffer.from(request.key), cert_chain: Buffer.from(request.certificate) }],
    true,
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { port };
}

function kvEcho(value: Buffer): UntypedServiceImplementation {
  const implementation: Pick<app.KvServiceServer, "put" | "get" | "writeStream"> = {
    put: (_call, callback) => callback(null, { transactionId: "2.1234567" }),
    get: (_call, callback) =>
      callback(null, { value, version: 1_234_567n, transactionId: "2.1234567" }),
    writeStream: (call) => {
      call.on("data", ({ operations }: app.WriteStreamRequest) => {
        call.write({ view: 2n, firstSeqno: 1_234_567n, count: operations.length });
      });
      call.on("end", () => call.end());
    },
  };
  return implementation;
}

function receiptEcho(receiptBytes: number): UntypedServiceImplementation {
  const receiptJson = "r".repeat(receiptBytes);
  const receiptCose = Buffer.alloc(receiptBytes / 2);
  const implementation: Pick<node.NodeServiceServer, "getReceipt"> = {
    getReceipt: (_call, callback) =>
      callback(null, { transactionId: "2.1234567", receiptJson, receiptCose }),
  };
  return implementation;
}
