// SPDX-License-Identifier: Apache-2.0
import type { Figure } from "../figure.js";
import { decisionsFigure } from "./decisions.js";
import { failoverFigure } from "./failover.js";
import { governanceFigure } from "./governance.js";
import { growthFigure } from "./growth.js";
import { joinFigure } from "./join.js";
import { handshakeFigure } from "./handshake.js";
import { latencyFigure } from "./latency.js";
import { manyMembersFigure } from "./many-members.js";
import { memoryFigure } from "./memory.js";
import { receiptsFigure } from "./receipts.js";
import { sandboxFigure } from "./sandbox.js";
import { startFigure } from "./start.js";
import { threeNodesFigure } from "./three-nodes.js";
import { throughputFigures } from "./throughput.js";

/** In the order in which they are measured. */
export const FIGURES: readonly Figure[] = [
  ...throughputFigures,
  threeNodesFigure,
  latencyFigure,
  receiptsFigure,
  governanceFigure,
  manyMembersFigure,
  decisionsFigure,
  startFigure,
  joinFigure,
  failoverFigure,
  handshakeFigure,
  memoryFigure,
  growthFigure,
  sandboxFigure,
];
