// SPDX-License-Identifier: Apache-2.0
import type { ServiceInfoView } from "../views/governance.js";
import { describeCertificate } from "./certificate.js";
import { renderFields } from "./table.js";
import { statusWord } from "./text.js";

export function renderServiceInfo(info: ServiceInfoView): string {
  const { configuration } = info;
  return renderFields([
    ["status", statusWord(info.status)],
    ["created by", info.creationTransactionId],
    ["recoveries", info.recoveryCount],
    ["data", info.serviceData === null ? undefined : JSON.stringify(info.serviceData)],
    ["recovery threshold", String(configuration.recoveryThreshold)],
    ["node certificates", `at most ${configuration.maximumNodeCertificateValidityDays} days`],
    ["service certificate", `at most ${configuration.maximumServiceCertificateValidityDays} days`],
    ["proposals remembered", String(configuration.recentCoseProposalsWindowSize)],
    ["valid", describeCertificate(info.certificate)],
    ["certificate", info.certificate.trimEnd()],
  ]);
}
