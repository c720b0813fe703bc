// SPDX-License-Identifier: Apache-2.0
import { jsAppCases, jwtCases, badJsApp, badJwt } from "./application-cases.js";
import { attestationCases, badAttestation } from "./attestation-cases.js";
import type { BadCase, GoodCase } from "./cases.js";
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
