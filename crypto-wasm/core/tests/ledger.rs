// SPDX-License-Identifier: Apache-2.0
//! The parts together, natively: what is sealed is digested, opened and proved.

use ledger_crypto::cose;
use ledger_crypto::ecdsa::{Curve, SignatureFormat, SigningKey};
use ledger_crypto::entry::digest_entries;
use ledger_crypto::ledger_secret::LedgerSecret;
use ledger_crypto::merkle::{MerkleTree, fold};

fn batch(count: usize) -> Vec<u8> {
    let mut batch = Vec::new();
    for at in 0..count {
        let (public, private) = (at % 50, (7 * at) % 90);
        batch.extend((public as u32).to_le_bytes());
        batch.extend((private as u32).to_le_bytes());
        batch.push(0);
        batch.extend([at as u8; 32]);
        batch.extend(vec![at as u8; public + private]);
    }
    batch
}

#[test]
fn a_sealed_batch_is_digested_opened_and_proved() {
    let secret = LedgerSecret::new(&[3; 32]);
    let sealed = secret.seal(2, 1, &batch(100)).expect("the batch is well formed");
    let digests = digest_entries(&sealed.entries).expect("the entries are well formed");
    assert_eq!(digests.offsets, sealed.offsets);
    assert_eq!(digests.leaves, sealed.leaves);
    let opened = secret.open(&sealed.entries).expect("the entries are genuine");
    assert_eq!(opened.plaintexts.len(), (0..100).map(|at| (7 * at) % 90).sum::<usize>());

    let mut tree = MerkleTree::new();
    tree.append(sealed.leaves.as_flattened()).expect("leaves are 32 bytes each");
    let root = tree.root().expect("the tree is whole");
    for (at, leaf) in sealed.leaves.iter().enumerate() {
        let proof = tree.proof(at as u64 + 1, tree.size()).expect("the leaf is there");
        assert_eq!(fold(leaf, proof), root);
    }
}

#[test]
fn every_turned_bit_of_small_inputs_is_an_answer_and_never_a_panic() {
    let secret = LedgerSecret::new(&[3; 32]);
    let packed = batch(3);
    let sealed = secret.seal(2, 1, &packed).expect("the batch is well formed");
    let tree = MerkleTree::new().serialize().expect("the tree is whole");
    let key = SigningKey::from_scalar(Curve::P256, &[7; 32]).expect("the scalar is in range");
    let message = cose::sign(&key, b"\xa1\x01\x26", b"payload", false).expect("ES256 fits P-256");
    for bit in 0..8 * sealed.entries.len() {
        let turned = |bytes: &[u8]| {
            let mut copy = bytes.to_vec();
            let at = (bit / 8) % copy.len();
            copy[at] ^= 1 << (bit % 8);
            copy
        };
        assert_ne!(
            digest_entries(&turned(&sealed.entries)).map(|digests| digests.leaves).ok(),
            Some(sealed.leaves.clone())
        );
        let _ = secret.open(&turned(&sealed.entries));
        let _ = secret.seal(2, 1, &turned(&packed));
        let _ = MerkleTree::deserialize(&turned(&tree));
        let _ = cose::parse(&turned(&message));
    }
}

#[test]
fn signatures_verify_in_both_forms_and_with_the_curves_own_hash() {
    for (curve, length) in [(Curve::P256, 32), (Curve::P384, 48)] {
        let key = SigningKey::from_scalar(curve, &vec![7; length]).expect("the scalar is in range");
        let public = key.verifying_key();
        assert!(public.verify(b"message", &key.sign(b"message")));
        assert!(!public.verify(b"massage", &key.sign(b"message")));
        for format in [SignatureFormat::Der, SignatureFormat::P1363] {
            let signature = key.sign_digest(&[9; 32], format).expect("32 bytes are enough");
            assert!(public.verify_digest(&[9; 32], &signature, format));
            assert!(!public.verify_digest(&[8; 32], &signature, format));
        }
        assert!(key.sign_digest(&[9; 8], SignatureFormat::Der).is_err());
    }
}
