// SPDX-License-Identifier: Apache-2.0
export { createRecoveryService } from "./recovery-service.js";
