// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from "@bufbuild/protobuf";

/** Field types by their name in a proto file; anything else is the name of a message or enum. */
const SCALARS: Readonly<Record<string, string>> = {
  string: "TYPE_STRING",
  int32: "TYPE_INT32",
  bytes: "TYPE_BYTES",
};

interface Field {
  name: string;
  number: number;
  type: string;
  repeated?: boolean;
  oneof?: boolean;
}

interface Message {
  name: string;
  fields: readonly Field[];
  /** The one oneof of the message, to which fields marked `oneof` belong. */
  oneof?: string;
  enums?: readonly JsonObject[];
}

/** `grpc/health/v1/health.proto`, without `List`, which hardly any client knows. */
export function healthDescriptor(): JsonObject {
  const pkg = "grpc.health.v1";
  const statusType = `enum .${pkg}.HealthCheckResponse.ServingStatus`;
  return {
    name: "grpc/health/v1/health.proto",
    package: pkg,
    syntax: "proto3",
    messageType: [
      message({
        name: "HealthCheckRequest",
        fields: [{ name: "service", number: 1, type: "string" }],
      }),
      message({
        name: "HealthCheckResponse",
        fields: [{ name: "status", number: 1, type: statusType }],
        enums: [
          enumeration("ServingStatus", ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"]),
        ],
      }),
    ],
    service: [
      {
        name: "Health",
        method: [
          method(pkg, "Check", "HealthCheckRequest", "HealthCheckResponse", {}),
          method(pkg, "Watch", "HealthCheckRequest", "HealthCheckResponse", {
            serverStreaming: true,
          }),
        ],
      },
    ],
  };
}

/** `grpc/reflection/VERSION/reflection.proto`; both versions have the same messages. */
export function reflectionDescriptor(version: "v1" | "v1alpha"): JsonObject {
  const pkg = `grpc.reflection.${version}`;
  const streaming = { clientStreaming: true, serverStreaming: true };
  return {
    name: `grpc/reflection/${version}/reflection.proto`,
    package: pkg,
    syntax: "proto3",
    messageType: reflectionMessages(pkg).map(message),
    service: [
      {
        name: "ServerReflection",
        method: [
          method(
            pkg,
            "ServerReflectionInfo",
            "ServerReflectionRequest",
            "ServerReflectionResponse",
            streaming,
          ),
        ],
      },
    ],
  };
}

function reflectionMessages(pkg: string): Message[] {
  const own = (name: string): string => `.${pkg}.${name}`;
  return [
    {
      name: "ServerReflectionRequest",
      oneof: "message_request",
      fields: [
        { name: "host", number: 1, type: "string" },
        { name: "file_by_filename", number: 3, type: "string", oneof: true },
        { name: "file_containing_symbol", number: 4, type: "string", oneof: true },
        {
          name: "file_containing_extension",
          number: 5,
          type: own("ExtensionRequest"),
          oneof: true,
        },
        { name: "all_extension_numbers_of_type", number: 6, type: "string", oneof: true },
        { name: "list_services", number: 7, type: "string", oneof: true },
      ],
    },
    {
      name: "ExtensionRequest",
      fields: [
        { name: "containing_type", number: 1, type: "string" },
        { name: "extension_number", number: 2, type: "int32" },
      ],
    },
    {
      name: "ServerReflectionResponse",
      oneof: "message_response",
      fields: [
        { name: "valid_host", number: 1, type: "string" },
        { name: "original_request", number: 2, type: own("ServerReflectionRequest") },
        {
          name: "file_descriptor_response",
          number: 4,
          type: own("FileDescriptorResponse"),
          oneof: true,
        },
        {
          name: "all_extension_numbers_response",
          number: 5,
          type: own("ExtensionNumberResponse"),
          oneof: true,
        },
        {
          name: "list_services_response",
          number: 6,
          type: own("ListServiceResponse"),
          oneof: true,
        },
        { name: "error_response", number: 7, type: own("ErrorResponse"), oneof: true },
      ],
    },
    {
      name: "FileDescriptorResponse",
      fields: [{ name: "file_descriptor_proto", number: 1, type: "bytes", repeated: true }],
    },
    {
      name: "ExtensionNumberResponse",
      fields: [
        { name: "base_type_name", number: 1, type: "string" },
        { name: "extension_number", number: 2, type: "int32", repeated: true },
      ],
    },
    {
      name: "ListServiceResponse",
      fields: [{ name: "service", number: 1, type: own("ServiceResponse"), repeated: true }],
    },
    { name: "ServiceResponse", fields: [{ name: "name", number: 1, type: "string" }] },
    {
      name: "ErrorResponse",
      fields: [
        { name: "error_code", number: 1, type: "int32" },
        { name: "error_message", number: 2, type: "string" },
      ],
    },
  ];
}

function message({ name, fields, oneof, enums }: Message): JsonObject {
  return {
    name,
    field: fields.map(field),
    oneofDecl: oneof === undefined ? [] : [{ name: oneof }],
    enumType: [...(enums ?? [])],
  };
}

function field({ name, number, type, repeated, oneof }: Field): JsonObject {
  const scalar = SCALARS[type];
  return {
    name,
    number,
    label: repeated === true ? "LABEL_REPEATED" : "LABEL_OPTIONAL",
    ...(scalar === undefined ? reference(type) : { type: scalar }),
    ...(oneof === true ? { oneofIndex: 0 } : {}),
  };
}

function reference(type: string): JsonObject {
  return type.startsWith("enum ")
    ? { type: "TYPE_ENUM", typeName: type.slice("enum ".length) }
    : { type: "TYPE_MESSAGE", typeName: type };
}

function enumeration(name: string, values: readonly string[]): JsonObject {
  return { name, value: values.map((value, number) => ({ name: value, number })) };
}

function method(
  pkg: string,
  name: string,
  request: string,
  response: string,
  streaming: JsonObject,
): JsonObject {
  return { name, inputType: `.${pkg}.${request}`, outputType: `.${pkg}.${response}`, ...streaming };
}
