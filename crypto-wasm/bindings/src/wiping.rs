// SPDX-License-Identifier: Apache-2.0
//! Wipes every buffer that is freed. Results leave through buffers that wasm-bindgen's generated
//! code frees, where no zeroising type of ours reaches; and WebAssembly memory lives as long as the
//! process.

use std::alloc::System;
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);
