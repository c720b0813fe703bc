// SPDX-License-Identifier: Apache-2.0
import type { CertificateLook, StatusResult } from "../operations/status.js";
import { renderFields, renderTable } from "./table.js";
import { count, faint, shortId, statusWord, strong } from "./text.js";

const OPEN_SHOWN_MAX = 5;

export function renderStatus(status: StatusResult): string {
  return [
    renderServices(status),
    renderLedger(status),
    renderNodeRows(status),
    renderPeople(status),
    renderCertificates(status.certificates),
    status.warnings.length === 0
      ? ""
      : [strong("Look at:"), ...status.warnings.map((w) => `  ${w}`)].join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function renderServices({ services }: StatusResult): string {
  const rows = services.map(({ name, address, reachable }) => [
    name,
    address,
    statusWord(reachable ? "serving" : "unreachable"),
  ]);
  return renderTable(["SERVICE", "ADDRESS", "STATUS"], rows, "The context names no service.");
}

function renderLedger({ node, service, recovery }: StatusResult): string {
  const state = service?.status ?? node?.network.serviceStatus;
  return renderFields([
    ["service", state === undefined ? undefined : statusWord(state)],
    ["committed", node?.commit],
    ["view", node?.network.currentView],
    ["primary", node === null ? undefined : shortId(node.network.primaryNodeId)],
    ["recovery", recovery === null ? undefined : recoveryLine(recovery)],
  ]);
}

function recoveryLine(recovery: NonNullable<StatusResult["recovery"]>): string {
  const { recoveryThreshold, shareHolders } = recovery;
  if (shareHolders.length === 0) return "no shares are issued yet";
  return `${recoveryThreshold} of ${count(shareHolders.length, "share holder")} needed`;
}

function renderNodeRows({ nodes }: StatusResult): string {
  if (nodes.length === 0) return "";
  const rows = nodes.map((node) => [
    shortId(node.nodeId),
    statusWord(node.status),
    node.role + (node.primary ? ", primary" : ""),
    Object.values(node.rpcAddresses).join(", "),
  ]);
  return renderTable(["NODE", "STATUS", "ROLE", "ADDRESS"], rows, "");
}

function renderPeople({ service, members, users, openProposals }: StatusResult): string {
  if (service === null) return "";
  const active = members.filter(({ status }) => status === "Active").length;
  const shown = openProposals
    .slice(0, OPEN_SHOWN_MAX)
    .map((proposal) => `\n${proposal.proposalId} ${faint(count(proposal.ballotCount, "vote"))}`);
  return renderFields([
    ["members", `${members.length}, ${active} active`],
    ["users", String(users.length)],
    ["open proposals", `${openProposals.length}${shown.join("")}`],
  ]);
}

function renderCertificates(certificates: readonly CertificateLook[]): string {
  if (certificates.length === 0) return "";
  const rows = certificates.map(({ of, validTo, daysLeft }) => [
    of,
    validTo.slice(0, 10),
    daysLeft < 0 ? statusWord("expired") : count(daysLeft, "day"),
  ]);
  return renderTable(["CERTIFICATE", "ENDS", "LEFT"], rows, "");
}
