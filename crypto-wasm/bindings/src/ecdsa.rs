// SPDX-License-Identifier: Apache-2.0
use crate::error::{Result, raise};
use getrandom::SysRng;
use ledger_crypto::ecdsa::{self, Curve, SignatureFormat};
use ledger_crypto::{Error, cose};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

const fn curve_of(p384: bool) -> Curve {
    if p384 { Curve::P384 } else { Curve::P256 }
}

const fn format_of(der: bool) -> SignatureFormat {
    if der { SignatureFormat::Der } else { SignatureFormat::P1363 }
}

#[wasm_bindgen]
pub struct SigningKey(ecdsa::SigningKey);

#[wasm_bindgen]
impl SigningKey {
    pub fn generate(p384: bool) -> Result<SigningKey> {
        ecdsa::SigningKey::generate(curve_of(p384), &mut SysRng).map(SigningKey).map_err(raise)
    }

    #[wasm_bindgen(js_name = fromPkcs8)]
    pub fn from_pkcs8(der: Vec<u8>) -> Result<SigningKey> {
        ecdsa::SigningKey::from_pkcs8_der(&Zeroizing::new(der)).map(SigningKey).map_err(raise)
    }

    #[wasm_bindgen(getter, js_name = isP384)]
    pub fn is_p384(&self) -> bool {
        self.0.curve() == Curve::P384
    }

    #[wasm_bindgen(js_name = publicKeySpki)]
    pub fn public_key_spki(&self) -> Result<Vec<u8>> {
        self.0.verifying_key().to_spki_der().map_err(raise)
    }

    #[wasm_bindgen(js_name = toPkcs8Pem)]
    pub fn to_pkcs8_pem(&self) -> Result<String> {
        self.0.to_pkcs8_pem().map(|pem| pem.to_string()).map_err(raise)
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message)
    }

    #[wasm_bindgen(js_name = signDigest)]
    pub fn sign_digest(&self, digest: &[u8], der: bool) -> Result<Vec<u8>> {
        self.0.sign_digest(digest, format_of(der)).map_err(raise)
    }

    #[wasm_bindgen(js_name = coseSign1)]
    pub fn cose_sign1(
        &self,
        protected_header: &[u8],
        payload: &[u8],
        detached: bool,
    ) -> Result<Vec<u8>> {
        cose::sign(&self.0, protected_header, payload, detached).map_err(raise)
    }
}

#[wasm_bindgen]
pub struct VerifyingKey(ecdsa::VerifyingKey);

#[wasm_bindgen]
impl VerifyingKey {
    #[wasm_bindgen(js_name = fromSpki)]
    pub fn from_spki(der: &[u8]) -> Result<VerifyingKey> {
        ecdsa::VerifyingKey::from_spki_der(der).map(VerifyingKey).map_err(raise)
    }

    #[wasm_bindgen(getter, js_name = isP384)]
    pub fn is_p384(&self) -> bool {
        self.0.curve() == Curve::P384
    }

    #[wasm_bindgen(js_name = toSpki)]
    pub fn to_spki(&self) -> Result<Vec<u8>> {
        self.0.to_spki_der().map_err(raise)
    }

    #[wasm_bindgen(js_name = verifyDigest)]
    pub fn verify_digest(&self, digest: &[u8], signature: &[u8], der: bool) -> bool {
        self.0.verify_digest(digest, signature, format_of(der))
    }
}

/// Nine offsets: start and end of protected header, unprotected header, payload and signature, then
/// 1 if the payload is detached.
#[wasm_bindgen(js_name = coseSign1Parse)]
pub fn cose_sign1_parse(message: &[u8]) -> Result<Vec<u32>> {
    let layout = cose::parse(message).map_err(raise)?;
    let payload = layout.payload.clone().unwrap_or(0..0);
    let parts = [layout.protected_header, layout.unprotected_header, payload, layout.signature];
    let mut offsets: Vec<u32> =
        parts.into_iter().flat_map(|part| [part.start as u32, part.end as u32]).collect();
    offsets.push(u32::from(layout.payload.is_none()));
    Ok(offsets)
}

#[wasm_bindgen(js_name = coseSigStructure)]
pub fn cose_sig_structure(protected_header: &[u8], payload: &[u8]) -> Vec<u8> {
    cose::sig_structure(protected_header, payload)
}

/// The algorithm that a protected header names.
#[wasm_bindgen(js_name = coseAlgorithm)]
pub fn cose_algorithm(protected_header: &[u8]) -> Result<Option<f64>> {
    let algorithm: core::result::Result<Option<i64>, Error> = cose::algorithm(protected_header);
    algorithm.map(|found| found.map(|number| number as f64)).map_err(raise)
}
