// SPDX-License-Identifier: Apache-2.0
//! Prints the vectors, one a line, for the test that runs them through WebAssembly: kind, hash
//! bits, `valid`, `invalid` or `either`, the fields in hex, and the name, separated by tabs.

#[path = "../tests/common/mod.rs"]
mod common;

use std::io::{BufWriter, Write};

fn main() -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for vector in common::vectors() {
        let verdict = match vector.valid {
            Some(true) => "valid",
            Some(false) => "invalid",
            None => "either",
        };
        let fields: Vec<String> = vector.fields.iter().map(|field| hex(field)).collect();
        writeln!(
            out,
            "{:?}\t{}\t{verdict}\t{}\t{}",
            vector.kind,
            vector.hash,
            fields.join(","),
            vector.name
        )?;
    }
    out.flush()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
