// SPDX-License-Identifier: Apache-2.0
import { unary } from "@consortium/kit";
import type { KvReader } from "@consortium/ledger";
import type { recovery } from "@consortium/proto";
import { recoveryErrors } from "./errors.js";
import { encryptedShare, recoveryStatus, serviceStatus } from "./shares.js";

/** @param state answers the verified public state as it is now. */
export function createRecoveryService(state: () => KvReader): recovery.RecoveryServiceServer {
  return {
    getRecoveryStatus: unary(async (_: recovery.GetRecoveryStatusRequest) =>
      recoveryStatus(state()),
    ),
    getEncryptedShare: unary(async ({ memberId }: recovery.GetEncryptedShareRequest) =>
      encryptedShare(memberId, state()),
    ),
    submitShare: unary(
      async (_: recovery.SubmitShareRequest): Promise<recovery.SubmitShareResponse> => {
        const status = serviceStatus(state());
        throw recoveryErrors(
          "SERVICE_NOT_WAITING_FOR_RECOVERY_SHARES",
          `the service is ${status} and does not wait for recovery shares`,
          { hint: "keep the share safe; it is needed when all ledger nodes are lost" },
        );
      },
    ),
  };
}
