// SPDX-License-Identifier: Apache-2.0
use crate::error::{Result, fixed, raise};
use getrandom::SysRng;
use ledger_crypto::aead::{IV_LENGTH, TAG_LENGTH};
use ledger_crypto::{aead, ecdh, hash};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

#[wasm_bindgen]
pub fn sha256(data: &[u8]) -> Vec<u8> {
    hash::sha256(data).to_vec()
}

#[wasm_bindgen(js_name = hmacSha256)]
pub fn hmac_sha256(key: Vec<u8>, data: &[u8]) -> Vec<u8> {
    hash::hmac_sha256(&Zeroizing::new(key), data).to_vec()
}

#[wasm_bindgen(js_name = hkdfSha256)]
pub fn hkdf_sha256(ikm: Vec<u8>, salt: Vec<u8>, info: Vec<u8>, length: usize) -> Result<Vec<u8>> {
    let (ikm, salt, info) = (Zeroizing::new(ikm), Zeroizing::new(salt), Zeroizing::new(info));
    Ok(hash::hkdf_sha256(&ikm, &salt, &info, length).map_err(raise)?.to_vec())
}

#[wasm_bindgen]
pub struct AesGcmKey(aead::AesGcmKey);

#[wasm_bindgen]
impl AesGcmKey {
    #[wasm_bindgen(constructor)]
    pub fn new(key: Vec<u8>) -> Result<AesGcmKey> {
        Ok(AesGcmKey(aead::AesGcmKey::new(fixed(&Zeroizing::new(key))?)))
    }

    /// `out` holds 16 bytes of room for the tag, then the plaintext; it comes back as tag ‖
    /// ciphertext.
    pub fn seal(&self, iv: &[u8], aad: &[u8], mut out: Vec<u8>) -> Result<Vec<u8>> {
        let iv = fixed::<IV_LENGTH>(iv)?;
        if let Some((tag, data)) = out.split_first_chunk_mut::<TAG_LENGTH>() {
            *tag = self.0.seal_in_place(iv, aad, data);
        }
        Ok(out)
    }

    /// The plaintext, or `undefined` when the tag does not fit.
    pub fn open(
        &self,
        iv: &[u8],
        aad: &[u8],
        tag: &[u8],
        data: Vec<u8>,
    ) -> Result<Option<Vec<u8>>> {
        let mut data = Zeroizing::new(data);
        let fits = self.0.open_in_place(fixed(iv)?, aad, &mut data, fixed(tag)?);
        Ok(fits.then(|| core::mem::take(&mut *data)))
    }
}

#[wasm_bindgen]
pub struct EcdhKeyPair(ecdh::EcdhKeyPair);

#[wasm_bindgen]
impl EcdhKeyPair {
    pub fn generate() -> Result<EcdhKeyPair> {
        ecdh::EcdhKeyPair::generate(&mut SysRng).map(EcdhKeyPair).map_err(raise)
    }

    #[wasm_bindgen(js_name = fromScalar)]
    pub fn from_scalar(scalar: Vec<u8>) -> Result<EcdhKeyPair> {
        ecdh::EcdhKeyPair::from_scalar(&Zeroizing::new(scalar)).map(EcdhKeyPair).map_err(raise)
    }

    #[wasm_bindgen(js_name = publicPoint)]
    pub fn public_point(&self) -> Vec<u8> {
        self.0.public_point()
    }

    #[wasm_bindgen(js_name = sharedSecret)]
    pub fn shared_secret(&self, peer_point: &[u8]) -> Result<Vec<u8>> {
        Ok(self.0.shared_secret(peer_point).map_err(raise)?.to_vec())
    }
}
