// SPDX-License-Identifier: Apache-2.0
import {
  canonicalJson,
  decodeJson,
  type JsonObject,
  type JsonValue,
  keyToText,
  type KvReader,
  TABLES,
} from "@consortium/ledger";

/** The join policy in the shape of CCF's `GET /gov/service/join-policy`. */
export function joinPolicyJson(kv: KvReader): string {
  return canonicalJson({
    sgx: { measurements: keys(kv, TABLES.nodesCodeIds) },
    virtual: {
      measurements: keys(kv, TABLES.nodesVirtualMeasurements),
      hostData: keys(kv, TABLES.nodesVirtualHostData),
    },
    snp: {
      measurements: keys(kv, TABLES.nodesSnpMeasurements),
      hostData: object(kv, TABLES.nodesSnpHostData),
      uvmEndorsements: object(kv, TABLES.nodesSnpUvmEndorsements),
      tcbVersions: object(kv, TABLES.nodesSnpTcbVersions),
    },
  });
}

/** JWT issuers, keys and CA bundles in the shape of CCF's `GET /gov/service/jwk`. */
export function jwkJson(kv: KvReader): string {
  const issuers = mapValues(object(kv, TABLES.jwtIssuers), (value) => {
    const issuer = asObject(value);
    return {
      autoRefresh: issuer["auto_refresh"] ?? false,
      ...(issuer["ca_cert_bundle_name"] === undefined
        ? {}
        : { caCertBundleName: issuer["ca_cert_bundle_name"] }),
    };
  });
  const jwtKeys = mapValues(object(kv, TABLES.jwtPublicSigningKeysMetadata), (value) =>
    (Array.isArray(value) ? (value as readonly JsonValue[]) : []).map((item) => {
      const { public_key: publicKey, issuer, constraint } = asObject(item);
      return { publicKey, issuer, constraint };
    }),
  );
  return canonicalJson({
    issuers,
    keys: jwtKeys,
    caCertBundles: object(kv, TABLES.tlsCaCertBundles),
  });
}

function keys(kv: KvReader, map: string): string[] {
  return [...kv.entries(map)].map(([key]) => keyToText(key));
}

function object(kv: KvReader, map: string): Record<string, JsonValue> {
  const entries = [...kv.entries(map)];
  return Object.fromEntries(entries.map(([key, { value }]) => [keyToText(key), decodeJson(value)]));
}

function mapValues(
  values: Readonly<Record<string, JsonValue>>,
  change: (value: JsonValue) => JsonValue,
): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

function asObject(value: JsonValue): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}
