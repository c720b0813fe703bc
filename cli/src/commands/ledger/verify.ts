// SPDX-License-Identifier: Apache-2.0
import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { contextFlag } from "../../flags/common.js";
import { type LedgerVerification, verifyLedger } from "../../operations/ledger/verify.js";
import { progressLine } from "../../render/progress.js";
import { renderFields } from "../../render/table.js";
import { statusWord } from "../../render/text.js";

export default class LedgerVerify extends BaseCommand {
  static override summary = "Verify a ledger directory, offline and without a database.";
  static override description =
    "Checks every entry, every root and every signature of ours or of CCF's ledger files, and that the service's identities follow from each other. With --service-cert it must be that service's ledger. Exit code 10 names the first fault with file, offset and transaction.";
  static override examples = [
    "<%= config.bin %> ledger verify ledger --service-cert service_cert.pem",
    "<%= config.bin %> ledger verify ledger --snapshot ledger/snapshots/snapshot_61_62.committed",
  ];
  static override flags = {
    ...contextFlag,
    "service-cert": Flags.string({
      helpValue: "FILE",
      description: "service certificate from a source you trust (PEM) [default: the context's]",
    }),
    snapshot: Flags.string({
      helpValue: "FILE",
      description: "begin with this snapshot: files from before it need not be there",
    }),
  };
  static override args = {
    directory: Args.string({
      required: true,
      ignoreStdin: true,
      description: "folder with the ledger files",
    }),
  };

  async run(): Promise<LedgerVerification> {
    const { args, flags } = await this.parse(LedgerVerify);
    const serviceCertificateFile =
      flags["service-cert"] ?? (await this.readContext(flags)).serviceCertificate;
    using progress = progressLine({ enabled: !this.jsonEnabled() });
    const result = await verifyLedger({
      directory: args.directory,
      serviceCertificateFile,
      snapshotFile: flags.snapshot,
      onProgress: ({ file, transactions }) =>
        progress.show(`${file}: ${transactions} transactions`),
    });
    progress.clear();
    this.log(renderVerification(result));
    return result;
  }
}

function renderVerification(result: LedgerVerification): string {
  const unsigned =
    result.unsignedTransactions === "0"
      ? undefined
      : `${result.unsignedTransactions} transactions, not proven`;
  const certificate = result.serviceCertificateChecked
    ? "as in the certificate given"
    : "not compared with a certificate: give --service-cert";
  return renderFields([
    ["ledger", statusWord("verified")],
    ["snapshot", result.snapshot === null ? undefined : describeSnapshot(result.snapshot)],
    ["transactions", result.transactions],
    ["signatures", result.signatures],
    ["last signed", result.lastSigned ?? "nothing"],
    ["after it", unsigned],
    ["files", String(result.files)],
    ["identities", String(result.services.length)],
    ["service key", `${result.services.at(-1)?.keyId ?? "none"}, ${certificate}`],
  ]);
}

function describeSnapshot({
  seqno,
  evidence,
  hasEvidence,
}: NonNullable<LedgerVerification["snapshot"]>): string {
  return hasEvidence
    ? `of seqno ${seqno}, evidence found at ${evidence}`
    : `of seqno ${seqno}, proven by its receipt alone: ${evidence} is not among the files`;
}
