// SPDX-License-Identifier: Apache-2.0
import { BaseCommand } from "./base-command.js";
import {
  connectGovernance,
  connectKv,
  connectNode,
  connectNodeAs,
  connectRecovery,
  type GovernanceClient,
  type KvClient,
  type NodeClient,
  type RecoveryClient,
} from "./connect/clients.js";
import { resolveTarget, type TargetFlags } from "./connect/target.js";
import { type IdentityFlags, resolveIdentity } from "./context/index.js";
import { type MemberSigner, openMemberSigner } from "./operations/signing/member-signer.js";

type ConnectionFlags = TargetFlags & { context?: string | undefined };
type ActingFlags = IdentityFlags & { context?: string | undefined };

/** A command that talks to a service. The clients are disposed by who asked for them (`using`). */
export abstract class ServiceCommand extends BaseCommand {
  protected async node(flags: ConnectionFlags): Promise<NodeClient> {
    return connectNode(await resolveTarget("node", await this.readContext(flags), flags));
  }

  /** As a member, or with the files of a trusted node. */
  protected async nodeAs(flags: ConnectionFlags & IdentityFlags): Promise<NodeClient> {
    const context = await this.readContext(flags);
    const identity = resolveIdentity("member", context, flags);
    return connectNodeAs(await resolveTarget("node", context, flags), identity);
  }

  protected async governance(flags: ConnectionFlags): Promise<GovernanceClient> {
    return connectGovernance(
      await resolveTarget("governance", await this.readContext(flags), flags),
    );
  }

  protected async recovery(flags: ConnectionFlags): Promise<RecoveryClient> {
    return connectRecovery(await resolveTarget("recovery", await this.readContext(flags), flags));
  }

  /** The key-value application, as a user. */
  protected async kv(flags: ConnectionFlags & IdentityFlags): Promise<KvClient> {
    const context = await this.readContext(flags);
    const user = resolveIdentity("user", context, flags);
    return connectKv(await resolveTarget("node", context, flags), user);
  }

  protected async signer(flags: ActingFlags): Promise<MemberSigner> {
    return openMemberSigner(resolveIdentity("member", await this.readContext(flags), flags));
  }
}
