// SPDX-License-Identifier: Apache-2.0
export { openReplica, type OpenReplicaOptions } from "./open-replica.js";
export { Replica, type ReplicaOptions } from "./replica.js";
export { SecretRing } from "./secret-ring.js";
export { ViewHistory } from "./view-history.js";
