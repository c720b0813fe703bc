// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { SigningKey } from "@consortium/crypto-wasm";
import { certificateFacts } from "@consortium/kit";
import { governance } from "@consortium/proto";
import { Ccfctl } from "../harness/ccfctl.js";
import { Consortium } from "../harness/consortium.js";
import { type GovernanceClient, YES } from "../harness/governing.js";
import { requireCcf, type Tools } from "../harness/tools.js";

/* Members that use nothing of ours: keys of keygenerator.sh, requests of CCF's signers. */

interface CcfMember {
  readonly name: string;
  readonly curve: string;
  readonly id: string;
  readonly key: string;
  readonly cert: string;
  readonly certificate: string;
}

type Sign = (member: CcfMember, content: string, headers: string[]) => Promise<Buffer>;

let ccf: Tools;
let consortium: Consortium;
let client: GovernanceClient;
let folder: string;

before(async () => {
  ccf = await requireCcf();
  consortium = await Consortium.start();
  client = consortium.governanceClient();
  folder = join(consortium.folder, "ccf");
  await mkdir(folder);
});
after(async () => {
  client?.close();
  await consortium?.[Symbol.asyncDispose]();
});

const signers: [string, Sign][] = [
  ["ccf_cose_sign1", signAtOnce],
  ["ccf_cose_sign1_prepare and _finish", signInTwoSteps],
];
for (const [name, signRequest] of signers) {
  for (const curve of ["secp384r1", "secp256r1"]) {
    suite(`A member with a key of keygenerator.sh on ${curve}, and ${name}`, () => {
      let member: CcfMember;

      test("becomes active by acknowledging the state digest", async () => {
        member = await generateKeys(`${signRequest.name}-${curve}`, curve);
        await consortium.decide({ name: "set_member", args: { cert: member.certificate } });
        const update = await signRequest(member, "", ["state_digest"]);
        const { stateDigest } = await client.updateStateDigest({ coseSign1: update });
        const ack = await signRequest(member, JSON.stringify({ stateDigest }), ["ack"]);
        await client.acknowledgeStateDigest({ coseSign1: ack });
        const { member: row } = await client.getMember({ memberId: member.id });
        assert.equal(row?.status, governance.MemberStatus.ACTIVE);
      });

      test("proposes, votes and withdraws", async () => {
        const actions = [{ name: "set_recovery_threshold", args: { recovery_threshold: 1 } }];
        const body = JSON.stringify({ actions });
        const coseSign1 = await signRequest(member, body, ["proposal"]);
        const { proposal } = await client.createProposal({ coseSign1 });
        assert.equal(proposal?.proposerId, member.id);
        const named = ["--ccf-gov-msg-proposal-id", proposal?.proposalId ?? ""];
        const ballot = await signRequest(member, JSON.stringify({ ballot: YES }), [
          "ballot",
          ...named,
        ]);
        const voted = await client.submitBallot({ coseSign1: ballot });
        assert.deepEqual(voted.proposal?.ballotSubmitters, [member.id]);
        const withdrawal = await signRequest(member, "", ["withdrawal", ...named]);
        const withdrawn = await client.withdrawProposal({ coseSign1: withdrawal });
        assert.equal(withdrawn.proposal?.state, governance.ProposalState.WITHDRAWN);
      });

      test("can use the same keys and messages with ccfctl", async () => {
        const { governance: address } = consortium.addresses;
        const ccfctl = new Ccfctl({ cwd: folder });
        const connection = [
          "--address",
          address.rpc,
          "--cacert",
          consortium.serviceCertificateFile,
        ];
        const identity = ["--key", member.key, "--cert", member.cert];
        await ccfctl.json("ack", ...connection, ...identity);
        const body = JSON.stringify({
          actions: [{ name: "set_recovery_threshold", args: { recovery_threshold: 2 } }],
        });
        await writeFile(
          join(folder, "proposal.cose"),
          await signRequest(member, body, ["proposal"]),
        );
        const sent = await ccfctl.json<{ proposalId: string; proposerId: string }>(
          "sign",
          "submit",
          "proposal.cose",
          ...connection,
        );
        assert.equal(sent.proposerId, member.id);
        await ccfctl.json(
          "proposal",
          "withdraw",
          sent.proposalId,
          "--yes",
          ...connection,
          ...identity,
        );
        await consortium.decide({ name: "remove_member", args: { member_id: member.id } });
      });
    });
  }
}

async function generateKeys(name: string, curve: string): Promise<CcfMember> {
  await ccf.output(["keygenerator.sh", "--name", name, "--curve", curve], { cwd: folder });
  const [key, cert] = [join(folder, `${name}_privk.pem`), join(folder, `${name}_cert.pem`)];
  const certificate = await readFile(cert, "utf8");
  return { name, curve, id: certificateFacts(certificate).id, key, cert, certificate };
}

function commonArguments(
  member: CcfMember,
  [type = "", ...headers]: string[],
  createdAt: string,
): string[] {
  const message = ["--ccf-gov-msg-type", type, "--ccf-gov-msg-created-at", createdAt];
  return ["--content", "-", "--signing-cert", member.cert, ...message, ...headers];
}

function signAtOnce(member: CcfMember, content: string, headers: string[]): Promise<Buffer> {
  const common = commonArguments(member, headers, now());
  const command = ["ccf_cose_sign1", ...common, "--signing-key", member.key];
  return ccf.output(command, { input: Buffer.from(content) });
}

/** The key is used by another program than CCF's, as it would be in a vault. */
async function signInTwoSteps(
  member: CcfMember,
  content: string,
  headers: string[],
): Promise<Buffer> {
  const common = commonArguments(member, headers, now());
  const input = Buffer.from(content);
  const prepared = await ccf.output(["ccf_cose_sign1_prepare", ...common], { input });
  const { value } = JSON.parse(prepared.toString()) as { value: string };
  using key = SigningKey.fromPem(await readFile(member.key, "utf8"));
  const signature = Buffer.from(key.signDigest(Buffer.from(value, "base64"), "p1363"));
  const file = join(folder, "signature.json");
  await writeFile(file, JSON.stringify({ value: paddedBase64Url(signature) }));
  return ccf.output(["ccf_cose_sign1_finish", ...common, "--signature", file], { input });
}

/** CCF's reader does not take it without the padding. */
function paddedBase64Url(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}

/** As CCF's signers want it. */
function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
