// SPDX-License-Identifier: Apache-2.0
//! SHA-256 (FIPS 180-4) of four messages at once: word i of each message stands in one vector.

use super::lane::Lane;
use crate::hash::Hash;
use sha2::block_api::compress256;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Messages that are hashed together.
const WIDTH: usize = 4;
/// Bytes of a block.
pub(crate) const BLOCK: usize = 64;

/// The state of one message.
type State = [u32; 8];

/// The state before the first block.
const INITIAL: State = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

const ROUND_CONSTANTS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// Takes one block of each message into its state.
fn compress(states: &mut [Lane; 8], blocks: [&[u8; BLOCK]; WIDTH]) {
    let mut schedule = load(blocks);
    let mut working = *states;
    for (turn, constants) in ROUND_CONSTANTS.as_chunks::<16>().0.iter().enumerate() {
        for (at, constant) in constants.iter().enumerate() {
            if turn > 0 {
                extend(&mut schedule, at);
            }
            round(&mut working, schedule[at].plus(Lane::words([*constant; 4])));
        }
    }
    for (state, word) in states.iter_mut().zip(working) {
        *state = state.plus(word);
    }
}

/// Word i of each block, for all sixteen i.
#[inline(always)]
fn load(blocks: [&[u8; BLOCK]; WIDTH]) -> [Lane; 16] {
    let mut words = [Lane::ZERO; 16];
    for (quarter, words) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        *words = blocks.map(|block| {
            let bytes = block.as_chunks::<16>().0[quarter];
            Lane::from_bytes(&bytes).reverse_words()
        });
        for _ in 0..2 {
            let [a, b, c, d] = *words;
            let (low, high) = (Lane::interleave_words_low, Lane::interleave_words_high);
            *words = [low(a, c), high(a, c), low(b, d), high(b, d)];
        }
    }
    words
}

/// Replaces the word sixteen rounds ago by that of this round.
#[inline(always)]
fn extend(schedule: &mut [Lane; 16], at: usize) {
    let (w15, w2) = (schedule[(at + 1) % 16], schedule[(at + 14) % 16]);
    let s0 = w15.rotate_words::<7>().xor(w15.rotate_words::<18>()).xor(w15.shift_words::<3>());
    let s1 = w2.rotate_words::<17>().xor(w2.rotate_words::<19>()).xor(w2.shift_words::<10>());
    schedule[at] = schedule[at].plus(s0).plus(schedule[(at + 9) % 16]).plus(s1);
}

#[inline(always)]
fn round(working: &mut [Lane; 8], input: Lane) {
    let [a, b, c, d, e, f, g, h] = *working;
    let s1 = e.rotate_words::<6>().xor(e.rotate_words::<11>()).xor(e.rotate_words::<25>());
    let choice = g.xor(e.and(f.xor(g)));
    let t1 = h.plus(s1).plus(choice).plus(input);
    let s0 = a.rotate_words::<2>().xor(a.rotate_words::<13>()).xor(a.rotate_words::<22>());
    let majority = b.xor(a.xor(b).and(b.xor(c)));
    *working = [t1.plus(s0).plus(majority), a, b, c, d.plus(t1), e, f, g];
}

/// Where hashing begins: at the start, or behind one block that all messages share, as in HMAC.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Start {
    state: State,
    absorbed: u64,
}

impl Start {
    pub(crate) const PLAIN: Self = Self { state: INITIAL, absorbed: 0 };

    pub(crate) fn after(block: &[u8; BLOCK]) -> Self {
        let mut state = INITIAL;
        compress256(&mut state, core::slice::from_ref(block));
        Self { state, absorbed: BLOCK as u64 }
    }
}

/// Four messages at once cost less than one by one if their blocks add up to more than this many
/// halves of the longest.
const WORTHWHILE_HALVES: usize = 5;

