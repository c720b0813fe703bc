// SPDX-License-Identifier: Apache-2.0
use crate::error::{Result, fixed, raise};
use core::mem::take;
use ledger_crypto::merkle::{self, ProofStep};
use ledger_crypto::{entry, ledger_secret};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// What a call gives back: buffers that are taken once, each copied out of memory without another
/// copy here.
#[wasm_bindgen]
pub struct Output {
    bytes: Vec<u8>,
    offsets: Vec<u32>,
    leaves: Vec<u8>,
}

#[wasm_bindgen]
impl Output {
    #[wasm_bindgen(js_name = takeBytes)]
    pub fn take_bytes(&mut self) -> Vec<u8> {
        take(&mut self.bytes)
    }

    #[wasm_bindgen(js_name = takeOffsets)]
    pub fn take_offsets(&mut self) -> Vec<u32> {
        take(&mut self.offsets)
    }

    #[wasm_bindgen(js_name = takeLeaves)]
    pub fn take_leaves(&mut self) -> Vec<u8> {
        take(&mut self.leaves)
    }
}

#[wasm_bindgen]
pub struct LedgerSecret(ledger_secret::LedgerSecret);

#[wasm_bindgen]
impl LedgerSecret {
    #[wasm_bindgen(constructor)]
    pub fn new(raw: Vec<u8>) -> Result<LedgerSecret> {
        Ok(LedgerSecret(ledger_secret::LedgerSecret::new(fixed(&Zeroizing::new(raw))?)))
    }

    #[wasm_bindgen(js_name = commitEvidence)]
    pub fn commit_evidence(&self, view: u32, seqno: f64) -> String {
        self.0.commit_evidence(view, seqno as u64)
    }

    pub fn seal(&self, view: u32, first_seqno: f64, batch: &[u8]) -> Result<Output> {
        let sealed = self.0.seal(view, first_seqno as u64, batch).map_err(raise)?;
        Ok(Output {
            bytes: sealed.entries,
            offsets: sealed.offsets,
            leaves: sealed.leaves.into_flattened(),
        })
    }

    pub fn open(&self, chunk: &[u8]) -> Result<Output> {
        let mut opened = self.0.open(chunk).map_err(raise)?;
        Ok(Output {
            bytes: take(&mut *opened.plaintexts),
            offsets: opened.offsets,
            leaves: Vec::new(),
        })
    }
}

/// `bytes` are the write-set digests.
#[wasm_bindgen(js_name = digestEntries)]
pub fn digest_entries(chunk: &[u8]) -> Result<Output> {
    let digests = entry::digest_entries(chunk).map_err(raise)?;
    Ok(Output {
        bytes: digests.write_set_digests.into_flattened(),
        offsets: digests.offsets,
        leaves: digests.leaves.into_flattened(),
    })
}

#[wasm_bindgen]
pub struct MerkleTree(merkle::MerkleTree);

#[wasm_bindgen]
impl MerkleTree {
    pub fn create() -> MerkleTree {
        MerkleTree(merkle::MerkleTree::new())
    }

    pub fn deserialize(bytes: &[u8]) -> Result<MerkleTree> {
        merkle::MerkleTree::deserialize(bytes).map(MerkleTree).map_err(raise)
    }

    pub fn append(&mut self, leaves: &[u8]) -> Result<()> {
        self.0.append(leaves).map_err(raise)
    }

    pub fn size(&self) -> f64 {
        self.0.size() as f64
    }

    pub fn flushed(&self) -> f64 {
        self.0.flushed() as f64
    }

    pub fn root(&self, size: f64) -> Result<Vec<u8>> {
        self.0.root_at(size as u64).map(|root| root.to_vec()).map_err(raise)
    }

    #[wasm_bindgen(js_name = rootInput)]
    pub fn root_input(&self, size: f64) -> Result<Option<Vec<u8>>> {
        let input = self.0.root_input(size as u64).map_err(raise)?;
        Ok(input.map(|bytes| bytes.to_vec()))
    }

    pub fn flush(&mut self, before_index: f64) -> Result<()> {
        self.0.flush(before_index as u64).map_err(raise)
    }

    pub fn serialize(&self) -> Result<Vec<u8>> {
        self.0.serialize().map_err(raise)
    }

    /// 33 bytes a step: 1 if the sibling stands on the left, then the sibling.
    pub fn proof(&self, index: f64, size: f64) -> Result<Vec<u8>> {
        let steps = self.0.proof(index as u64, size as u64).map_err(raise)?;
        let mut out = Vec::with_capacity(steps.len() * 33);
        for step in steps {
            out.push(u8::from(step.left));
            out.extend_from_slice(&step.hash);
        }
        Ok(out)
    }
}

/// Folds steps of 33 bytes.
#[wasm_bindgen(js_name = foldProof)]
pub fn fold_proof(leaf: &[u8], steps: &[u8]) -> Result<Vec<u8>> {
    let steps = steps.as_chunks::<33>().0.iter().map(|step| {
        let mut hash = [0; 32];
        hash.copy_from_slice(&step[1..]);
        ProofStep { left: step[0] == 1, hash }
    });
    Ok(merkle::fold(fixed(leaf)?, steps).to_vec())
}
