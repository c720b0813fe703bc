// SPDX-License-Identifier: Apache-2.0
import { serverStream, unary } from "@consortium/kit";
import type { GroupStore } from "@consortium/ledger";
import type { channel } from "@consortium/proto";
import { nodeErrors } from "../errors.js";
import type { Primary } from "../pipeline/primary.js";
import { decodePrepared } from "./decode.js";
import { followLedger } from "./follow.js";
import type { OrderTransaction } from "./order.js";
import { authenticatePeer } from "./peers.js";

export interface ChannelOptions {
  /** Answers the primary, or throws `NOT_PRIMARY`. */
  readonly leads: () => Primary;
  readonly store: GroupStore;
  readonly order: OrderTransaction;
}

/** What trusted nodes may ask of the primary. */
export function createChannelService(options: ChannelOptions): channel.ChannelServiceServer {
  return {
    submitTransaction: unary(
      async (
        request: channel.SubmitTransactionRequest,
        context,
      ): Promise<channel.SubmitTransactionResponse> => {
        const primary = options.leads();
        const peer = authenticatePeer(context.peerCertificate, primary.kv.latest);
        if (peer.role === "ledger") {
          throw nodeErrors(
            "NODE_NOT_TRUSTED",
            "only governance and recovery nodes submit transactions",
          );
        }
        const seqno = options.order(primary, decodePrepared(request));
        await primary.committed(seqno);
        return { transactionId: `${primary.view}.${seqno}` };
      },
    ),
    followLedger: serverStream((request: channel.FollowLedgerRequest, context) => {
      const primary = options.leads();
      authenticatePeer(context.peerCertificate, primary.kv.latest);
      return followLedger(primary, options.store, Number(request.fromSeqno), context.signal);
    }),
  };
}
