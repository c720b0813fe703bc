// SPDX-License-Identifier: Apache-2.0
//! Kernels for many messages under one key, on vectors of 128 bits.
//!
//! Like the crates they stand beside, they have no branch and no memory address that depends on a
//! secret. Everything here must give, bit for bit, what the crates give; the tests hold them
//! against each other.

mod aes;
pub(crate) mod gcm;
mod ghash;
mod lane;
pub(crate) mod sha256;
