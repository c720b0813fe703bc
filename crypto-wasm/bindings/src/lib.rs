// SPDX-License-Identifier: Apache-2.0
//! Shows `ledger-crypto` to JavaScript. There is no thought in it: arguments are checked by the
//! TypeScript wrapper, results are bytes, and an error carries the core's code. Secrets come in as
//! owned buffers, so that they can be wiped here.

mod ecdsa;
mod error;
mod ledger;
mod primitives;
mod sharing;
mod wiping;
