// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from "@bufbuild/protobuf";

/** A message: its fields as a proto file writes them, with `oneof` before those of its one oneof. */
interface Message {
  fields: readonly string[];
  oneof?: string;
  enums?: JsonObject[];
  nested?: JsonObject[];
}

const HEALTH_PACKAGE = "grpc.health.v1";

const HEALTH: Readonly<Record<string, Message>> = {
  HealthCheckRequest: { fields: ["string service = 1"] },
  HealthCheckResponse: {
    fields: ["enum HealthCheckResponse.ServingStatus status = 1"],
    enums: [enumeration("ServingStatus", ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"])],
  },
  HealthListRequest: { fields: [] },
  HealthListResponse: {
    fields: ["repeated message HealthListResponse.StatusesEntry statuses = 1"],
    nested: [mapEntry("StatusesEntry", "message HealthCheckResponse", HEALTH_PACKAGE)],
  },
};

const REFLECTION: Readonly<Record<string, Message>> = {
  ServerReflectionRequest: {
    oneof: "message_request",
    fields: [
      "string host = 1",
      "oneof string file_by_filename = 3",
      "oneof string file_containing_symbol = 4",
      "oneof message ExtensionRequest file_containing_extension = 5",
      "oneof string all_extension_numbers_of_type = 6",
      "oneof string list_services = 7",
    ],
  },
  ExtensionRequest: { fields: ["string containing_type = 1", "int32 extension_number = 2"] },
  ServerReflectionResponse: {
    oneof: "message_response",
    fields: [
      "string valid_host = 1",
      "message ServerReflectionRequest original_request = 2",
      "oneof message FileDescriptorResponse file_descriptor_response = 4",
      "oneof message ExtensionNumberResponse all_extension_numbers_response = 5",
      "oneof message ListServiceResponse list_services_response = 6",
      "oneof message ErrorResponse error_response = 7",
    ],
  },
  FileDescriptorResponse: { fields: ["repeated bytes file_descriptor_proto = 1"] },
  ExtensionNumberResponse: {
    fields: ["string base_type_name = 1", "repeated int32 extension_number = 2"],
  },
  ListServiceResponse: { fields: ["repeated message ServiceResponse service = 1"] },
  ServiceResponse: { fields: ["string name = 1"] },
  ErrorResponse: { fields: ["int32 error_code = 1", "string error_message = 2"] },
};

/** `grpc/health/v1/health.proto`. */
export function healthDescriptor(): JsonObject {
  const pkg = HEALTH_PACKAGE;
  const types = {
    inputType: `.${pkg}.HealthCheckRequest`,
    outputType: `.${pkg}.HealthCheckResponse`,
  };
  return file("grpc/health/v1/health.proto", pkg, HEALTH, {
    name: "Health",
    method: [
      { name: "Check", ...types },
      {
        name: "List",
        inputType: `.${pkg}.HealthListRequest`,
        outputType: `.${pkg}.HealthListResponse`,
      },
      { name: "Watch", ...types, serverStreaming: true },
    ],
  });
}

/** `grpc/reflection/VERSION/reflection.proto`; both versions have the same messages. */
export function reflectionDescriptor(version: "v1" | "v1alpha"): JsonObject {
  const pkg = `grpc.reflection.${version}`;
  const types = {
    inputType: `.${pkg}.ServerReflectionRequest`,
    outputType: `.${pkg}.ServerReflectionResponse`,
  };
  return file(`grpc/reflection/${version}/reflection.proto`, pkg, REFLECTION, {
    name: "ServerReflection",
    method: [
      { name: "ServerReflectionInfo", ...types, clientStreaming: true, serverStreaming: true },
    ],
  });
}

function file(
  name: string,
  pkg: string,
  messages: Readonly<Record<string, Message>>,
  service: JsonObject,
): JsonObject {
  const messageType = Object.entries(messages).map(([messageName, message]) => ({
    name: messageName,
    field: message.fields.map((text) => field(text, pkg)),
    oneofDecl: message.oneof === undefined ? [] : [{ name: message.oneof }],
    enumType: message.enums ?? [],
    nestedType: message.nested ?? [],
  }));
  return { name, package: pkg, syntax: "proto3", messageType, service: [service] };
}

function field(text: string, pkg: string): JsonObject {
  const parts =
    /^(oneof )?(repeated )?(?:(message|enum) )?([\w.]+) (\w+) = (\d+)$/.exec(text) ?? [];
  const [, oneof, repeated, kind, type = "", name = "", number = ""] = parts;
  return {
    name,
    number: Number(number),
    label: repeated === undefined ? "LABEL_OPTIONAL" : "LABEL_REPEATED",
    type: `TYPE_${(kind ?? type).toUpperCase()}`,
    ...(kind === undefined ? {} : { typeName: `.${pkg}.${type}` }),
    ...(oneof === undefined ? {} : { oneofIndex: 0 }),
  };
}

/** What `map<string, …>` is a repeated field of. */
function mapEntry(name: string, valueType: string, pkg: string): JsonObject {
  const fields = [field("string key = 1", pkg), field(`${valueType} value = 2`, pkg)];
  return { name, field: fields, options: { mapEntry: true } };
}

function enumeration(name: string, values: readonly string[]): JsonObject {
  return { name, value: values.map((value, number) => ({ name: value, number })) };
}
