// SPDX-License-Identifier: Apache-2.0
import type { GroupStore, KvReader, NodeIdentity, ViewHistory } from "@consortium/ledger";
import { node } from "@consortium/proto";
import type { SecretVersion } from "../effects/service-keys.js";
import type { Primary } from "../pipeline/primary.js";

/** What exists while this node leads. */
export interface Led {
  readonly primary: Primary;
  readonly history: ViewHistory;
  readonly secrets: () => readonly SecretVersion[];
  readonly leaseRemainingMs: () => number;
}

/** What a node knows of itself: the source of everything it answers about its state. */
export class NodeView {
  state: node.NodeState = node.NodeState.UNINITIALIZED;
  stopNotice = false;
  /** Why the node refuses to serve, if it does. */
  fault = "";
  selfSignedCertificate = "";
  readonly identity: NodeIdentity;
  readonly store: GroupStore;
  #led: Led | undefined;
  #kv: KvReader | undefined;

  constructor(identity: NodeIdentity, store: GroupStore) {
    this.identity = identity;
    this.store = store;
  }

  /** The group this node leads, if it does. */
  get led(): Led | undefined {
    return this.#led?.primary.leading === true ? this.#led : undefined;
  }

  /** The committed state, if the node has read the ledger. */
  get committed(): KvReader | undefined {
    return this.#led?.primary.kv.committed ?? this.#kv;
  }

  leads(led: Led): void {
    this.#led = led;
    this.#kv = led.primary.kv.committed;
    this.state = node.NodeState.PART_OF_NETWORK;
  }

  ledNoMore(): void {
    this.#led = undefined;
  }
}