/// SHA-256 of many messages. Messages of like length share their vectors; lengths are no secret.
pub(crate) fn digest_many(start: &Start, messages: &[&[u8]]) -> Vec<Hash> {
    let mut digests = vec![[0; 32]; messages.len()];
    let mut order: Vec<usize> = (0..messages.len()).collect();
    order.sort_by_key(|index| messages[*index].len());
    for group in order.chunks(WIDTH) {
        let padded: [Padded<'_>; WIDTH] = core::array::from_fn(|lane| {
            let message = group.get(lane).map_or(&[][..], |index| messages[*index]);
            Padded::new(message, start.absorbed)
        });
        let counts = padded.each_ref().map(Padded::count);
        let longest = counts.into_iter().max().unwrap_or(0);
        let total: usize = counts.iter().take(group.len()).sum();
        if 2 * total < WORTHWHILE_HALVES * longest {
            for (index, message) in group.iter().zip(&padded) {
                digests[*index] = digest_one(start, message);
            }
        } else {
            digest_group(start, &padded, longest, |lane, digest| {
                if let Some(index) = group.get(lane) {
                    digests[*index] = digest;
                }
            });
        }
    }
    digests
}

fn digest_one(start: &Start, message: &Padded<'_>) -> Hash {
    let mut state = start.state;
    compress256(&mut state, message.whole);
    compress256(&mut state, &message.tail[..message.tail_count]);
    bytes_of(state)
}

/// Hashes four messages side by side, and takes each one's state after its own last block.
fn digest_group(
    start: &Start,
    messages: &[Padded<'_>; WIDTH],
    longest: usize,
    mut finish: impl FnMut(usize, Hash),
) {
    let mut states = start.state.map(|word| Lane::words([word; WIDTH]));
    for step in 0..longest {
        compress(&mut states, messages.each_ref().map(|message| message.block(step)));
        if messages.iter().all(|message| step + 1 != message.count()) {
            continue;
        }
        let words = states.map(Lane::to_words);
        for (lane, message) in messages.iter().enumerate() {
            if step + 1 == message.count() {
                finish(lane, bytes_of(words.map(|of_all| of_all[lane])));
            }
        }
    }
}

fn bytes_of(state: State) -> Hash {
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    digest
}

/// A message cut into blocks: whole ones where they lie, and one or two with the padding.
struct Padded<'a> {
    whole: &'a [[u8; BLOCK]],
    tail: [[u8; BLOCK]; 2],
    tail_count: usize,
}

impl<'a> Padded<'a> {
    fn new(message: &'a [u8], absorbed: u64) -> Self {
        let (whole, rest) = message.as_chunks::<BLOCK>();
        let mut tail = [[0; BLOCK]; 2];
        let tail_count = if rest.len() + 9 <= BLOCK { 1 } else { 2 };
        let bytes = tail.as_flattened_mut();
        bytes[..rest.len()].copy_from_slice(rest);
        bytes[rest.len()] = 0x80;
        let bits = 8 * (absorbed + message.len() as u64);
        bytes[tail_count * BLOCK - 8..tail_count * BLOCK].copy_from_slice(&bits.to_be_bytes());
        Self { whole, tail, tail_count }
    }

    fn count(&self) -> usize {
        self.whole.len() + self.tail_count
    }

    /// A block of the message; behind its end any block, whose result nobody takes.
    fn block(&self, at: usize) -> &[u8; BLOCK] {
        let [first, second] = &self.tail;
        self.whole.get(at).unwrap_or(if at == self.whole.len() { first } else { second })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::sha256;

    #[test]
    fn many_messages_have_the_digests_they_have_alone() {
        let bytes: Vec<u8> = (0..400u32).map(|at| ((at * at) >> 3) as u8).collect();
        for count in 0..12 {
            for stride in [0, 1, 7, 33] {
                let messages: Vec<&[u8]> =
                    (0..count).map(|at| &bytes[at..at + at * stride]).collect();
                let expected: Vec<Hash> = messages.iter().map(|message| sha256(message)).collect();
                assert_eq!(digest_many(&Start::PLAIN, &messages), expected);
            }
        }
    }

    #[test]
    fn every_length_around_a_block_is_hashed() {
        let bytes = [0x5a; 200];
        let messages: Vec<&[u8]> = (0..200).map(|length| &bytes[..length]).collect();
        let expected: Vec<Hash> = messages.iter().map(|message| sha256(message)).collect();
        assert_eq!(digest_many(&Start::PLAIN, &messages), expected);
    }

    #[test]
    fn a_shared_first_block_counts_as_part_of_the_message() {
        let whole = [7; 150];
        let start = Start::after(&[7; BLOCK]);
        for count in 1..6 {
            let messages = vec![&whole[BLOCK..]; count];
            assert_eq!(digest_many(&start, &messages), vec![sha256(&whole); count]);
        }
    }
}
