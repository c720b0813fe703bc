// SPDX-License-Identifier: Apache-2.0
//! AES-256-GCM of a batch of messages under one key. The messages lie in one buffer, and blocks of
//! different messages share a vector, so that short messages cost no more than long ones.

use super::aes::{self, Aes256};
use super::ghash::{self, Ghash, transpose};
use super::lane::Lane;
use crate::aead::{IV_LENGTH, KEY_LENGTH, TAG_LENGTH};
use ::ghash::GHash;
use ::ghash::universal_hash::UniversalHash;
use core::ops::Range;
use zeroize::Zeroizing;

const BLOCK: usize = 16;
/// Sixteen messages at once cost less than one by one if their lengths add up to this many times
/// the longest.
const WORTHWHILE: usize = 3;

/// An expanded key, wiped when dropped.
pub(crate) struct BatchGcm {
    aes: Aes256,
    ghash: Ghash,
    single: GHash,
}

/// Where the parts of one message lie.
pub(crate) struct Message {
    pub(crate) iv: [u8; IV_LENGTH],
    pub(crate) aad: Range<usize>,
    pub(crate) data: Range<usize>,
}

impl Message {
    fn blocks(&self) -> usize {
        self.aad.len().div_ceil(BLOCK) + self.data.len().div_ceil(BLOCK) + 1
    }

    /// Block number `at` of what GHASH takes in: additional data, ciphertext, their lengths in bits.
    fn block(&self, buffer: &[u8], at: usize) -> [u8; BLOCK] {
        let aad_blocks = self.aad.len().div_ceil(BLOCK);
        let data_blocks = self.data.len().div_ceil(BLOCK);
        if at < aad_blocks {
            padded(&buffer[self.aad.clone()][BLOCK * at..])
        } else if at < aad_blocks + data_blocks {
            padded(&buffer[self.data.clone()][BLOCK * (at - aad_blocks)..])
        } else {
            self.lengths()
        }
    }

    fn lengths(&self) -> [u8; BLOCK] {
        (8 * ((self.aad.len() as u128) << 64 | self.data.len() as u128)).to_be_bytes()
    }

    fn counter_block(&self, counter: u32) -> Lane {
        let mut block = [0; BLOCK];
        block[..IV_LENGTH].copy_from_slice(&self.iv);
        block[IV_LENGTH..].copy_from_slice(&counter.to_be_bytes());
        Lane::from_bytes(&block)
    }
}

fn padded(bytes: &[u8]) -> [u8; BLOCK] {
    bytes.first_chunk().copied().unwrap_or_else(|| {
        let mut block = [0; BLOCK];
        block[..bytes.len()].copy_from_slice(bytes);
        block
    })
}

impl BatchGcm {
    pub(crate) fn new(key: &[u8; KEY_LENGTH]) -> Self {
        let aes = Aes256::new(key);
        let mut blocks = [Lane::ZERO; aes::WIDTH];
        aes.encrypt(&mut blocks);
        let h = Zeroizing::new(blocks[0].to_bytes());
        Self { aes, ghash: Ghash::new(&h), single: GHash::new((&*h).into()) }
    }

    /// Encrypts all messages in place and gives their tags.
    pub(crate) fn seal(&self, messages: &[Message], buffer: &mut [u8]) -> Vec<[u8; TAG_LENGTH]> {
        let mut tags = vec![[0; TAG_LENGTH]; messages.len()];
        self.encrypt(messages, buffer, &mut tags);
        self.authenticate(messages, buffer, &mut tags);
        tags
    }

    /// Decrypts `data`, where the messages' data lies one after the other without gaps, and gives
    /// the tags the messages in `buffer` should have. Nothing may be used before they are compared.
    pub(crate) fn open(
        &self,
        messages: &[Message],
        buffer: &[u8],
        data: &mut [u8],
    ) -> Vec<[u8; TAG_LENGTH]> {
        let mut tags = vec![[0; TAG_LENGTH]; messages.len()];
        self.authenticate(messages, buffer, &mut tags);
        let mut end = 0;
        let moved: Vec<Message> = messages
            .iter()
            .map(|message| {
                let start = end;
                end += message.data.len();
                Message { iv: message.iv, aad: 0..0, data: start..end }
            })
            .collect();
        self.encrypt(&moved, data, &mut tags);
        tags
    }

    /// Adds the key stream to the data, and to each tag the block that masks it.
    fn encrypt(&self, messages: &[Message], buffer: &mut [u8], tags: &mut [[u8; TAG_LENGTH]]) {
        let mut places = [(0, 0); aes::WIDTH];
        let mut filled = 0;
        for (index, message) in messages.iter().enumerate() {
            for number in 0..=message.data.len().div_ceil(BLOCK) {
                places[filled] = (index, number);
                filled += 1;
                if filled == aes::WIDTH {
                    self.encrypt_blocks(&places, messages, buffer, tags);
                    filled = 0;
                }
            }
        }
        self.encrypt_blocks(&places[..filled], messages, buffer, tags);
    }

    /// Block 0 of a message masks its tag, the others are for its data.
    fn encrypt_blocks(
        &self,
        places: &[(usize, usize)],
        messages: &[Message],
        buffer: &mut [u8],
        tags: &mut [[u8; TAG_LENGTH]],
    ) {
        let mut stream = [Lane::ZERO; aes::WIDTH];
        for (lane, (index, number)) in stream.iter_mut().zip(places) {
            *lane = messages[*index].counter_block(*number as u32 + 1);
        }
        self.aes.encrypt(&mut stream);
        for (lane, (index, number)) in stream.iter().zip(places) {
            let Some(before) = number.checked_sub(1) else {
                add(&mut tags[*index], *lane);
                continue;
            };
            let data = &mut buffer[messages[*index].data.clone()][BLOCK * before..];
            let length = data.len().min(BLOCK);
            add(&mut data[..length], *lane);
        }
    }

