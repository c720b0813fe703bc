// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { EvidenceExplanation } from "@consortium/ledger/attestation";
import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.js";
import { cliErrors } from "../../errors.js";
import { describeFailure, failureToJson } from "../../failure.js";
import { hexFlag } from "../../flags/action-arguments.js";
import { readCertificate } from "../../input/certificate.js";
import type { Json } from "../../json.js";
import { explainAttestation, notVerified } from "../../operations/attestation.js";
import { renderExplanation } from "../../render/attestation.js";

/** With the failure beside the explanation, where other commands have it alone. */
type Result = EvidenceExplanation & { error?: Json };

export default class AttestationVerify extends BaseCommand {
  static override summary = "Explain and verify the evidence of a node, offline.";
  static override description =
    "Shows every field of a report of AMD SEV-SNP and every check with its reason. AMD's root keys are built in; no service is asked. Exit code 10 says that a check failed. Without --host-data and --node-cert it proves that a genuine processor runs something, not what it runs, nor for whom.";
  static override examples = [
    "<%= config.bin %> attestation verify report.bin --endorsements chain.pem",
    "<%= config.bin %> attestation verify report.bin --endorsements chain.pem --uvm uvm.cose --node-cert node.pem",
    "<%= config.bin %> attestation verify quote_info.json --host-data 4f4448c67f3c8dfc8de8a5e37125d807dadcc41f06cf23f615dbd52eec777d10",
  ];
  static override flags = {
    endorsements: Flags.string({
      helpValue: "FILE",
      description: "certificates VCEK, ASK and ARK (PEM), or the JSON of the host",
    }),
    uvm: Flags.string({
      helpValue: "FILE",
      description: "endorsements of the utility VM (COSE, or its base64)",
    }),
    "endorsed-tcb": hexFlag(16)({
      helpValue: "HEX",
      description: "TCB version that the endorsements are for",
    }),
    measurement: hexFlag(96)({
      helpGroup: "EXPECTATIONS",
      helpValue: "HEX",
      description: "what must have been launched",
    }),
    "host-data": hexFlag(64)({
      helpGroup: "EXPECTATIONS",
      helpValue: "HEX",
      description: "digest of the security policy",
    }),
    "report-data": Flags.string({
      helpGroup: "EXPECTATIONS",
      helpValue: "HEX",
      description: "first 32 bytes of the report data, or all 64",
    }),
    "node-cert": Flags.string({
      helpGroup: "EXPECTATIONS",
      helpValue: "FILE",
      exclusive: ["report-data"],
      description: "certificate (PEM) to whose key the evidence must be bound",
    }),
    at: Flags.string({
      helpValue: "TIME",
      description: "when the certificates must be valid, ISO 8601 [default: now]",
    }),
  };
  static override args = {
    file: Args.string({
      required: true,
      ignoreStdin: true,
      description: "report, or quote information in JSON, or - for standard input",
    }),
  };

  async run(): Promise<Result> {
    const { args, flags } = await this.parse(AttestationVerify);
    const explanation = await explainAttestation({
      file: args.file,
      endorsementsFile: flags.endorsements,
      uvmFile: flags.uvm,
      endorsedTcb: flags["endorsed-tcb"],
      expected: {
        measurement: flags.measurement,
        hostData: flags["host-data"],
        reportData: await reportDataOf(flags["report-data"], flags["node-cert"]),
      },
      at: parseTime(flags.at),
    });
    this.log(renderExplanation(explanation));
    if (explanation.verified) return explanation;
    const error = notVerified(explanation);
    if (!this.jsonEnabled()) throw error;
    const failure = describeFailure(error, this.id);
    process.exitCode = failure.exitCode;
    return { ...explanation, error: failureToJson(failure)["error"] ?? null };
  }
}

/** The data as it was given, or the digest of the key that must be in it. */
async function reportDataOf(
  text: string | undefined,
  certificateFile: string | undefined,
): Promise<string | undefined> {
  if (certificateFile !== undefined) {
    const { x509 } = await readCertificate(certificateFile);
    const spki = x509.publicKey.export({ type: "spki", format: "der" });
    return createHash("sha256").update(spki).digest("hex");
  }
  if (text === undefined || /^([0-9a-f]{64}|[0-9a-f]{128})$/i.test(text)) return text;
  throw cliErrors("INVALID_INPUT", "--report-data is not 64 or 128 hex digits", {
    details: { argument: "report-data" },
  });
}

function parseTime(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return at;
  throw cliErrors("INVALID_INPUT", `--at "${text}" is not a time`, {
    details: { argument: "at" },
    hint: "Write it as 2030-12-31T23:59:59Z.",
  });
}
