// SPDX-License-Identifier: Apache-2.0
import type { Figure } from "../figure.js";
import { throughputFigures } from "./throughput.js";

/** In the order in which they are measured. */
export const FIGURES: readonly Figure[] = [...throughputFigures];
