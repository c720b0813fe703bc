// SPDX-License-Identifier: Apache-2.0
//! The layout of a ledger entry, and the digests that anyone can recompute without a key.
//!
//! ```text
//! version u8 = 1 ‖ flags u8 ‖ size u48        size counts what follows tag 16 ‖ IV 12 (seqno u64 ‖
//! view u32) ‖ public length u64 ‖ public domain ‖ encrypted private domain
//! ```
//! All integers are little-endian.

use crate::hash::Hash;
use crate::kernel::sha256::{Start, digest_many};
use crate::{Code, Error, Result};

/// The version byte every entry begins with.
pub const VERSION: u8 = 1;
/// The flags that exist: force a chunk boundary after (bit 0) or before (bit 1) the entry.
pub const FLAGS_MASK: u8 = 0b11;
/// Largest value of an entry's size field.
pub const SIZE_MAX: u64 = 1 << 30;
/// Version, flags and size.
pub const HEADER_LENGTH: usize = 8;
/// Where the public domain begins: after the header, the tag, the IV and the public length.
pub const PUBLIC_DOMAIN_OFFSET: usize = 44;

pub(crate) const TAG_OFFSET: usize = 8;
pub(crate) const IV_OFFSET: usize = 24;

/// The kinds of transaction entry; 1 is a snapshot and no entry of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryType {
    /// Neither claims nor commit evidence (0).
    WriteSet,
    /// Claims digest only (2).
    WithClaims,
    /// Commit evidence digest only (3).
    WithCommitEvidence,
    /// Claims digest, then commit evidence digest (4): what is written today.
    WithCommitEvidenceAndClaims,
}

/// One entry inside a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The whole entry.
    pub bytes: &'a [u8],
    /// The initialisation vector.
    pub iv: &'a [u8; 12],
    /// The authentication tag.
    pub tag: &'a [u8; 16],
    /// The public domain, which is also the additional data of the encryption.
    pub public_domain: &'a [u8],
    /// The encrypted private domain.
    pub private_domain: &'a [u8],
    /// The kind of entry.
    pub entry_type: EntryType,
    /// The claims digest, if the type has one.
    pub claims_digest: Option<&'a Hash>,
    /// The digest of the commit evidence, if the type has one.
    pub commit_evidence_digest: Option<&'a Hash>,
}

const fn malformed(message: &'static str) -> Error {
    Error::new(Code::MalformedEntry, message)
}

impl<'a> Entry<'a> {
    /// Reads the entry that `bytes` begin with.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        const CUT_SHORT: Error = malformed("the entry is cut short");
        let header: &[u8; HEADER_LENGTH] = bytes.first_chunk().ok_or(CUT_SHORT)?;
        if header[0] != VERSION {
            return Err(malformed("the entry's version is not 1"));
        }
        if header[1] & !FLAGS_MASK != 0 {
            return Err(malformed("the entry has unknown flags"));
        }
        let size = u64::from_le_bytes(*header) >> 16;
        if size > SIZE_MAX {
            return Err(malformed("the entry is larger than 1 GiB"));
        }
        let bytes = bytes.get(..HEADER_LENGTH + size as usize).ok_or(CUT_SHORT)?;
        let (tag, rest) = bytes[HEADER_LENGTH..].split_first_chunk().ok_or(CUT_SHORT)?;
        let (iv, rest) = rest.split_first_chunk().ok_or(CUT_SHORT)?;
        let (public_length, rest) = rest.split_first_chunk().ok_or(CUT_SHORT)?;
        let public_length =
            usize::try_from(u64::from_le_bytes(*public_length)).unwrap_or(usize::MAX);
        let (public_domain, private_domain) = rest
            .split_at_checked(public_length)
            .ok_or(malformed("the public domain is longer than the entry"))?;
        let (entry_type, claims_digest, commit_evidence_digest) = read_public_head(public_domain)?;
        Ok(Self {
            bytes,
            iv,
            tag,
            public_domain,
            private_domain,
            entry_type,
            claims_digest,
            commit_evidence_digest,
        })
    }

    /// What the leaf in the Merkle tree is the digest of. (A plain write set's leaf is its own
    /// digest.)
    fn leaf_input(&self, write_set_digest: &Hash) -> Vec<u8> {
        let digests = [Some(write_set_digest), self.commit_evidence_digest, self.claims_digest];
        digests.into_iter().flatten().flatten().copied().collect()
    }
}

