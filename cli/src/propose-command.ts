// SPDX-License-Identifier: Apache-2.0
import type { Command, Interfaces } from "@oclif/core";
import { confirm } from "./confirm.js";
import { type Context, resolveIdentity } from "./context/index.js";
import { cliErrors } from "./errors.js";
import { proposeFlags } from "./flags/propose.js";
import { parseJsonInput } from "./input/read-input.js";
import type { Json, JsonObject } from "./json.js";
import {
  createProposal,
  previewIfOffered,
  waitUntilResolved,
} from "./operations/governance/proposals.js";
import { type MemberSigner, openMemberSigner } from "./operations/signing/member-signer.js";
import { renderBody, renderPreview, renderRecorded } from "./render/proposal.js";
import { faint } from "./render/text.js";
import { ServiceCommand } from "./service-command.js";
import type { ProposalView } from "./views/governance.js";
import type { PreviewView } from "./views/preview.js";

type ProposeFlags = Interfaces.InferredFlags<typeof proposeFlags>;

/** What a sent proposal became; with `--dry-run` the body itself is the result. */
export type ProposeResult = ProposalView & { transactionId: string };

/** Shows, asks, signs, sends and waits: the same for every proposal. */
export abstract class ProposingCommand extends ServiceCommand {
  protected async propose(body: Buffer, flags: ProposeFlags): Promise<ProposeResult | Json> {
    const parsed = parseJsonInput(body.toString("utf8"), "the proposal") as Json;
    if (flags["dry-run"]) {
      this.log(JSON.stringify(parsed, undefined, 2));
      return parsed;
    }
    const context = await this.readContext(flags);
    const signer = await openMemberSigner(resolveIdentity("member", context, flags));
    using client = await this.governance(flags);
    this.log(renderBody(parsed));
    if (!this.jsonEnabled()) {
      const preview = await previewIfOffered(client, { body });
      if (preview !== undefined) this.showPreview(preview);
    }
    await this.askToSign(signer, context, flags.yes);
    const createdAt = flags["created-at"];
    const sent = await createProposal(
      client,
      signer,
      body,
      createdAt === undefined ? {} : { createdAt },
    );
    this.log(renderRecorded(sent.proposal, sent.transactionId));
    if (!flags.wait) return { ...sent.proposal, transactionId: sent.transactionId };
    const { proposalId } = sent.proposal;
    const resolved = await waitUntilResolved(client, proposalId, flags["wait-timeout"]);
    this.log(renderRecorded(resolved, ""));
    if (resolved.proposalState !== "Accepted") throw notAccepted(resolved);
    return { ...resolved, transactionId: sent.transactionId };
  }

  private showPreview(preview: PreviewView): void {
    if (preview.validationError !== null) {
      throw cliErrors("PROPOSAL_FAILED_TO_VALIDATE", preview.validationError, {
        hint: "Nothing was signed. Correct the arguments; --dry-run shows the proposal.",
      });
    }
    this.log(faint(renderPreview(preview)));
  }

  private async askToSign(signer: MemberSigner, context: Context, yes: boolean): Promise<void> {
    const where = context.name === undefined ? "" : ` for the service of context "${context.name}"`;
    this.log(`to be signed by member ${signer.memberId}${where}`);
    await confirm("Sign and send this proposal?", { yes });
  }
}

function notAccepted(proposal: ProposalView): Error {
  const reason = proposal.failure === undefined ? "" : `: ${proposal.failure.reason}`;
  return cliErrors(
    "PROPOSAL_NOT_ACCEPTED",
    `the proposal ended as ${proposal.proposalState}${reason}`,
    {
      details: { proposal_id: proposal.proposalId, state: proposal.proposalState },
      hint: `See \`ccfctl proposal show ${proposal.proposalId}\`.`,
    },
  );
}

/** What a builder of arguments gets to see. */
export interface BuildInput<F extends Interfaces.FlagInput, A extends Interfaces.ArgInput> {
  flags: Interfaces.InferredFlags<F> & ProposeFlags;
  args: Interfaces.InferredArgs<A>;
  /** For the few arguments that the connection knows, such as the service certificate. */
  context: () => Promise<Context>;
}

/** One action of the constitution as a command: its name, its flags, and how they become arguments. */
export interface ActionDefinition<F extends Interfaces.FlagInput, A extends Interfaces.ArgInput> {
  action: string;
  summary: string;
  description?: string;
  examples: string[];
  flags?: F;
  args?: A;
  /** `undefined` for an action that takes no arguments at all. */
  build(input: BuildInput<F, A>): Promise<JsonObject | undefined> | JsonObject | undefined;
}

export type ActionCommand = Command.Class & { readonly definition: { action: string } };

/** Makes the command of an action. */
export function proposeCommand<
  F extends Interfaces.FlagInput = Record<never, never>,
  A extends Interfaces.ArgInput = Record<never, never>,
>(definition: ActionDefinition<F, A>): ActionCommand {
  const flags = { ...proposeFlags, ...definition.flags };
  const args = definition.args ?? {};
  class ActionProposal extends ProposingCommand {
    static readonly definition = definition;
    static override summary = definition.summary;
    static override description =
      definition.description ??
      `Proposes the action ${definition.action}. Nothing changes before members have voted.`;
    static override examples = definition.examples;
    static override flags = flags;
    static override args = args;

    async run(): Promise<ProposeResult | Json> {
      const parsed = await this.parse(ActionProposal);
      const input = {
        // The parser was given exactly these definitions.
        flags: parsed.flags as unknown as Interfaces.InferredFlags<F> & ProposeFlags,
        args: parsed.args as unknown as Interfaces.InferredArgs<A>,
        context: () => this.readContext(parsed.flags as unknown as ProposeFlags),
      };
      const built = await definition.build(input);
      const action =
        built === undefined
          ? { name: definition.action }
          : { name: definition.action, args: built };
      const body = Buffer.from(JSON.stringify({ actions: [action] }));
      return this.propose(body, parsed.flags as unknown as ProposeFlags);
    }
  }
  return ActionProposal as unknown as ActionCommand;
}
