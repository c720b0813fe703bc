// SPDX-License-Identifier: Apache-2.0
//! Drafts of entries, packed into a batch, and how they are laid out as entries.

use crate::aead::IV_LENGTH;
use crate::entry::{
    FLAGS_MASK, HEADER_LENGTH, IV_OFFSET, PUBLIC_DOMAIN_OFFSET, SIZE_MAX, TAG_OFFSET, VERSION,
};
use crate::hash::Hash;
use crate::kernel::gcm::Message;
use crate::{Code, Error, Result};

const ENTRY_TYPE: u8 = 4;
/// Type, version, claims digest, commit evidence digest, maximal conflict version.
const PUBLIC_HEAD_LENGTH: usize = 1 + 8 + 32 + 32 + 8;
/// Lengths of the public and private map records, flags, claims digest.
const DRAFT_HEAD_LENGTH: usize = 4 + 4 + 1 + 32;
/// What an entry is longer than its map records.
const OVERHEAD: usize = PUBLIC_DOMAIN_OFFSET + PUBLIC_HEAD_LENGTH;
/// Input and result have to fit into the memory of WebAssembly together.
const COUNT_MAX: usize = 1 << 16;
const TOTAL_MAX: usize = 1 << 31;

/// What becomes one entry.
pub(crate) struct Draft<'a> {
    flags: u8,
    claims_digest: &'a Hash,
    public_maps: &'a [u8],
    private_maps: &'a [u8],
}

const fn malformed(message: &'static str) -> Error {
    Error::new(Code::MalformedBatch, message)
}

/// The drafts of a batch, and the bytes of the entries they become.
pub(crate) fn read(batch: &[u8]) -> Result<(Vec<Draft<'_>>, usize)> {
    let (mut drafts, mut total, mut rest) = (Vec::new(), 0usize, batch);
    while !rest.is_empty() {
        if drafts.len() == COUNT_MAX {
            return Err(malformed("a batch gives at most 65536 entries"));
        }
        let (draft, after) = Draft::read(rest).map_err(|error| error.at(drafts.len()))?;
        total = total.saturating_add(draft.entry_length());
        drafts.push(draft);
        rest = after;
    }
    if total > TOTAL_MAX {
        return Err(malformed("a batch gives at most 2 GiB of entries"));
    }
    Ok((drafts, total))
}

impl<'a> Draft<'a> {
    fn read(batch: &'a [u8]) -> Result<(Self, &'a [u8])> {
        const CUT_SHORT: Error = malformed("the batch is cut short");
        let (head, rest) = batch.split_first_chunk::<DRAFT_HEAD_LENGTH>().ok_or(CUT_SHORT)?;
        let (public_length, head) = head.split_first_chunk().ok_or(CUT_SHORT)?;
        let (private_length, head) = head.split_first_chunk().ok_or(CUT_SHORT)?;
        let (flags, head) = head.split_first().ok_or(CUT_SHORT)?;
        let claims_digest = head.first_chunk().ok_or(CUT_SHORT)?;
        if flags & !FLAGS_MASK != 0 {
            return Err(malformed("the draft has unknown flags"));
        }
        let length = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes) as usize;
        let (public_maps, rest) = rest.split_at_checked(length(public_length)).ok_or(CUT_SHORT)?;
        let (private_maps, rest) =
            rest.split_at_checked(length(private_length)).ok_or(CUT_SHORT)?;
        let draft = Self { flags: *flags, claims_digest, public_maps, private_maps };
        if (draft.entry_length() - HEADER_LENGTH) as u64 > SIZE_MAX {
            return Err(malformed("the entry is larger than 1 GiB"));
        }
        Ok((draft, rest))
    }

    fn entry_length(&self) -> usize {
        OVERHEAD + self.public_maps.len() + self.private_maps.len()
    }

    /// Appends the entry, which then lacks its tag and its encryption.
    pub(crate) fn lay_out(
        &self,
        (view, seqno): (u32, u64),
        evidence_digest: &Hash,
        out: &mut Vec<u8>,
    ) -> Message {
        let mut iv = [0; IV_LENGTH];
        iv[..8].copy_from_slice(&seqno.to_le_bytes());
        iv[8..].copy_from_slice(&view.to_le_bytes());
        let size = self.entry_length() - HEADER_LENGTH;
        let public_length = PUBLIC_HEAD_LENGTH + self.public_maps.len();

        out.extend_from_slice(&[VERSION, self.flags]);
        out.extend_from_slice(&(size as u64).to_le_bytes()[..6]);
        out.extend_from_slice(&[0; IV_OFFSET - TAG_OFFSET]);
        out.extend_from_slice(&iv);
        out.extend_from_slice(&(public_length as u64).to_le_bytes());
        let start = out.len();
        out.push(ENTRY_TYPE);
        out.extend_from_slice(&seqno.to_le_bytes());
        out.extend_from_slice(self.claims_digest);
        out.extend_from_slice(evidence_digest);
        out.extend_from_slice(&0u64.to_le_bytes());
        out.extend_from_slice(self.public_maps);
        out.extend_from_slice(self.private_maps);
        let end = start + public_length;
        Message { iv, aad: start..end, data: end..out.len() }
    }

    /// What the entry's leaf is the digest of.
    pub(crate) fn leaf_input(&self, write_set_digest: &Hash, evidence_digest: &Hash) -> [u8; 96] {
        let mut input = [0; 96];
        let digests = [write_set_digest, evidence_digest, self.claims_digest];
        for (part, digest) in input.as_chunks_mut::<32>().0.iter_mut().zip(digests) {
            *part = *digest;
        }
        input
    }
}
