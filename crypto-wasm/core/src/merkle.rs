// SPDX-License-Identifier: Apache-2.0
//! The ledger's Merkle tree: leaf index = seqno, leaf 0 is 32 zero bytes, an inner node is
//! SHA-256(left ‖ right), and an odd last node is promoted unchanged.
//!
//! Level k keeps its complete nodes from index `(flushed >> k) & !1` on. The even index there is
//! what makes flushing simple: if bit k of `flushed` is set, that first node is exactly the root of
//! one flushed subtree, and it is the left sibling that proofs and roots still need.

use crate::hash::{Hash, sha256_parts};
use crate::kernel::sha256::{Start, digest_many};
use crate::{Code, Error, Result};

const HASH_LENGTH: usize = 32;
const HEADER_LENGTH: usize = 16;
/// Counts stay exact as JavaScript numbers.
const INDEX_LIMIT: u64 = 1 << 53;

/// One step of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofStep {
    /// Whether the sibling stands on the left.
    pub left: bool,
    /// The sibling.
    pub hash: Hash,
}

struct Level {
    first: u64,
    nodes: Vec<Hash>,
}

impl Level {
    fn get(&self, index: u64) -> Option<&Hash> {
        self.nodes.get(usize::try_from(index.checked_sub(self.first)?).ok()?)
    }

    /// The nodes from `from` up to `to` of the level above. Pairs lie side by side, since the first
    /// node has an even index.
    fn parents(&self, from: u64, to: u64) -> Vec<Hash> {
        let place = |index: u64| (2 * index - self.first) as usize;
        let pairs = self.nodes[place(from)..place(to)].as_flattened().as_chunks::<64>().0;
        let pairs: Vec<&[u8]> = pairs.iter().map(<[u8; 64]>::as_slice).collect();
        digest_many(&Start::PLAIN, &pairs)
    }
}

/// A tree that grows on the right and can forget on the left.
pub struct MerkleTree {
    levels: Vec<Level>,
    size: u64,
    flushed: u64,
}

const fn malformed(message: &'static str) -> Error {
    Error::new(Code::MalformedTree, message)
}

const MISSING: Error =
    Error::new(Code::InvalidArgument, "the tree no longer has the nodes this needs");

fn parent(left: &Hash, right: &Hash) -> Hash {
    sha256_parts(&[left, right])
}

impl Default for MerkleTree {
    fn default() -> Self {
        Self::new()
    }
}

impl MerkleTree {
    /// A tree with leaf 0, as every ledger begins.
    pub fn new() -> Self {
        let leaf0 = Level { first: 0, nodes: vec![[0; HASH_LENGTH]] };
        Self { levels: vec![leaf0], size: 1, flushed: 0 }
    }

    /// Number of leaves, flushed ones included.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Number of leaves that were flushed.
    pub fn flushed(&self) -> u64 {
        self.flushed
    }

    /// Appends leaves of 32 bytes each.
    pub fn append(&mut self, leaves: &[u8]) -> Result<()> {
        let (leaves, rest) = leaves.as_chunks::<HASH_LENGTH>();
        if !rest.is_empty() {
            return Err(Error::new(Code::InvalidArgument, "leaves are 32 bytes each"));
        }
        let before = self.size;
        self.size += leaves.len() as u64;
        self.level(0).nodes.extend_from_slice(leaves);
        for k in 0..u64::BITS - 1 {
            let (from, to) = (before >> (k + 1), self.size >> (k + 1));
            if from == to {
                break;
            }
            let parents = self.level(k).parents(from, to);
            self.level(k + 1).nodes.extend(parents);
        }
        Ok(())
    }

    fn level(&mut self, k: u32) -> &mut Level {
        while self.levels.len() <= k as usize {
            let first = (self.flushed >> self.levels.len()) & !1;
            self.levels.push(Level { first, nodes: Vec::new() });
        }
        &mut self.levels[k as usize]
    }

    /// The root over all leaves.
    pub fn root(&self) -> Result<Hash> {
        self.root_at(self.size)
    }

    /// The root over the first `size` leaves, as it was when the tree had that size.
    pub fn root_at(&self, size: u64) -> Result<Hash> {
        self.check_size(size)?;
        self.edge(size, u64::BITS)?.ok_or(MISSING)
    }

    /// The 64 bytes whose SHA-256 is the root over the first `size` leaves; `None` if the root is a
    /// single leaf. Who can verify only what it hashes itself verifies a signed root with these.
    pub fn root_input(&self, size: u64) -> Result<Option<[u8; 64]>> {
        self.check_size(size)?;
        if size == 1 {
            return Ok(None);
        }
        // The highest subtree is the left child unless it is the whole tree; then it has two halves.
        let height = (size - 1).ilog2();
        let level = self.levels.get(height as usize).ok_or(MISSING)?;
        let left = level.get(0).ok_or(MISSING)?;
        let right = match self.edge(size, height)? {
            _ if size >> height == 2 => *level.get(1).ok_or(MISSING)?,
            edge => edge.ok_or(MISSING)?,
        };
        let mut input = [0; 64];
        input[..32].copy_from_slice(left);
        input[32..].copy_from_slice(&right);
        Ok(Some(input))
    }

