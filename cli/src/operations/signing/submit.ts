// SPDX-License-Identifier: Apache-2.0
import { coseSign1Parse } from "@consortium/crypto-wasm";
import { decode } from "cborg";
import type { GovernanceClient, RecoveryClient } from "../../connect/clients.js";
import { cliErrors } from "../../errors.js";
import type { Json } from "../../json.js";
import { viewProposal } from "../../views/governance.js";
import { MESSAGE_TYPES, type MessageType } from "./protected-header.js";

/** What a signed message says it is for. */
export function messageTypeOf(coseSign1: Uint8Array): MessageType {
  let type: unknown;
  try {
    const header = decode(coseSign1Parse(coseSign1).protectedHeader, { useMaps: true }) as Map<
      unknown,
      unknown
    >;
    type = header.get("ccf.gov.msg.type");
  } catch (cause) {
    throw cliErrors("INVALID_INPUT", "this is not a signed governance request (COSE_Sign1)", {
      cause,
    });
  }
  const known = MESSAGE_TYPES.find((candidate) => candidate === type);
  if (known !== undefined) return known;
  throw cliErrors("INVALID_INPUT", `a signed request of type ${String(type)} is not known`);
}

/** Sends a signed message to where its type belongs. */
export async function submitToGovernance(
  client: GovernanceClient,
  type: Exclude<MessageType, "recovery_share">,
  coseSign1: Uint8Array,
): Promise<Json> {
  switch (type) {
    case "proposal":
      return viewResponse(await client.createProposal({ coseSign1 }));
    case "ballot":
      return viewResponse(await client.submitBallot({ coseSign1 }));
    case "withdrawal":
      return viewResponse(await client.withdrawProposal({ coseSign1 }));
    case "state_digest":
      return { ...(await client.updateStateDigest({ coseSign1 })) };
    case "ack":
      return { ...(await client.acknowledgeStateDigest({ coseSign1 })) };
    default:
      return type satisfies never;
  }
}

export async function submitToRecovery(
  client: RecoveryClient,
  coseSign1: Uint8Array,
): Promise<Json> {
  return { ...(await client.submitShare({ coseSign1 })) };
}

type ProposalResponse = Awaited<ReturnType<GovernanceClient["createProposal"]>>;

function viewResponse({ proposal, transactionId }: ProposalResponse): Json {
  const view = proposal === undefined ? {} : viewProposal(proposal);
  return JSON.parse(JSON.stringify({ ...view, transactionId })) as Json;
}
