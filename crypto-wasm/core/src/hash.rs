// SPDX-License-Identifier: Apache-2.0
//! SHA-256, HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869).

use crate::{Code, Error, Result};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// SHA-256 of one message.
pub fn sha256(data: &[u8]) -> Hash {
    Sha256::digest(data).into()
}

/// SHA-256 of the concatenation of the parts, without joining them first.
pub fn sha256_parts(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// HMAC-SHA-256. A key of any length is good.
pub fn hmac_sha256(key: &[u8], data: &[u8]) -> Hash {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC accepts a key of any length");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

/// HKDF-SHA-256, extract and expand. At most 255 × 32 bytes can be asked for.
pub fn hkdf_sha256(
    ikm: &[u8],
    salt: &[u8],
    info: &[u8],
    length: usize,
) -> Result<Zeroizing<Vec<u8>>> {
    const TOO_LONG: Error =
        Error::new(Code::InvalidArgument, "HKDF-SHA-256 gives at most 8160 bytes");
    if length > 255 * 32 {
        return Err(TOO_LONG);
    }
    let mut okm = Zeroizing::new(vec![0; length]);
    Hkdf::<Sha256>::new(Some(salt), ikm).expand(info, &mut okm).map_err(|_| TOO_LONG)?;
    Ok(okm)
}
