// SPDX-License-Identifier: Apache-2.0
import { startCommand } from "../../start-command.js";

export default startCommand(
  "node",
  "Run a ledger node that joins a service: it waits until members trust it, then serves.",
  { name: "join", type: "Join" },
);
