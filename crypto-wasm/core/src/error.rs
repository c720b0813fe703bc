// SPDX-License-Identifier: Apache-2.0
use core::fmt;

/// What went wrong, stable for callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// A private or public key does not parse or is not of a supported curve.
    InvalidKey,
    /// A batch to seal does not follow its packing, or an entry in it is too large.
    MalformedBatch,
    /// A ledger entry does not follow the layout.
    MalformedEntry,
    /// A COSE_Sign1 message or header is not well formed under our strict rules.
    MalformedCose,
    /// A serialised Merkle tree is not well formed.
    MalformedTree,
    /// A share has the wrong size, or two shares have the same x.
    InvalidShare,
    /// An entry was altered, or was sealed with another ledger secret.
    EntryNotAuthentic,
    /// An argument is outside what the function accepts.
    InvalidArgument,
    /// The random source failed.
    NoEntropy,
}

impl Code {
    /// The code as it appears in JavaScript.
    pub const fn name(self) -> &'static str {
        match self {
            Code::InvalidKey => "INVALID_KEY",
            Code::MalformedBatch => "MALFORMED_BATCH",
            Code::MalformedEntry => "MALFORMED_ENTRY",
            Code::MalformedCose => "MALFORMED_COSE",
            Code::MalformedTree => "MALFORMED_TREE",
            Code::InvalidShare => "INVALID_SHARE",
            Code::EntryNotAuthentic => "ENTRY_NOT_AUTHENTIC",
            Code::InvalidArgument => "INVALID_ARGUMENT",
            Code::NoEntropy => "NO_ENTROPY",
        }
    }
}

/// A refused input: a stable code, a sentence, and the entry's position where there are many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// Stable code.
    pub code: Code,
    /// What is wrong, for a person.
    pub message: &'static str,
    /// Position of the offending entry in a batch or chunk.
    pub index: Option<usize>,
}

impl Error {
    pub(crate) const fn new(code: Code, message: &'static str) -> Self {
        Self { code, message, index: None }
    }

    /// The random source failed, for whatever reason it gives.
    pub(crate) fn no_entropy<E>(_reason: E) -> Self {
        Self::new(Code::NoEntropy, "the random source failed")
    }

    pub(crate) const fn at(self, index: usize) -> Self {
        Self { code: self.code, message: self.message, index: Some(index) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "entry {index}: {}", self.message),
            None => f.write_str(self.message),
        }
    }
}

impl core::error::Error for Error {}
