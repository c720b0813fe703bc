// SPDX-License-Identifier: Apache-2.0
use crate::error::{Result, raise};
use getrandom::SysRng;
use ledger_crypto::sharing::{self, SHARE_LENGTH, Share};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// The whole secret and then the shares, 44 bytes each.
#[wasm_bindgen(js_name = splitSecret)]
pub fn split_secret(threshold: u32, count: u32) -> Result<Vec<u8>> {
    let shares = sharing::split(threshold, count, &mut SysRng).map_err(raise)?;
    let mut out = Vec::with_capacity(shares.len() * SHARE_LENGTH);
    for share in shares {
        out.extend_from_slice(&share.to_bytes());
    }
    Ok(out)
}

/// The whole secret from shares that follow one another.
#[wasm_bindgen(js_name = combineShares)]
pub fn combine_shares(shares: Vec<u8>) -> Result<Vec<u8>> {
    let shares = Zeroizing::new(shares);
    let shares: Vec<Share> = shares
        .chunks(SHARE_LENGTH)
        .map(Share::from_bytes)
        .collect::<ledger_crypto::Result<_>>()
        .map_err(raise)?;
    Ok(sharing::combine(&shares).map_err(raise)?.to_bytes().to_vec())
}

#[wasm_bindgen(js_name = deriveWrappingKey)]
pub fn derive_wrapping_key(share: Vec<u8>) -> Result<Vec<u8>> {
    let share = Share::from_bytes(&Zeroizing::new(share)).map_err(raise)?;
    Ok(share.wrapping_key().map_err(raise)?.to_vec())
}
