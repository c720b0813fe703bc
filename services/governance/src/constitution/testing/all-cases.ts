// SPDX-License-Identifier: Apache-2.0
import { attestationCases, badAttestation } from "./attestation-cases.js";
import type { BadCase, GoodCase } from "./cases.js";
import { badJsApp, jsAppCases } from "./js-app-cases.js";
import { badJwt, jwtCases } from "./jwt-cases.js";
import { badMembers, memberCases, userCases } from "./member-cases.js";
import { badNodes, nodeCases } from "./node-cases.js";
import { badService, serviceCases } from "./service-cases.js";

/** Every action, at least once. */
export const goodCases: readonly GoodCase[] = [
  ...memberCases,
  ...userCases,
  ...serviceCases,
  ...nodeCases,
  ...attestationCases,
  ...jwtCases,
  ...jsAppCases,
];

export const badCases: readonly BadCase[] = [
  ...badMembers,
  ...badService,
  ...badNodes,
  ...badAttestation,
  ...badJwt,
  ...badJsApp,
];
