// SPDX-License-Identifier: Apache-2.0
//! Project Wycheproof's vectors against the native crate.

mod common;

use common::{Kind, Vector, vectors};
use ledger_crypto::aead::AesGcmKey;
use ledger_crypto::ecdh::EcdhKeyPair;
use ledger_crypto::ecdsa::{SignatureFormat, VerifyingKey};
use ledger_crypto::hash::{hkdf_sha256, hmac_sha256};
use sha2::{Digest, Sha256, Sha384, Sha512};

fn check(kind: Kind, at_least: usize, accepts: impl Fn(&Vector) -> bool) {
    let vectors: Vec<_> = vectors().into_iter().filter(|vector| vector.kind == kind).collect();
    assert!(vectors.len() >= at_least, "only {} vectors of {kind:?}", vectors.len());
    for vector in &vectors {
        let accepted = accepts(vector);
        assert!(
            vector.valid.is_none_or(|valid| valid == accepted),
            "{} gave {accepted}",
            vector.name
        );
    }
}

#[test]
fn aes_256_gcm() {
    check(Kind::AesGcm, 60, |vector| {
        let [key, iv, aad, message, sealed] = &vector.fields[..] else { unreachable!() };
        let key = AesGcmKey::new(key[..].try_into().expect("the group has 256-bit keys"));
        let iv = iv[..].try_into().expect("the group has 96-bit IVs");
        let (tag, ciphertext) = sealed.split_first_chunk().expect("the group has 128-bit tags");
        let mut data = ciphertext.to_vec();
        let opened = key.open_in_place(iv, aad, &mut data, tag);
        if opened {
            assert_eq!(&data, message, "{}", vector.name);
            assert_eq!(&key.seal_in_place(iv, aad, &mut data), tag, "{}", vector.name);
            assert_eq!(data, ciphertext, "{}", vector.name);
        }
        opened
    });
}

#[test]
fn hmac_sha_256() {
    check(Kind::Hmac, 170, |vector| {
        let [key, message, tag] = &vector.fields[..] else { unreachable!() };
        hmac_sha256(key, message)[..tag.len()] == tag[..]
    });
}

#[test]
fn hkdf_sha_256() {
    check(Kind::Hkdf, 80, |vector| {
        let [ikm, salt, info, okm] = &vector.fields[..] else { unreachable!() };
        hkdf_sha256(ikm, salt, info, okm.len()).is_ok_and(|output| *output == *okm)
    });
}

#[test]
fn ecdh_p384() {
    check(Kind::Ecdh, 200, |vector| {
        let [scalar, point, shared] = &vector.fields[..] else { unreachable!() };
        let pair = EcdhKeyPair::from_scalar(scalar).expect("Wycheproof's scalars are in range");
        pair.shared_secret(point).is_ok_and(|secret| {
            assert_eq!(*secret, *shared, "{}", vector.name);
            true
        })
    });
}

#[test]
fn ecdsa_signatures_in_der() {
    check(Kind::EcdsaDer, 2000, |vector| verifies(vector, SignatureFormat::Der));
}

#[test]
fn ecdsa_signatures_as_r_and_s() {
    check(Kind::EcdsaP1363, 1000, |vector| verifies(vector, SignatureFormat::P1363));
}

fn verifies(vector: &Vector, format: SignatureFormat) -> bool {
    let [spki, message, signature] = &vector.fields[..] else { unreachable!() };
    let digest = match vector.hash {
        256 => Sha256::digest(message).to_vec(),
        384 => Sha384::digest(message).to_vec(),
        _ => Sha512::digest(message).to_vec(),
    };
    VerifyingKey::from_spki_der(spki).is_ok_and(|key| key.verify_digest(&digest, signature, format))
}
