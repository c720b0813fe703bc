// SPDX-License-Identifier: Apache-2.0
//! Shamir's secret sharing over the field of 2³¹ − 1, ten limbs side by side.
//!
//! A share is 44 bytes: x, then ten y, each a little-endian u32. The share at x = 0 is the whole
//! secret. Field arithmetic has no branches or divisions that depend on secrets.

use crate::hash::hkdf_sha256;
use crate::{Code, Error, Result};
use rand_core::TryCryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Limbs of a secret: 10 × 31 bits, 256 bits and a wide margin.
pub const LIMBS: usize = 10;
/// Length of a serialised share.
pub const SHARE_LENGTH: usize = 4 + 4 * LIMBS;
/// Length of the key derived from the whole secret.
pub const WRAPPING_KEY_LENGTH: usize = 32;

const PRIME: u64 = (1 << 31) - 1;
const COUNT_MAX: u32 = 1 << 16;

type Limbs = [u32; LIMBS];

/// One share, wiped when dropped.
#[derive(Clone, Debug, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Share {
    x: u32,
    y: Limbs,
}

impl Share {
    /// Reads a share of exactly 44 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (words, rest) = bytes.as_chunks::<4>();
        let (Some((x, y)), true) = (words.split_first(), rest.is_empty()) else {
            return Err(WRONG_LENGTH);
        };
        let y: &[[u8; 4]; LIMBS] = y.try_into().map_err(|_| WRONG_LENGTH)?;
        Ok(Self { x: u32::from_le_bytes(*x), y: y.map(u32::from_le_bytes) })
    }

    /// The 44 bytes of the share.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(SHARE_LENGTH));
        out.extend_from_slice(&self.x.to_le_bytes());
        for y in self.y {
            out.extend_from_slice(&y.to_le_bytes());
        }
        out
    }

    /// The key that wraps the ledger secret: HKDF-SHA-256 with the 40 bytes of y as input *and* as
    /// info, and no salt. Only the share at x = 0 gives the service's wrapping key.
    pub fn wrapping_key(&self) -> Result<Zeroizing<Vec<u8>>> {
        let bytes = self.to_bytes();
        let y = bytes.get(4..).unwrap_or_default();
        hkdf_sha256(y, &[], y, WRAPPING_KEY_LENGTH)
    }
}

const WRONG_LENGTH: Error = Error::new(Code::InvalidShare, "a share is 44 bytes");

/// Draws a secret and splits it: first the whole secret (x = 0), then `count` shares (x = 1…), any
/// `threshold` of which give it back.
pub fn split<R: TryCryptoRng>(threshold: u32, count: u32, rng: &mut R) -> Result<Vec<Share>> {
    if threshold == 0 || threshold > count || count > COUNT_MAX {
        return Err(Error::new(
            Code::InvalidArgument,
            "the threshold must be between 1 and the number of shares",
        ));
    }
    let mut polynomial = Zeroizing::new(vec![[0; LIMBS]; threshold as usize]);
    for coefficient in polynomial.iter_mut().flatten() {
        *coefficient = random_element(rng)?;
    }
    Ok((0..=count)
        .map(|x| Share { x, y: core::array::from_fn(|limb| evaluate(&polynomial, limb, x)) })
        .collect())
}

/// The whole secret from shares, by Lagrange's formula at 0. Fewer shares than the threshold give a
/// wrong secret, unnoticed: it is the key derived from it that will not open anything.
pub fn combine(shares: &[Share]) -> Result<Share> {
    if shares.is_empty() {
        return Err(Error::new(Code::InvalidShare, "there is no share"));
    }
    let mut y = [0; LIMBS];
    for (i, share) in shares.iter().enumerate() {
        let (mut numerator, mut denominator) = (1, 1);
        for (j, other) in shares.iter().enumerate() {
            if i == j {
                continue;
            }
            let distance = subtract(reduce(other.x.into()), reduce(share.x.into()));
            if distance == 0 {
                return Err(Error::new(Code::InvalidShare, "two shares have the same x"));
            }
            numerator = multiply(numerator, reduce(other.x.into()));
            denominator = multiply(denominator, distance);
        }
        let weight = multiply(numerator, invert(denominator));
        for (sum, limb) in y.iter_mut().zip(share.y) {
            *sum = add(*sum, multiply(weight, reduce(limb.into())));
        }
    }
    Ok(Share { x: 0, y })
}

fn random_element<R: TryCryptoRng>(rng: &mut R) -> Result<u32> {
    loop {
        let candidate = rng.try_next_u32().map_err(Error::no_entropy)? & PRIME as u32;
        if u64::from(candidate) != PRIME {
            return Ok(candidate);
        }
    }
}

fn evaluate(polynomial: &[Limbs], limb: usize, x: u32) -> u32 {
    polynomial.iter().rev().fold(0, |sum, coefficients| add(multiply(sum, x), coefficients[limb]))
}

/// Brings a value below the prime: 2³¹ ≡ 1, so the high bits are added to the low ones.
fn reduce(value: u64) -> u32 {
    let folded = (value & PRIME) + (value >> 31);
    let folded = (folded & PRIME) + (folded >> 31);
    // All ones if `folded` is below the prime, zero if it is not.
    let below = (folded.wrapping_sub(PRIME) >> 63).wrapping_neg();
    (folded - (PRIME & !below)) as u32
}

fn add(a: u32, b: u32) -> u32 {
    reduce(u64::from(a) + u64::from(b))
}

fn subtract(a: u32, b: u32) -> u32 {
    reduce(u64::from(a) + PRIME - u64::from(b))
}

fn multiply(a: u32, b: u32) -> u32 {
    reduce(u64::from(a) * u64::from(b))
}

/// Fermat: a^(p − 2). Only public x values go through here.
fn invert(value: u32) -> u32 {
    let (mut result, mut base, mut exponent) = (1, value, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        exponent >>= 1;
    }
    result
}
