// SPDX-License-Identifier: Apache-2.0
import { startCommand } from "../../start-command.js";

export default startCommand(
  "recovery",
  "Run a recovery node: it joins the service and serves recovery shares.",
);
