// SPDX-License-Identifier: Apache-2.0
//! GHASH (NIST SP 800-38D, section 6.4) of sixteen messages at once: vector k holds byte k of each
//! message. Multiplying by the key's H is linear, so it is a sum of look-ups, one for each half
//! byte of the factor and each byte of the result, in tables that depend on H alone.

use super::lane::Lane;

/// Messages that are hashed together.
pub(super) const WIDTH: usize = 16;

/// One byte of each of sixteen blocks, for each of the sixteen places of a block.
pub(super) type Columns = [Lane; 16];

/// For each byte of the factor and each byte of the result: what its high and its low half add.
type Tables = [[(Lane, Lane); 16]; 16];

/// The tables of a key; wiped when dropped.
pub(super) struct Ghash {
    tables: Box<Tables>,
}

impl Drop for Ghash {
    fn drop(&mut self) {
        *self.tables = [[(Lane::ZERO, Lane::ZERO); 16]; 16];
        core::hint::black_box(&self.tables);
    }
}

impl Ghash {
    pub(super) fn new(h: &[u8; 16]) -> Self {
        let mut tables = Box::new([[(Lane::ZERO, Lane::ZERO); 16]; 16]);
        let mut power = u128::from_be_bytes(*h);
        for row in tables.iter_mut() {
            let high = multiples(&mut power);
            let low = multiples(&mut power);
            for (place, entry) in row.iter_mut().enumerate() {
                let column = |products: &[[u8; 16]; 16]| products.map(|product| product[place]);
                *entry = (Lane::from_bytes(&column(&high)), Lane::from_bytes(&column(&low)));
            }
        }
        Self { tables }
    }

    /// Takes in one block of each message: state = (state + blocks) · H.
    pub(super) fn absorb(&self, state: &mut Columns, blocks: &Columns) {
        let nibble = Lane::splat(0x0f);
        let mut halves = [(Lane::ZERO, Lane::ZERO); 16];
        for (half, (sum, block)) in halves.iter_mut().zip(state.iter().zip(blocks)) {
            let sum = sum.xor(*block);
            *half = (sum.shift_right(4).and(nibble), sum.and(nibble));
        }
        *state = [Lane::ZERO; 16];
        // Four bytes of the result at a time stay in registers.
        for group in 0..4 {
            let mut sums = [Lane::ZERO; 4];
            for ((high, low), row) in halves.iter().zip(self.tables.iter()) {
                for (at, sum) in sums.iter_mut().enumerate() {
                    let (high_table, low_table) = row[4 * group + at];
                    *sum = sum.xor(high_table.look_up(*high)).xor(low_table.look_up(*low));
                }
            }
            state[4 * group..4 * group + 4].copy_from_slice(&sums);
        }
    }
}

/// The products of all half bytes with a power of x times H, and steps four powers on. Bits are
/// reflected: a half byte's highest bit stands for the lowest power.
fn multiples(power: &mut u128) -> [[u8; 16]; 16] {
    const REDUCTION: u128 = 0xe1 << 120;
    let mut powers = [0u128; 4];
    for slot in &mut powers {
        *slot = *power;
        *power = (*power >> 1) ^ (REDUCTION & (*power & 1).wrapping_neg());
    }
    core::array::from_fn(|half_byte| {
        let mut product = 0;
        for (bit, value) in powers.iter().enumerate() {
            if half_byte & (8 >> bit) != 0 {
                product ^= value;
            }
        }
        product.to_be_bytes()
    })
}

/// Turns sixteen blocks into columns, or back.
pub(super) fn transpose(lanes: &mut [Lane; 16]) {
    for _ in 0..4 {
        let before = *lanes;
        for at in 0..8 {
            lanes[2 * at] = before[at].interleave_low(before[at + 8]);
            lanes[2 * at + 1] = before[at].interleave_high(before[at + 8]);
        }
    }
}
