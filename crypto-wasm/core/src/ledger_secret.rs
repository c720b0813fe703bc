// SPDX-License-Identifier: Apache-2.0
//! The ledger secret: what encrypts private domains and derives commit evidence. This is the hot
//! path of every write.

use crate::aead::{KEY_LENGTH, TAG_LENGTH};
use crate::entry::{self, Entry, IV_OFFSET, PUBLIC_DOMAIN_OFFSET, TAG_OFFSET};
use crate::evidence::{Evidence, EvidenceKey};
use crate::hash::{Hash, hmac_sha256};
use crate::kernel::gcm::{BatchGcm, Message};
use crate::kernel::sha256::{Start, digest_many};
use crate::{Code, Error, Result, batch};
use zeroize::Zeroizing;

const COMMIT_SECRET_LABEL: &[u8] = b"Commit S";
/// Bit 31 of the IV's last word marks snapshots.
const VIEW_LIMIT: u32 = 1 << 31;
/// Sequence numbers stay exact as JavaScript numbers.
const SEQNO_LIMIT: u64 = 1 << 53;

/// The secret, expanded for use; wiped when dropped.
pub struct LedgerSecret {
    encryption: BatchGcm,
    evidence: EvidenceKey,
}

/// What sealing a batch gives.
#[derive(Debug, Default)]
pub struct Sealed {
    /// The entries, one after the other.
    pub entries: Vec<u8>,
    /// Where each entry begins, and where the last one ends.
    pub offsets: Vec<u32>,
    /// One leaf for each entry.
    pub leaves: Vec<Hash>,
}

/// Plaintexts of private domains, one after the other, wiped when dropped.
#[derive(Debug)]
pub struct Opened {
    /// The plaintexts.
    pub plaintexts: Zeroizing<Vec<u8>>,
    /// Where each plaintext begins, and where the last one ends.
    pub offsets: Vec<u32>,
}

impl LedgerSecret {
    /// Expands a raw secret.
    pub fn new(raw: &[u8; KEY_LENGTH]) -> Self {
        let commit_secret = Zeroizing::new(hmac_sha256(raw, COMMIT_SECRET_LABEL));
        Self { encryption: BatchGcm::new(raw), evidence: EvidenceKey::new(&commit_secret) }
    }

    /// The text that proves a transaction was committed: `ce:<view>.<seqno>:<nonce in hex>`.
    pub fn commit_evidence(&self, view: u32, seqno: u64) -> String {
        let evidence = self.evidence.evidence(view, seqno..seqno.saturating_add(1));
        evidence.iter().map(Evidence::text).collect()
    }

    /// Seals a batch: repeated `u32le public length, u32le private length, u8 flags, 32 bytes
    /// claims digest, public map records, private map records`. The entries get consecutive
    /// sequence numbers from `first_seqno`.
    pub fn seal(&self, view: u32, first_seqno: u64, batch: &[u8]) -> Result<Sealed> {
        if view >= VIEW_LIMIT {
            return Err(Error::new(Code::InvalidArgument, "a view is below 2^31"));
        }
        let (drafts, total) = batch::read(batch)?;
        let count = drafts.len() as u64;
        if first_seqno == 0 || first_seqno >= SEQNO_LIMIT - count {
            let message = "sequence numbers are positive and below 2^53";
            return Err(Error::new(Code::InvalidArgument, message));
        }
        let seqnos = first_seqno..first_seqno + count;
        let evidence_digests = self.evidence.digests(view, seqnos.clone());
        let mut entries = Vec::with_capacity(total);
        let mut offsets = vec![0];
        let mut messages = Vec::with_capacity(drafts.len());
        for ((draft, digest), seqno) in drafts.iter().zip(&evidence_digests).zip(seqnos) {
            messages.push(draft.lay_out((view, seqno), digest, &mut entries));
            offsets.push(entries.len() as u32);
        }
        let tags = self.encryption.seal(&messages, &mut entries);
        for (message, tag) in messages.iter().zip(tags) {
            let start = message.aad.start - PUBLIC_DOMAIN_OFFSET;
            entries[start + TAG_OFFSET..start + IV_OFFSET].copy_from_slice(&tag);
        }
        let inputs: Vec<[u8; 96]> = write_set_digests(&entries, &offsets)
            .iter()
            .zip(drafts.iter().zip(&evidence_digests))
            .map(|(digest, (draft, evidence_digest))| draft.leaf_input(digest, evidence_digest))
            .collect();
        let leaves = digest_many(&Start::PLAIN, &slices(&inputs));
        Ok(Sealed { entries, offsets, leaves })
    }

    /// Decrypts the private domain of every entry of a chunk. One altered entry refuses the chunk.
    pub fn open(&self, chunk: &[u8]) -> Result<Opened> {
        if u32::try_from(chunk.len()).is_err() {
            return Err(Error::new(Code::MalformedEntry, "a chunk is smaller than 4 GiB"));
        }
        let entries: Vec<Entry<'_>> = entry::entries(chunk).collect::<Result<_>>()?;
        let total = entries.iter().map(|entry| entry.private_domain.len()).sum();
        // With all its room from the beginning: plaintext is never moved and left behind.
        let mut plaintexts = Zeroizing::new(Vec::with_capacity(total));
        let mut offsets = vec![0];
        let mut messages = Vec::with_capacity(entries.len());
        let mut end = 0;
        for entry in &entries {
            let start = end + PUBLIC_DOMAIN_OFFSET;
            let middle = start + entry.public_domain.len();
            end += entry.bytes.len();
            messages.push(Message { iv: *entry.iv, aad: start..middle, data: middle..end });
            plaintexts.extend_from_slice(entry.private_domain);
            offsets.push(plaintexts.len() as u32);
        }
        let tags = self.encryption.open(&messages, chunk, &mut plaintexts);
        match entries.iter().zip(&tags).position(|(entry, tag)| !same(entry.tag, tag)) {
            None => Ok(Opened { plaintexts, offsets }),
            Some(index) => {
                const ALTERED: &str = "the entry was altered or sealed with another ledger secret";
                Err(Error::new(Code::EntryNotAuthentic, ALTERED).at(index))
            }
        }
    }
}

/// Compares in one go: how much of a tag fits must not show.
fn same(left: &[u8; TAG_LENGTH], right: &[u8; TAG_LENGTH]) -> bool {
    u128::from_ne_bytes(*left) ^ u128::from_ne_bytes(*right) == 0
}

fn write_set_digests(entries: &[u8], offsets: &[u32]) -> Vec<Hash> {
    let ends = offsets.windows(2).map(|ends| ends[0] as usize..ends[1] as usize);
    let entries: Vec<&[u8]> = ends.map(|range| &entries[range]).collect();
    digest_many(&Start::PLAIN, &entries)
}

fn slices<const N: usize>(arrays: &[[u8; N]]) -> Vec<&[u8]> {
    arrays.iter().map(<[u8; N]>::as_slice).collect()
}