    /// Adds to each tag the hash of additional data and ciphertext.
    fn authenticate(&self, messages: &[Message], buffer: &[u8], tags: &mut [[u8; TAG_LENGTH]]) {
        // Messages of like length share their vectors; lengths are no secret.
        let mut order: Vec<usize> = (0..messages.len()).collect();
        order.sort_unstable_by_key(|index| messages[*index].blocks());
        for group in order.chunks(ghash::WIDTH) {
            let longest = group.last().map_or(0, |index| messages[*index].blocks());
            let total: usize = group.iter().map(|index| messages[*index].blocks()).sum();
            if total < WORTHWHILE * longest {
                for index in group {
                    let hash = self.hash_one(&messages[*index], buffer);
                    add(&mut tags[*index], Lane::from_bytes(&hash));
                }
            } else {
                let hashes = self.hash_group(group, longest, messages, buffer);
                for (index, hash) in group.iter().zip(hashes) {
                    add(&mut tags[*index], hash);
                }
            }
        }
    }

    fn hash_one(&self, message: &Message, buffer: &[u8]) -> [u8; BLOCK] {
        let mut hash = self.single.clone();
        hash.update_padded(&buffer[message.aad.clone()]);
        hash.update_padded(&buffer[message.data.clone()]);
        hash.update(&[message.lengths().into()]);
        hash.finalize().into()
    }

    /// Shorter messages begin later, so that all end together: a state of zero stays zero until then.
    fn hash_group(
        &self,
        group: &[usize],
        longest: usize,
        messages: &[Message],
        buffer: &[u8],
    ) -> [Lane; ghash::WIDTH] {
        let mut state = [Lane::ZERO; ghash::WIDTH];
        for step in 0..longest {
            let mut blocks = [Lane::ZERO; ghash::WIDTH];
            for (lane, index) in blocks.iter_mut().zip(group) {
                let message = &messages[*index];
                if let Some(at) = (step + message.blocks()).checked_sub(longest) {
                    *lane = Lane::from_bytes(&message.block(buffer, at));
                }
            }
            transpose(&mut blocks);
            self.ghash.absorb(&mut state, &blocks);
        }
        transpose(&mut state);
        state
    }
}

/// Adds a block to at most sixteen bytes.
#[inline(always)]
fn add(bytes: &mut [u8], lane: Lane) {
    let stream = lane.to_bytes();
    if let Some(block) = bytes.first_chunk_mut::<BLOCK>() {
        *block = (u128::from_ne_bytes(*block) ^ u128::from_ne_bytes(stream)).to_ne_bytes();
        return;
    }
    for (byte, key) in bytes.iter_mut().zip(stream) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aead::AesGcmKey;

    /// Numbers that look random enough to mix lengths and bytes, and are the same every time.
    struct Mixer(u64);

    impl Mixer {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            self.0 >> 33
        }

        fn bytes(&mut self, count: usize) -> Vec<u8> {
            (0..count).map(|_| self.next() as u8).collect()
        }
    }

    /// Seals messages of the given lengths of additional data and data, both ways.
    fn compare(mixer: &mut Mixer, lengths: &[(usize, usize)]) {
        let key: [u8; 32] = mixer.bytes(32).try_into().expect("32 bytes were drawn");
        let mut buffer = Vec::new();
        let mut messages = Vec::new();
        for (aad, data) in lengths {
            let start = buffer.len();
            let iv = mixer.bytes(12).try_into().expect("12 bytes were drawn");
            buffer.extend(mixer.bytes(aad + data));
            messages.push(Message { iv, aad: start..start + aad, data: start + aad..buffer.len() });
        }
        let plain = buffer.clone();
        let mut expected = buffer.clone();
        let gcm = BatchGcm::new(&key);
        let tags = gcm.seal(&messages, &mut buffer);
        for (message, tag) in messages.iter().zip(&tags) {
            let aad = expected[message.aad.clone()].to_vec();
            let data = &mut expected[message.data.clone()];
            assert_eq!(
                *tag,
                AesGcmKey::new(&key).seal_in_place(&message.iv, &aad, data),
                "{lengths:?}"
            );
        }
        assert_eq!(buffer, expected);
        let mut data: Vec<u8> = Vec::new();
        for message in &messages {
            data.extend_from_slice(&buffer[message.data.clone()]);
        }
        assert_eq!(gcm.open(&messages, &buffer, &mut data), tags);
        for message in &messages {
            let (opened, rest) = data.split_at(message.data.len());
            assert_eq!(opened, &plain[message.data.clone()]);
            data = rest.to_vec();
        }
    }

    #[test]
    fn a_batch_is_sealed_as_its_messages_one_by_one() {
        let mut mixer = Mixer(1);
        for _ in 0..200 {
            let count = mixer.next() as usize % 40;
            let lengths: Vec<_> = (0..count)
                .map(|_| (mixer.next() as usize % 100, mixer.next() as usize % 300))
                .collect();
            compare(&mut mixer, &lengths);
        }
    }

    #[test]
    fn every_length_around_a_block_is_sealed() {
        let mut mixer = Mixer(2);
        for aad in 0..34 {
            let lengths: Vec<_> = (0..34).map(|data| (aad, data)).collect();
            compare(&mut mixer, &lengths);
        }
    }

    #[test]
    fn one_long_message_among_short_ones_is_sealed() {
        compare(&mut Mixer(3), &[(81, 10), (81, 100_000), (81, 12), (0, 0), (5000, 1)]);
        compare(&mut Mixer(4), &[(81, 70_000)]);
        compare(&mut Mixer(5), &[]);
    }
}
