// SPDX-License-Identifier: Apache-2.0
//! The ledger secret: what encrypts private domains and derives commit evidence. This is the hot
//! path of every write.

use crate::aead::{AesGcmKey, IV_LENGTH, KEY_LENGTH};
use crate::entry::{
    self, FLAGS_MASK, HEADER_LENGTH, IV_OFFSET, PUBLIC_DOMAIN_OFFSET, SIZE_MAX, TAG_OFFSET, VERSION,
};
use crate::hash::{Hash, hmac_sha256, keyed_hmac, sha256, sha256_parts};
use crate::kernel::gcm::{BatchGcm, Message};
use crate::{Code, Error, Result};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

const COMMIT_SECRET_LABEL: &[u8] = b"Commit S";
const ENTRY_TYPE: u8 = 4;
/// Type, version, claims digest, commit evidence digest, maximal conflict version.
const PUBLIC_HEAD_LENGTH: usize = 1 + 8 + 32 + 32 + 8;
/// Lengths of the public and private map records, flags, claims digest.
const BATCH_HEAD_LENGTH: usize = 4 + 4 + 1 + 32;
/// Bit 31 of the IV's last word marks snapshots.
const VIEW_LIMIT: u32 = 1 << 31;
/// Sequence numbers stay exact as JavaScript numbers.
const SEQNO_LIMIT: u64 = 1 << 53;

/// The secret, expanded for use; wiped when dropped.
pub struct LedgerSecret {
    encryption: BatchGcm,
    decryption: AesGcmKey,
    evidence: Hmac<Sha256>,
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

struct Draft<'a> {
    flags: u8,
    claims_digest: &'a Hash,
    public_maps: &'a [u8],
    private_maps: &'a [u8],
}

const fn malformed(message: &'static str) -> Error {
    Error::new(Code::MalformedBatch, message)
}

impl LedgerSecret {
    /// Expands a raw secret.
    pub fn new(raw: &[u8; KEY_LENGTH]) -> Self {
        let commit_secret = Zeroizing::new(hmac_sha256(raw, COMMIT_SECRET_LABEL));
        Self {
            encryption: BatchGcm::new(raw),
            decryption: AesGcmKey::new(raw),
            evidence: keyed_hmac(commit_secret.as_slice()),
        }
    }

    /// The text that proves a transaction was committed: `ce:<view>.<seqno>:<nonce in hex>`.
    pub fn commit_evidence(&self, view: u32, seqno: u64) -> String {
        let mut evidence = format!("ce:{view}.{seqno}:");
        let mut mac = self.evidence.clone();
        mac.update(&evidence.as_bytes()[3..evidence.len() - 1]);
        for byte in mac.finalize().into_bytes() {
            for digit in [byte >> 4, byte & 15] {
                evidence.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
            }
        }
        evidence
    }

    /// Seals a batch: repeated `u32le public length, u32le private length, u8 flags, 32 bytes
    /// claims digest, public map records, private map records`. The entries get consecutive
    /// sequence numbers from `first_seqno`.
    pub fn seal(&self, view: u32, first_seqno: u64, batch: &[u8]) -> Result<Sealed> {
        if view >= VIEW_LIMIT {
            return Err(Error::new(Code::InvalidArgument, "a view is below 2^31"));
        }
        let (count, total) = measure(batch)?;
        if first_seqno == 0 || first_seqno >= SEQNO_LIMIT - count as u64 {
            return Err(Error::new(
                Code::InvalidArgument,
                "sequence numbers are positive and below 2^53",
            ));
        }
        let mut sealed = Sealed {
            entries: Vec::with_capacity(total),
            offsets: Vec::with_capacity(count + 1),
            leaves: Vec::with_capacity(count),
        };
        let mut messages = Vec::with_capacity(count);
        let mut rest = batch;
        sealed.offsets.push(0);
        for seqno in (first_seqno..).take(count) {
            let (draft, after) = read_draft(rest)?;
            rest = after;
            messages.push(self.lay_out(view, seqno, &draft, &mut sealed.entries));
            sealed.offsets.push(sealed.entries.len() as u32);
        }
        let tags = self.encryption.seal(&messages, &mut sealed.entries);
        for (message, tag) in messages.iter().zip(tags) {
            let entry =
                &mut sealed.entries[message.aad.start - PUBLIC_DOMAIN_OFFSET..message.data.end];
            entry[TAG_OFFSET..IV_OFFSET].copy_from_slice(&tag);
            sealed.leaves.push(leaf_of(entry));
        }
        Ok(sealed)
    }