    /// The node on the right edge that joins all subtrees of `size` lower than `level`; `None` if
    /// there are none.
    fn edge(&self, size: u64, level: u32) -> Result<Option<Hash>> {
        let mut edge = None;
        for (k, nodes) in self.levels.iter().enumerate().take(level as usize) {
            if (size >> k) & 1 == 0 {
                continue;
            }
            let node = nodes.get((size >> k) - 1).ok_or(MISSING)?;
            edge = Some(match edge {
                Some(right) => parent(node, &right),
                None => *node,
            });
        }
        Ok(edge)
    }

    fn check_size(&self, size: u64) -> Result<()> {
        if size <= self.flushed || size > self.size {
            return Err(Error::new(
                Code::InvalidArgument,
                "the tree does not have, or no longer has, this size",
            ));
        }
        Ok(())
    }

    /// The siblings that lead from leaf `index` to the root over the first `size` leaves.
    pub fn proof(&self, index: u64, size: u64) -> Result<Vec<ProofStep>> {
        self.check_size(size)?;
        if index < self.flushed || index >= size {
            return Err(Error::new(
                Code::InvalidArgument,
                "the tree does not have, or no longer has, this leaf",
            ));
        }
        let mut steps = Vec::new();
        for (k, nodes) in self.levels.iter().enumerate() {
            let complete = size >> k;
            let node = index >> k;
            let sibling = node ^ 1;
            if sibling < complete {
                let hash = *nodes.get(sibling).ok_or(MISSING)?;
                steps.push(ProofStep { left: sibling < node, hash });
            } else if sibling == complete
                && let Some(hash) = self.edge(size, k as u32)?
            {
                steps.push(ProofStep { left: false, hash });
            }
        }
        Ok(steps)
    }

    /// Forgets the leaves before `index`; at least one leaf stays.
    pub fn flush(&mut self, index: u64) -> Result<()> {
        if index >= self.size {
            return Err(Error::new(Code::InvalidArgument, "a flush must leave at least one leaf"));
        }
        if index <= self.flushed {
            return Ok(());
        }
        self.flushed = index;
        for (k, level) in self.levels.iter_mut().enumerate() {
            let first = (index >> k) & !1;
            let gone = usize::try_from(first - level.first)
                .map_or(level.nodes.len(), |n| n.min(level.nodes.len()));
            level.nodes.drain(..gone);
            level.first = first;
        }
        Ok(())
    }

    /// The ledger's form: counts of kept and flushed leaves (u64 big-endian), the kept leaves,
    /// then one subtree root per set bit of the flushed count, least significant first.
    pub fn serialize(&self) -> Result<Vec<u8>> {
        let kept = self.size - self.flushed;
        let mut out = Vec::new();
        out.extend_from_slice(&kept.to_be_bytes());
        out.extend_from_slice(&self.flushed.to_be_bytes());
        for index in self.flushed..self.size {
            out.extend_from_slice(
                self.levels.first().and_then(|leaves| leaves.get(index)).ok_or(MISSING)?,
            );
        }
        for (k, level) in self.levels.iter().enumerate() {
            if (self.flushed >> k) & 1 == 1 {
                out.extend_from_slice(level.nodes.first().ok_or(MISSING)?);
            }
        }
        Ok(out)
    }

    /// Reads what [`MerkleTree::serialize`] writes. Lengths must fit exactly and at least one leaf
    /// be kept.
    pub fn deserialize(bytes: &[u8]) -> Result<Self> {
        let (Some(kept), Some(flushed)) = (read_u64(bytes, 0), read_u64(bytes, 8)) else {
            return Err(malformed("a tree begins with two counts"));
        };
        let (hashes, rest) =
            bytes.get(HEADER_LENGTH..).unwrap_or_default().as_chunks::<HASH_LENGTH>();
        let expected = kept.checked_add(u64::from(flushed.count_ones()));
        if !rest.is_empty() || expected != Some(hashes.len() as u64) {
            return Err(malformed("the tree's length does not fit its counts"));
        }
        if kept == 0 || flushed >= INDEX_LIMIT {
            return Err(malformed("the tree's counts make no sense"));
        }
        let (leaves, mut subtrees) = hashes.split_at(kept as usize);
        let mut levels = Vec::new();
        for k in 0..(u64::BITS - flushed.leading_zeros()) {
            let mut nodes = Vec::new();
            if (flushed >> k) & 1 == 1
                && let Some((root, others)) = subtrees.split_first()
            {
                nodes.push(*root);
                subtrees = others;
            }
            levels.push(Level { first: (flushed >> k) & !1, nodes });
        }
        let mut tree = Self { levels, size: flushed, flushed };
        tree.append(leaves.as_flattened())?;
        Ok(tree)
    }
}

fn read_u64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Folds a proof: the root that leaf and steps lead to.
pub fn fold(leaf: &Hash, steps: impl IntoIterator<Item = ProofStep>) -> Hash {
    steps.into_iter().fold(*leaf, |node, step| match step.left {
        true => parent(&step.hash, &node),
        false => parent(&node, &step.hash),
    })
}
