// SPDX-License-Identifier: Apache-2.0
//! Commit evidence, `ce:<view>.<seqno>:<nonce>`, where the nonce is HMAC-SHA-256 of the transaction
//! id under the commit secret, in hex. Many at a time.

use crate::hash::Hash;
use crate::kernel::sha256::{BLOCK, Start, digest_many};
use core::ops::Range;
use std::io::Write;
use zeroize::Zeroizing;

const PREFIX: &[u8] = b"ce:";
/// Prefix, a view of 10 digits, a dot, a sequence number of 20 digits, a colon, 64 digits.
const LENGTH_MAX: usize = 3 + 10 + 1 + 20 + 1 + 64;

/// An HMAC key in the form that hashing goes on from; wiped when dropped.
pub(crate) struct EvidenceKey {
    inner: Start,
    outer: Start,
}

impl EvidenceKey {
    pub(crate) fn new(commit_secret: &Hash) -> Self {
        let mut block = Zeroizing::new([0; BLOCK]);
        block[..commit_secret.len()].copy_from_slice(commit_secret);
        let inner = Zeroizing::new(block.map(|byte| byte ^ 0x36));
        let outer = Zeroizing::new(block.map(|byte| byte ^ 0x5c));
        Self { inner: Start::after(&inner), outer: Start::after(&outer) }
    }

    /// The evidence of each of `seqnos`.
    pub(crate) fn evidence(&self, view: u32, seqnos: Range<u64>) -> Vec<Evidence> {
        let mut all: Vec<_> = seqnos.map(|seqno| Evidence::without_nonce(view, seqno)).collect();
        let ids: Vec<&[u8]> = all.iter().map(Evidence::transaction_id).collect();
        let inner = digest_many(&self.inner, &ids);
        let inner: Vec<&[u8]> = inner.iter().map(|digest| &digest[..]).collect();
        let nonces = digest_many(&self.outer, &inner);
        for (evidence, nonce) in all.iter_mut().zip(nonces) {
            evidence.set_nonce(&nonce);
        }
        all
    }

    /// The digest of the evidence of each of `seqnos`, which is what entries carry.
    pub(crate) fn digests(&self, view: u32, seqnos: Range<u64>) -> Vec<Hash> {
        let evidence = self.evidence(view, seqnos);
        let texts: Vec<&[u8]> = evidence.iter().map(|one| one.text().as_bytes()).collect();
        digest_many(&Start::PLAIN, &texts)
    }
}

/// One evidence, without an allocation of its own.
pub(crate) struct Evidence {
    bytes: [u8; LENGTH_MAX],
    id_end: usize,
}

impl Evidence {
    fn without_nonce(view: u32, seqno: u64) -> Self {
        let mut bytes = [0; LENGTH_MAX];
        let mut rest = &mut bytes[..];
        write!(rest, "ce:{view}.{seqno}:").expect("the longest numbers have room");
        let id_end = LENGTH_MAX - rest.len() - 1;
        Self { bytes, id_end }
    }

    fn transaction_id(&self) -> &[u8] {
        &self.bytes[PREFIX.len()..self.id_end]
    }

    fn set_nonce(&mut self, nonce: &Hash) {
        let digits = &mut self.bytes[self.id_end + 1..];
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(nonce) {
            *pair = [byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]);
        }
    }

    pub(crate) fn text(&self) -> &str {
        let text = &self.bytes[..self.id_end + 1 + 64];
        str::from_utf8(text).expect("it is made of ASCII alone")
    }
}
