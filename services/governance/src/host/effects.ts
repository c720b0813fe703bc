// SPDX-License-Identifier: Apache-2.0
import type { GuestValue } from "../sandbox/protocol.js";
import type { Bridge } from "../sandbox/worker/bridge-client.js";
import { guestTypeError } from "./guest-error.js";
import type { HostFunction, HostFunctions } from "./host-function.js";

/** What `apply` asks of the primary, and of tables whose form is the service's own. */
const EFFECTS = [
  "node.triggerLedgerRekey",
  "node.transitionServiceToOpen",
  "node.triggerRecoverySharesRefresh",
  "node.triggerLedgerChunk",
  "node.triggerSnapshot",
  "node.shuffleSealedShares",
  "network.getLatestLedgerSecretSeqno",
  "network.generateEndorsedCertificate",
  "network.generateNetworkCertificate",
  "refreshAppBytecodeCache",
  "setJwtPublicSigningKeys",
  "removeJwtPublicSigningKeys",
] as const;
export type EffectName = (typeof EFFECTS)[number];

export function effectFunctions(bridge: Bridge): HostFunctions {
  return Object.fromEntries(EFFECTS.map((name) => [name, effect(name, bridge)]));
}

function effect(name: EffectName, bridge: Bridge): HostFunction {
  return (values, _, state) => {
    if (state.context !== "apply") throw guestTypeError(`${name} can only be called by apply`);
    return bridge.request({ op: "effect", name, values: values as readonly GuestValue[] });
  };
}
