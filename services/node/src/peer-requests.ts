// SPDX-License-Identifier: Apache-2.0
import { type PeerLink, REQUEST } from "@consortium/ledger";
import { channel } from "@consortium/proto";
import { decodePrepared } from "./channel/decode.js";
import { createOrder } from "./channel/order.js";
import { requireRole } from "./channel/peers.js";
import { nodeErrors } from "./errors.js";
import type { GroupMember } from "./group/group-member.js";

/** Orders what governance and recovery nodes executed, while this node leads. */
export function answerSubmissions(link: PeerLink, member: () => GroupMember | undefined): void {
  link.onRequest(REQUEST.submit, async (peerId, payload) => {
    const leading = member()?.leading;
    if (leading === undefined) {
      throw nodeErrors("NOT_PRIMARY", "this node does not lead the group", { retryAfterMs: 100 });
    }
    const { primary, state } = leading;
    requireRole(primary.kv.latest, peerId, "governance", "recovery");
    const request = channel.SubmitTransactionRequest.decode(payload);
    const seqno = createOrder({
      keys: state.keys,
      requestSnapshot: () => leading.requestSnapshot(),
    })(primary, decodePrepared(request));
    await primary.committed(seqno);
    return channel.SubmitTransactionResponse.encode({
      transactionId: `${primary.view}.${seqno}`,
    }).finish();
  });
}
