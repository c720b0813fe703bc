// SPDX-License-Identifier: Apache-2.0
//! AES-256-GCM (NIST SP 800-38D) with a 12-byte IV and a 16-byte tag.

use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};

/// Length of a key.
pub const KEY_LENGTH: usize = 32;
/// Length of an initialisation vector.
pub const IV_LENGTH: usize = 12;
/// Length of an authentication tag.
pub const TAG_LENGTH: usize = 16;

/// An expanded key, wiped when dropped.
pub struct AesGcmKey(Aes256Gcm);

impl AesGcmKey {
    /// Expands a raw key.
    pub fn new(key: &[u8; KEY_LENGTH]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Encrypts in place and returns the tag. The caller never uses an IV twice with one key.
    pub fn seal_in_place(
        &self,
        iv: &[u8; IV_LENGTH],
        aad: &[u8],
        data: &mut [u8],
    ) -> [u8; TAG_LENGTH] {
        self.0
            .encrypt_inout_detached(iv.into(), aad, data.into())
            .expect("no slice in memory reaches GCM's limit of 64 GiB")
            .into()
    }

    /// Decrypts in place; false, with the data unspecified, when the tag does not fit.
    #[must_use]
    pub fn open_in_place(
        &self,
        iv: &[u8; IV_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> bool {
        self.0.decrypt_inout_detached(iv.into(), aad, data.into(), tag.into()).is_ok()
    }
}