    /// Appends an entry that still lacks its tag and its encryption.
    fn lay_out(&self, view: u32, seqno: u64, draft: &Draft<'_>, out: &mut Vec<u8>) -> Message {
        let public_length = PUBLIC_HEAD_LENGTH + draft.public_maps.len();
        let private_length = draft.private_maps.len();
        let size = PUBLIC_DOMAIN_OFFSET - HEADER_LENGTH + public_length + private_length;
        let mut iv = [0; IV_LENGTH];
        iv[..8].copy_from_slice(&seqno.to_le_bytes());
        iv[8..].copy_from_slice(&view.to_le_bytes());

        out.extend_from_slice(&[VERSION, draft.flags]);
        out.extend_from_slice(&(size as u64).to_le_bytes()[..6]);
        out.extend_from_slice(&[0; IV_OFFSET - TAG_OFFSET]);
        out.extend_from_slice(&iv);
        out.extend_from_slice(&(public_length as u64).to_le_bytes());
        let start = out.len();
        out.push(ENTRY_TYPE);
        out.extend_from_slice(&seqno.to_le_bytes());
        out.extend_from_slice(draft.claims_digest);
        out.extend_from_slice(&sha256(self.commit_evidence(view, seqno).as_bytes()));
        out.extend_from_slice(&0u64.to_le_bytes());
        out.extend_from_slice(draft.public_maps);
        out.extend_from_slice(draft.private_maps);
        let end = start + public_length;
        Message {
            iv,
            aad: start..end,
            data: end..out.len(),
        }
    }

    /// Decrypts the private domain of every entry of a chunk. One altered entry refuses the chunk.
    pub fn open(&self, chunk: &[u8]) -> Result<Opened> {
        let mut plaintexts = Zeroizing::new(Vec::with_capacity(private_total(chunk)?));
        let mut offsets = vec![0];
        for (index, entry) in entry::entries(chunk).enumerate() {
            let entry = entry?;
            let start = plaintexts.len();
            plaintexts.extend_from_slice(entry.private_domain);
            if !self.decryption.open_in_place(
                entry.iv,
                entry.public_domain,
                &mut plaintexts[start..],
                entry.tag,
            ) {
                return Err(Error::new(
                    Code::EntryNotAuthentic,
                    "the entry was altered or sealed with another ledger secret",
                )
                .at(index));
            }
            offsets.push(plaintexts.len() as u32);
        }
        Ok(Opened {
            plaintexts,
            offsets,
        })
    }
}

/// The leaf of an entry laid out here: digests of the entry, the commit evidence and the claims.
fn leaf_of(entry: &[u8]) -> Hash {
    let (claims_digest, rest) = entry[PUBLIC_DOMAIN_OFFSET + 9..].split_at(32);
    sha256_parts(&[&sha256(entry), &rest[..32], claims_digest])
}

/// Bytes that all private domains take together, so that plaintext is never moved and left behind.
fn private_total(chunk: &[u8]) -> Result<usize> {
    if u32::try_from(chunk.len()).is_err() {
        return Err(Error::new(
            Code::MalformedEntry,
            "a chunk is smaller than 4 GiB",
        ));
    }
    entry::entries(chunk).try_fold(0, |total, entry| Ok(total + entry?.private_domain.len()))
}

/// Counts the drafts of a batch and the bytes of the entries they become.
fn measure(batch: &[u8]) -> Result<(usize, usize)> {
    let (mut count, mut total, mut rest) = (0, 0usize, batch);
    while !rest.is_empty() {
        let (draft, after) = read_draft(rest).map_err(|error| error.at(count))?;
        let length = PUBLIC_DOMAIN_OFFSET
            + PUBLIC_HEAD_LENGTH
            + draft.public_maps.len()
            + draft.private_maps.len();
        if (length - HEADER_LENGTH) as u64 > SIZE_MAX {
            return Err(malformed("the entry is larger than 1 GiB").at(count));
        }
        total = total.saturating_add(length);
        rest = after;
        count += 1;
    }
    if total > u32::MAX as usize / 2 {
        return Err(malformed("a batch gives at most 2 GiB of entries"));
    }
    Ok((count, total))
}

fn read_draft(batch: &[u8]) -> Result<(Draft<'_>, &[u8])> {
    const CUT_SHORT: Error = malformed("the batch is cut short");
    let (head, rest) = batch
        .split_first_chunk::<BATCH_HEAD_LENGTH>()
        .ok_or(CUT_SHORT)?;
    let (public_length, head) = head.split_first_chunk().ok_or(CUT_SHORT)?;
    let (private_length, head) = head.split_first_chunk().ok_or(CUT_SHORT)?;
    let (flags, claims_digest) = head.split_first().ok_or(CUT_SHORT)?;
    if flags & !FLAGS_MASK != 0 {
        return Err(malformed("the batch has unknown flags"));
    }
    let (public_maps, rest) = rest
        .split_at_checked(u32::from_le_bytes(*public_length) as usize)
        .ok_or(CUT_SHORT)?;
    let (private_maps, rest) = rest
        .split_at_checked(u32::from_le_bytes(*private_length) as usize)
        .ok_or(CUT_SHORT)?;
    let claims_digest = claims_digest.try_into().map_err(|_| CUT_SHORT)?;
    Ok((
        Draft {
            flags: *flags,
            claims_digest,
            public_maps,
            private_maps,
        },
        rest,
    ))
}
