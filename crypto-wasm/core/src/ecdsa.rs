// SPDX-License-Identifier: Apache-2.0
//! ECDSA over P-256 with SHA-256 and P-384 with SHA-384, deterministic by RFC 6979.

use crate::{Code, Error, Result};
use ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use ecdsa::signature::{Signer, Verifier};
use p256::elliptic_curve::Generate;
use p384::pkcs8::{
    DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding,
};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// The curves a key can be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256, `Secp256R1`.
    P256,
    /// NIST P-384, `Secp384R1`.
    P384,
}

/// How r and s are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureFormat {
    /// r ‖ s, each as long as the curve's field (IEEE P1363).
    P1363,
    /// ASN.1 DER `SEQUENCE { r, s }`.
    Der,
}

/// Anything shorter would be a truncated hash, and weaker than the curves.
const DIGEST_LENGTH_MIN: usize = 32;
const NOT_SIGNABLE: Error = Error::new(Code::InvalidArgument, "a digest is at least 32 bytes");
const BAD_PRIVATE_KEY: Error =
    Error::new(Code::InvalidKey, "not a PKCS#8 private key of P-256 or P-384");
const BAD_PUBLIC_KEY: Error =
    Error::new(Code::InvalidKey, "not a SubjectPublicKeyInfo of P-256 or P-384");

/// A private key; wiped when dropped.
pub enum SigningKey {
    /// A key of P-256.
    P256(p256::ecdsa::SigningKey),
    /// A key of P-384.
    P384(p384::ecdsa::SigningKey),
}

impl SigningKey {
    /// Draws a new key.
    pub fn generate<R: TryCryptoRng>(curve: Curve, rng: &mut R) -> Result<Self> {
        match curve {
            Curve::P256 => p256::ecdsa::SigningKey::try_generate_from_rng(rng).map(Self::P256),
            Curve::P384 => p384::ecdsa::SigningKey::try_generate_from_rng(rng).map(Self::P384),
        }
        .map_err(Error::no_entropy)
    }

    /// Reads a PKCS#8 `PrivateKeyInfo` in DER.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self> {
        if let Ok(key) = p384::SecretKey::from_pkcs8_der(der) {
            return Ok(Self::P384(key.into()));
        }
        let key = p256::SecretKey::from_pkcs8_der(der).map_err(|_| BAD_PRIVATE_KEY)?;
        Ok(Self::P256(key.into()))
    }

    /// Takes a big-endian private scalar, as long as the curve's order.
    pub fn from_scalar(curve: Curve, scalar: &[u8]) -> Result<Self> {
        let bad = |_| Error::new(Code::InvalidKey, "the scalar is not in the range of the curve");
        Ok(match curve {
            Curve::P256 => Self::P256(p256::ecdsa::SigningKey::from_slice(scalar).map_err(bad)?),
            Curve::P384 => Self::P384(p384::ecdsa::SigningKey::from_slice(scalar).map_err(bad)?),
        })
    }

    /// The curve of the key.
    pub fn curve(&self) -> Curve {
        match self {
            Self::P256(_) => Curve::P256,
            Self::P384(_) => Curve::P384,
        }
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        match self {
            Self::P256(key) => VerifyingKey::P256(*key.verifying_key()),
            Self::P384(key) => VerifyingKey::P384(*key.verifying_key()),
        }
    }

    /// The private key as a PKCS#8 PEM file.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>> {
        let pem = match self {
            Self::P256(key) => key.to_pkcs8_pem(LineEnding::LF),
            Self::P384(key) => key.to_pkcs8_pem(LineEnding::LF),
        };
        pem.map_err(|_| BAD_PRIVATE_KEY)
    }

    /// Signs a message with the curve's own hash; r ‖ s.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_vec()
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key.sign(message);
                signature.to_vec()
            }
        }
    }

    /// Signs a message that is already hashed, by whatever hash: a P-384 key signs a SHA-256 digest
    /// too.
    pub fn sign_digest(&self, digest: &[u8], format: SignatureFormat) -> Result<Vec<u8>> {
        if digest.len() < DIGEST_LENGTH_MIN {
            return Err(NOT_SIGNABLE);
        }
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature =
                    key.sign_prehash(digest).map_err(|_| NOT_SIGNABLE)?;
                Ok(match format {
                    SignatureFormat::P1363 => signature.to_vec(),
                    SignatureFormat::Der => signature.to_der().as_bytes().to_vec(),
                })
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature =
                    key.sign_prehash(digest).map_err(|_| NOT_SIGNABLE)?;
                Ok(match format {
                    SignatureFormat::P1363 => signature.to_vec(),
                    SignatureFormat::Der => signature.to_der().as_bytes().to_vec(),
                })
            }
        }
    }
}

/// A public key.
pub enum VerifyingKey {
    /// A key of P-256.
    P256(p256::ecdsa::VerifyingKey),
    /// A key of P-384.
    P384(p384::ecdsa::VerifyingKey),
}

impl VerifyingKey {
    /// Reads a `SubjectPublicKeyInfo` in DER: named curve, point on the curve.
    pub fn from_spki_der(der: &[u8]) -> Result<Self> {
        if let Ok(key) = p384::ecdsa::VerifyingKey::from_public_key_der(der) {
            return Ok(Self::P384(key));
        }
        p256::ecdsa::VerifyingKey::from_public_key_der(der)
            .map(Self::P256)
            .map_err(|_| BAD_PUBLIC_KEY)
    }

    /// The curve of the key.
    pub fn curve(&self) -> Curve {
        match self {
            Self::P256(_) => Curve::P256,
            Self::P384(_) => Curve::P384,
        }
    }

    /// The key as a `SubjectPublicKeyInfo` in DER.
    pub fn to_spki_der(&self) -> Result<Vec<u8>> {
        let der = match self {
            Self::P256(key) => key.to_public_key_der(),
            Self::P384(key) => key.to_public_key_der(),
        };
        der.map(|document| document.as_bytes().to_vec()).map_err(|_| BAD_PUBLIC_KEY)
    }

    /// Whether the signature r ‖ s fits the message under the curve's own hash.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::P384(key) => p384::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }

    /// Whether the signature fits a message that is already hashed.
    #[must_use]
    pub fn verify_digest(&self, digest: &[u8], signature: &[u8], format: SignatureFormat) -> bool {
        if digest.len() < DIGEST_LENGTH_MIN {
            return false;
        }
        match self {
            Self::P256(key) => match format {
                SignatureFormat::P1363 => p256::ecdsa::Signature::from_slice(signature),
                SignatureFormat::Der => p256::ecdsa::Signature::from_der(signature),
            }
            .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok()),
            Self::P384(key) => match format {
                SignatureFormat::P1363 => p384::ecdsa::Signature::from_slice(signature),
                SignatureFormat::Der => p384::ecdsa::Signature::from_der(signature),
            }
            .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok()),
        }
    }
}
