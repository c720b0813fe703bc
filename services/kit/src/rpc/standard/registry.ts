// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  create,
  createFileRegistry,
  type DescMessage,
  type DescMethod,
  type FileRegistry,
  fromBinary,
  fromJson,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import type { ServiceDefinition } from "@grpc/grpc-js";
import { healthDescriptor, reflectionDescriptor } from "./descriptors.js";

/** Every proto file that our servers speak: the contract, and the standard services beside it. */
export function loadRegistry(): FileRegistry {
  const path = fileURLToPath(import.meta.resolve("@consortium/proto/descriptors.binpb"));
  const contract = fromBinary(FileDescriptorSetSchema, readFileSync(path));
  const standard = [healthDescriptor(), reflectionDescriptor("v1"), reflectionDescriptor("v1alpha")]
    .map((descriptor) => fromJson(FileDescriptorProtoSchema, descriptor))
    .filter((file) => !contract.file.some(({ name }) => name === file.name));
  return createFileRegistry(
    create(FileDescriptorSetSchema, { file: [...contract.file, ...standard] }),
  );
}

/** The bytes of a file, as reflection sends them. */
export function encodeFile(file: FileDescriptorProto): Uint8Array {
  return toBinary(FileDescriptorProtoSchema, file);
}

/** A service described by the registry, in the form that gRPC mounts. */
export function definitionOf(registry: FileRegistry, typeName: string): ServiceDefinition {
  const service = registry.getService(typeName);
  if (service === undefined) throw new TypeError(`${typeName} is not described`);
  return Object.fromEntries(
    service.methods.map((method) => [method.localName, methodDefinition(typeName, method)]),
  );
}

function methodDefinition(typeName: string, method: DescMethod): ServiceDefinition[string] {
  return {
    path: `/${typeName}/${method.name}`,
    requestStream:
      method.methodKind === "bidi_streaming" || method.methodKind === "client_streaming",
    responseStream:
      method.methodKind === "bidi_streaming" || method.methodKind === "server_streaming",
    requestSerialize: encoder(method.input),
    requestDeserialize: decoder(method.input),
    responseSerialize: encoder(method.output),
    responseDeserialize: decoder(method.output),
  };
}

function encoder(type: DescMessage): (value: MessageInitShape<DescMessage>) => Buffer {
  return (value) => Buffer.from(toBinary(type, create(type, value)));
}

function decoder(type: DescMessage): (bytes: Buffer) => object {
  return (bytes) => fromBinary(type, bytes);
}