type PublicHead<'a> = (EntryType, Option<&'a Hash>, Option<&'a Hash>);

/// Reads type and digests, and checks that version and maximal conflict version follow where they
/// must.
fn read_public_head(domain: &[u8]) -> Result<PublicHead<'_>> {
    const CUT_SHORT: Error = malformed("the public domain is cut short");
    let (kind, rest) = domain.split_first().ok_or(CUT_SHORT)?;
    let entry_type = match kind {
        0 => EntryType::WriteSet,
        2 => EntryType::WithClaims,
        3 => EntryType::WithCommitEvidence,
        4 => EntryType::WithCommitEvidenceAndClaims,
        _ => return Err(malformed("the entry is of no type that a ledger holds")),
    };
    let (_, mut rest) = rest.split_first_chunk::<8>().ok_or(CUT_SHORT)?;
    let mut digest = |present: bool| -> Result<Option<&Hash>> {
        if !present {
            return Ok(None);
        }
        let (digest, after) = rest.split_first_chunk().ok_or(CUT_SHORT)?;
        rest = after;
        Ok(Some(digest))
    };
    let claims = digest(matches!(
        entry_type,
        EntryType::WithClaims | EntryType::WithCommitEvidenceAndClaims
    ))?;
    let evidence = digest(matches!(
        entry_type,
        EntryType::WithCommitEvidence | EntryType::WithCommitEvidenceAndClaims
    ))?;
    if rest.len() < 8 {
        return Err(CUT_SHORT);
    }
    Ok((entry_type, claims, evidence))
}

/// The entries of a chunk, one after the other. Ends after the first fault.
pub fn entries(chunk: &[u8]) -> impl Iterator<Item = Result<Entry<'_>>> {
    let mut rest = chunk;
    let mut index = 0;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let entry = Entry::read(rest).map_err(|error| error.at(index));
        rest = entry.as_ref().map_or(&[], |entry| &rest[entry.bytes.len()..]);
        index += 1;
        Some(entry)
    })
}

/// Digests of many entries.
#[derive(Debug, Default)]
pub struct Digests {
    /// Where each entry begins, and where the last one ends.
    pub offsets: Vec<u32>,
    /// One leaf for each entry.
    pub leaves: Vec<Hash>,
    /// One write-set digest for each entry.
    pub write_set_digests: Vec<Hash>,
}

/// Digests every entry of a chunk. The chunk must be entries from end to end.
pub fn digest_entries(chunk: &[u8]) -> Result<Digests> {
    if u32::try_from(chunk.len()).is_err() {
        return Err(malformed("a chunk is smaller than 4 GiB"));
    }
    let entries: Vec<Entry<'_>> = entries(chunk).collect::<Result<_>>()?;
    let whole: Vec<&[u8]> = entries.iter().map(|entry| entry.bytes).collect();
    let write_set_digests = digest_many(&Start::PLAIN, &whole);
    let inputs: Vec<Vec<u8>> = entries
        .iter()
        .zip(&write_set_digests)
        .map(|(entry, digest)| entry.leaf_input(digest))
        .collect();
    let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    let mut leaves = digest_many(&Start::PLAIN, &inputs);
    let mut offsets = vec![0];
    for (index, entry) in entries.iter().enumerate() {
        offsets.push(offsets[index] + entry.bytes.len() as u32);
        if entry.entry_type == EntryType::WriteSet {
            leaves[index] = write_set_digests[index];
        }
    }
    Ok(Digests { offsets, leaves, write_set_digests })
}
