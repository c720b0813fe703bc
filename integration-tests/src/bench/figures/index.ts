// SPDX-License-Identifier: Apache-2.0
import type { Figure } from "../figure.js";
import { governanceFigure } from "./governance.js";
import { growthFigure } from "./growth.js";
import { joinFigure } from "./join.js";
import { latencyFigure } from "./latency.js";
import { manyMembersFigure } from "./many-members.js";
import { memoryFigure } from "./memory.js";
import { receiptsFigure } from "./receipts.js";
import { sandboxFigure } from "./sandbox.js";
import { startFigure } from "./start.js";
import { throughputFigures } from "./throughput.js";

/** In the order in which they are measured. */
export const FIGURES: readonly Figure[] = [
  ...throughputFigures,
  latencyFigure,
  receiptsFigure,
  governanceFigure,
  manyMembersFigure,
  startFigure,
  joinFigure,
  memoryFigure,
  growthFigure,
  sandboxFigure,
];
