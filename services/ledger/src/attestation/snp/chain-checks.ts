// SPDX-License-Identifier: Apache-2.0
import type { CheckDefinition, Finding } from "../check.js";
import { issuanceFault, nameOf, validityFault } from "../x509/index.js";
import type { Endorsements } from "./endorsements.js";
import { productOfRoot, type TrustedRoot } from "./roots.js";

export interface ChainFacts {
  readonly endorsements: Endorsements;
  readonly roots: readonly TrustedRoot[];
  /** The moment at which the certificates must be valid. */
  readonly at: Date;
}

/** Whether the certificates lead from the VCEK to a root of AMD's. */
export const CHAIN_CHECKS: readonly CheckDefinition<ChainFacts>[] = [
  {
    id: "chain.root",
    rule: "the ARK has a root key of AMD's",
    find: ({ endorsements: { ark }, roots }) => {
      const spki = ark.x509.publicKey.export({ type: "spki", format: "der" });
      const product = productOfRoot(spki, roots);
      return product === undefined
        ? { holds: false, found: `the key of ${nameOf(ark)} is none of them` }
        : { holds: true, found: `the key of ${product}` };
    },
  },
  {
    id: "chain.ark",
    rule: "the ARK is signed by itself",
    find: ({ endorsements: { ark } }) => issuance(issuanceFault(ark, ark, 1), nameOf(ark)),
  },
  {
    id: "chain.ask",
    rule: "the ASK is issued by the ARK",
    find: ({ endorsements: { ark, ask } }) => issuance(issuanceFault(ask, ark, 1), nameOf(ask)),
  },
  {
    id: "chain.vcek",
    rule: "the VCEK is issued by the ASK",
    find: ({ endorsements: { ask, vcek } }) => issuance(issuanceFault(vcek, ask, 0), nameOf(vcek)),
  },
  {
    id: "chain.dates",
    rule: "the three certificates are within their validity",
    find: ({ endorsements, at }) => {
      for (const certificate of [endorsements.vcek, endorsements.ask, endorsements.ark]) {
        const fault = validityFault(certificate, at);
        if (fault !== undefined)
          return { holds: false, found: `${nameOf(certificate)} is ${fault}` };
      }
      return { holds: true, found: `at ${at.toISOString()}` };
    },
  },
  {
    id: "chain.key",
    rule: "the VCEK's key is on P-384",
    find: ({ endorsements: { vcek } }) => {
      const { asymmetricKeyType, asymmetricKeyDetails } = vcek.x509.publicKey;
      const found = asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType ?? "an unknown key";
      return { holds: found === "secp384r1", found };
    },
  },
];

function issuance(fault: string | undefined, name: string): Finding {
  return fault === undefined ? { holds: true, found: name } : { holds: false, found: fault };
}
