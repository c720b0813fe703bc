// SPDX-License-Identifier: Apache-2.0
import { startCommand } from "../../start-command.js";

export default startCommand(
  "node",
  "Run a ledger node: start a service, join one, or go on after a restart.",
);
