// SPDX-License-Identifier: Apache-2.0
define(ccf, "gov", {
  validateConstitution(text) {
    requireCount(arguments.length, 1);
    requireString(text, "Argument");
    return call("gov.validateConstitution", [text]);
  },
});

/** What only `apply` has: effects that the primary performs in the same transaction. */
function offerEffects() {
  const node = {};
  for (const name of [
    "triggerLedgerRekey",
    "triggerRecoverySharesRefresh",
    "triggerLedgerChunk",
    "triggerSnapshot",
    "shuffleSealedShares",
  ]) {
    define(node, name, function () {
      requireCount(arguments.length, 0);
      call(`node.${name}`, []);
    });
  }
  define(
    node,
    "transitionServiceToOpen",
    function transitionServiceToOpen(previousIdentity, nextIdentity) {
      requireCount(arguments.length, 2);
      const previous =
        previousIdentity === undefined ? null : identityText(previousIdentity, "previous");
      call("node.transitionServiceToOpen", [previous, identityText(nextIdentity, "next")]);
    },
  );
  define(ccf, "node", node);

  const network = {};
  define(network, "getLatestLedgerSecretSeqno", function getLatestLedgerSecretSeqno() {
    requireCount(arguments.length, 0);
    return call("network.getLatestLedgerSecretSeqno", []);
  });
  define(
    network,
    "generateEndorsedCertificate",
    function generateEndorsedCertificate(csr, validFrom, days) {
      requireCount(arguments.length, 3);
      requireString(csr, "csr");
      requireString(validFrom, "valid from");
      requireDays(days);
      return call("network.generateEndorsedCertificate", [csr, validFrom, days]);
    },
  );
  define(
    network,
    "generateNetworkCertificate",
    function generateNetworkCertificate(validFrom, days) {
      requireCount(arguments.length, 2);
      requireString(validFrom, "valid from");
      requireDays(days);
      return call("network.generateNetworkCertificate", [validFrom, days]);
    },
  );
  define(ccf, "network", network);

  define(ccf, "refreshAppBytecodeCache", function refreshAppBytecodeCache() {
    requireCount(arguments.length, 0);
    call("refreshAppBytecodeCache", []);
  });
  define(ccf, "setJwtPublicSigningKeys", function setJwtPublicSigningKeys(issuer, metadata, jwks) {
    requireCount(arguments.length, 3);
    requireString(issuer, "issuer");
    call("setJwtPublicSigningKeys", [issuer, metadata, jwks]);
  });
  define(ccf, "removeJwtPublicSigningKeys", function removeJwtPublicSigningKeys(issuer) {
    requireCount(arguments.length, 1);
    requireString(issuer, "issuer");
    call("removeJwtPublicSigningKeys", [issuer]);
  });
}

/** Constitutions of CCF pass the PEM as a buffer. */
function identityText(value, which) {
  if (isBuffer(value)) return call("bufToStr", [], value);
  requireString(value, `${which} service identity`);
  return value;
}

function requireDays(days) {
  if (typeof days !== "number" || days % 1 !== 0)
    throw new TypeError("validity period must be an integer");
}
