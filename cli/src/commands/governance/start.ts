// SPDX-License-Identifier: Apache-2.0
import { startCommand } from "../../start-command.js";

export default startCommand(
  "governance",
  "Run a governance node: it joins the service and serves its members.",
);
