// SPDX-License-Identifier: Apache-2.0
//! Pure cryptography of the ledger: bytes in, bytes out.
//!
//! Nothing here knows JavaScript, files or clocks. No input can make it panic, and secrets are
//! wiped when dropped.
#![forbid(unsafe_code)]

pub mod aead;
mod batch;
mod cbor;
pub mod cose;
pub mod ecdh;
pub mod ecdsa;
pub mod entry;
mod error;
mod evidence;
pub mod hash;
mod kernel;
pub mod ledger_secret;
pub mod merkle;
pub mod sharing;

pub use error::{Code, Error};

/// The result of everything here that input can make fail.
pub type Result<T> = core::result::Result<T, Error>;
