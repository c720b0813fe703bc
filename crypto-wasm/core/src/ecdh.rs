// SPDX-License-Identifier: Apache-2.0
//! Ephemeral Diffie-Hellman over P-384 (NIST SP 800-56A), as node-to-node channels use it.

use crate::{Code, Error, Result};
use p384::elliptic_curve::{Generate, sec1::ToSec1Point};
use p384::{PublicKey, SecretKey};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// Length of an uncompressed P-384 point: 0x04, x, y.
pub const POINT_LENGTH: usize = 97;

/// A P-384 key pair for one exchange. The private half is wiped when dropped.
pub struct EcdhKeyPair(SecretKey);

impl EcdhKeyPair {
    /// Draws a new pair.
    pub fn generate<R: TryCryptoRng>(rng: &mut R) -> Result<Self> {
        SecretKey::try_generate_from_rng(rng).map(Self).map_err(Error::no_entropy)
    }

    /// Takes a big-endian private scalar of 48 bytes.
    pub fn from_scalar(scalar: &[u8]) -> Result<Self> {
        SecretKey::from_slice(scalar)
            .map(Self)
            .map_err(|_| Error::new(Code::InvalidKey, "the scalar is not in the range of P-384"))
    }

    /// The public half as an uncompressed point.
    pub fn public_point(&self) -> Vec<u8> {
        self.0.public_key().to_sec1_point(false).as_bytes().to_vec()
    }

    /// The x coordinate (48 bytes) of the shared point. The peer's point is uncompressed and on the
    /// curve.
    pub fn shared_secret(&self, peer_point: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        if peer_point.len() != POINT_LENGTH || peer_point[0] != 4 {
            return Err(Error::new(
                Code::InvalidKey,
                "the peer's share is not an uncompressed P-384 point",
            ));
        }
        let peer = PublicKey::from_sec1_bytes(peer_point)
            .map_err(|_| Error::new(Code::InvalidKey, "the peer's point is not on P-384"))?;
        let shared = p384::ecdh::diffie_hellman(self.0.to_nonzero_scalar(), peer.as_affine());
        Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
    }
}
