// SPDX-License-Identifier: Apache-2.0
import { type DescFile, type FileRegistry } from "@bufbuild/protobuf";
import { status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { bidi } from "../server/handlers.js";
import { encodeFile } from "./registry.js";

export const REFLECTION_SERVICES = [
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
] as const;

/** The part of the generated shape that is used: which question is asked, and about what. */
interface ReflectionRequest {
  messageRequest:
    | {
        case: "fileByFilename" | "fileContainingSymbol" | "allExtensionNumbersOfType";
        value: string;
      }
    | {
        case: "fileContainingExtension";
        value: { containingType: string; extensionNumber: number };
      }
    | { case: "listServices"; value: string }
    | { case: undefined };
}

interface ReflectionResponse {
  originalRequest: ReflectionRequest;
  messageResponse:
    | { case: "fileDescriptorResponse"; value: { fileDescriptorProto: Uint8Array[] } }
    | { case: "listServicesResponse"; value: { service: { name: string }[] } }
    | { case: "errorResponse"; value: { errorCode: number; errorMessage: string } };
}

/**
 * Server reflection from the descriptors as buf wrote them. (The packaged one loads them by proto-loader,
 * which writes map fields in a way that grpcurl refuses.)
 */
export function reflectionImplementation(
  registry: FileRegistry,
  services: readonly string[],
): UntypedServiceImplementation {
  return {
    serverReflectionInfo: bidi<ReflectionRequest, ReflectionResponse>(async function* (requests) {
      for await (const request of requests) {
        yield {
          originalRequest: request,
          messageResponse: answer(registry, services, request.messageRequest),
        };
      }
    }),
  };
}

function answer(
  registry: FileRegistry,
  services: readonly string[],
  question: ReflectionRequest["messageRequest"],
): ReflectionResponse["messageResponse"] {
  switch (question.case) {
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: services.map((name) => ({ name })) },
      };
    case "fileByFilename":
      return filesResponse(registry.getFile(question.value), question.value);
    case "fileContainingSymbol":
      return filesResponse(fileOfSymbol(registry, question.value), question.value);
    case "fileContainingExtension":
    case "allExtensionNumbersOfType":
      return refuse(status.NOT_FOUND, "there are no extensions here");
    case undefined:
      return refuse(status.INVALID_ARGUMENT, "the request asks for nothing");
  }
}

/** The file of a service, method, message, field, enum or oneof, by its full name. */
function fileOfSymbol(registry: FileRegistry, symbol: string): DescFile | undefined {
  const name = symbol.replace(/^\./, "");
  const file = registry.get(name)?.file;
  if (file !== undefined) return file;
  // A method or field is not in the registry by itself: the one before its last dot is.
  const parent = name.slice(0, Math.max(0, name.lastIndexOf(".")));
  const owner = registry.get(parent);
  const member = name.slice(parent.length + 1);
  return owner !== undefined && hasMember(owner, member) ? owner.file : undefined;
}

function hasMember(owner: NonNullable<ReturnType<FileRegistry["get"]>>, member: string): boolean {
  switch (owner.kind) {
    case "service":
      return owner.methods.some(({ name }) => name === member);
    case "message":
      return [...owner.fields, ...owner.oneofs].some(({ name }) => name === member);
    case "enum":
      return owner.values.some(({ name }) => name === member);
    case "extension":
      return false;
  }
}

/** The file and everything it imports, each once, so that a client needs to ask only once. */
function filesResponse(
  file: DescFile | undefined,
  asked: string,
): ReflectionResponse["messageResponse"] {
  if (file === undefined)
    return refuse(status.NOT_FOUND, `${JSON.stringify(asked)} is not known here`);
  const files = new Set<DescFile>();
  function collect(one: DescFile): void {
    if (files.has(one)) return;
    files.add(one);
    one.dependencies.forEach(collect);
  }
  collect(file);
  return {
    case: "fileDescriptorResponse",
    value: { fileDescriptorProto: [...files].map(({ proto }) => encodeFile(proto)) },
  };
}

function refuse(errorCode: number, errorMessage: string): ReflectionResponse["messageResponse"] {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
