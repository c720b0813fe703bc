// SPDX-License-Identifier: Apache-2.0
import type { governance } from "@consortium/proto";
import { showBytes } from "./bytes.js";
import { proposalStateName } from "./enum-names.js";
import { type FailureView, viewFailure } from "./governance.js";

/** What a proposal would change, and what it still needs. */
export interface PreviewView {
  validationError: string | null;
  changes: TableChangeView[];
  effects: string[];
  failure: FailureView | null;
  votedMembers: string[];
  missingMembers: string[];
  stateAfter: string;
  droppedProposals: string[];
}

/** Keys and values as text where they are text, else as `0x…`. */
export interface TableChangeView {
  map: string;
  key: string;
  oldValue: string | null;
  newValue: string | null;
}

export function viewPreview(preview: governance.PreviewProposalResponse): PreviewView {
  return {
    validationError: preview.validationError === "" ? null : preview.validationError,
    changes: preview.changes.map((change) => ({
      map: change.map,
      key: showBytes(change.key),
      oldValue: change.oldValue === undefined ? null : showBytes(change.oldValue),
      newValue: change.newValue === undefined ? null : showBytes(change.newValue),
    })),
    effects: [...preview.effects],
    failure: preview.failure === undefined ? null : viewFailure(preview.failure),
    votedMembers: [...preview.votedMembers],
    missingMembers: [...preview.missingMembers],
    stateAfter: proposalStateName(preview.stateAfter),
    droppedProposals: [...preview.droppedProposals],
  };
}
