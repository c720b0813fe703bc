// SPDX-License-Identifier: Apache-2.0
//! A vector of 128 bits, written once for WebAssembly and once for everything else. Byte 0 is the
//! lowest byte.

pub(super) use implementation::Lane;

/// Byte permutations: the byte at place i of the result is the byte at the i-th place named.
macro_rules! permutations {
    ($macro:ident) => {
        $macro! {
            /// Exchanges the rows and columns of a square of four by four bytes.
            square: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15];
            /// AES's ShiftRows on a state of four rows: row r turns by r bytes.
            shift_rows: [0, 1, 2, 3, 5, 6, 7, 4, 10, 11, 8, 9, 15, 12, 13, 14];
            /// Reverses the bytes of each word.
            reverse_words: [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];
        }
    };
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod implementation {
    use core::arch::wasm32::*;

    #[derive(Clone, Copy)]
    pub(in super::super) struct Lane(v128);

    macro_rules! define {
        ($($(#[$doc:meta])* $name:ident: [$($place:literal),*];)*) => {
            // A swizzle by a constant: V8 keeps its places in a register, those of a shuffle it
            // builds anew each time.
            $($(#[$doc])* #[inline(always)]
            pub(in super::super) fn $name(self) -> Self {
                Self(u8x16_swizzle(self.0, u8x16($($place),*)))
            })*
        };
    }

    impl Lane {
        pub(in super::super) const ZERO: Self = Self(u64x2(0, 0));

        permutations!(define);

        #[inline(always)]
        pub(in super::super) fn new(low: u64, high: u64) -> Self {
            Self(u64x2(low, high))
        }

        #[inline(always)]
        pub(in super::super) fn halves(self) -> (u64, u64) {
            (u64x2_extract_lane::<0>(self.0), u64x2_extract_lane::<1>(self.0))
        }

        #[inline(always)]
        pub(in super::super) fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }

        /// Shifts each half to the right.
        #[inline(always)]
        pub(in super::super) fn shift_right(self, bits: u32) -> Self {
            Self(u64x2_shr(self.0, bits))
        }

        /// Shifts each half to the left.
        #[inline(always)]
        pub(in super::super) fn shift_left(self, bits: u32) -> Self {
            Self(u64x2_shl(self.0, bits))
        }

        /// Four words of 32 bits.
        #[inline(always)]
        pub(in super::super) fn words(words: [u32; 4]) -> Self {
            Self(u32x4(words[0], words[1], words[2], words[3]))
        }

        /// The lower two words of both, by turns.
        #[inline(always)]
        pub(in super::super) fn interleave_words_low(self, other: Self) -> Self {
            Self(u32x4_shuffle::<0, 4, 1, 5>(self.0, other.0))
        }

        /// The higher two words of both, by turns.
        #[inline(always)]
        pub(in super::super) fn interleave_words_high(self, other: Self) -> Self {
            Self(u32x4_shuffle::<2, 6, 3, 7>(self.0, other.0))
        }

        /// Adds word by word.
        #[inline(always)]
        pub(in super::super) fn plus(self, other: Self) -> Self {
            Self(u32x4_add(self.0, other.0))
        }

        /// Shifts each word to the right.
        #[inline(always)]
        pub(in super::super) fn shift_words<const BITS: u32>(self) -> Self {
            Self(u32x4_shr(self.0, BITS))
        }

        /// Rotates each word to the right.
        #[inline(always)]
        pub(in super::super) fn rotate_words<const BITS: u32>(self) -> Self {
            Self(v128_or(u32x4_shr(self.0, BITS), u32x4_shl(self.0, 32 - BITS)))
        }

        /// Turns the four groups of four bytes by one.
        #[inline(always)]
        pub(in super::super) fn turn1(self) -> Self {
            Self(u32x4_shuffle::<1, 2, 3, 0>(self.0, self.0))
        }

        /// Turns the four groups of four bytes by two.
        #[inline(always)]
        pub(in super::super) fn turn2(self) -> Self {
            Self(u32x4_shuffle::<2, 3, 0, 1>(self.0, self.0))
        }

        /// Looks up each byte of `places`, all below 16, in this table.
        #[inline(always)]
        pub(in super::super) fn look_up(self, places: Self) -> Self {
            Self(u8x16_swizzle(self.0, places.0))
        }

        /// The lower eight bytes of both, by turns.
        #[inline(always)]
        pub(in super::super) fn interleave_low(self, other: Self) -> Self {
            Self(i8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(
                self.0, other.0,
            ))
        }

        /// The higher eight bytes of both, by turns.
        #[inline(always)]
        pub(in super::super) fn interleave_high(self, other: Self) -> Self {
            Self(i8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(
                self.0, other.0,
            ))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod implementation {
    #[derive(Clone, Copy)]
    pub(in super::super) struct Lane(u128);

    macro_rules! define {
        ($($(#[$doc:meta])* $name:ident: [$($place:literal),*];)*) => {
            $($(#[$doc])*
            pub(in super::super) fn $name(self) -> Self {
                let bytes = self.0.to_le_bytes();
                Self(u128::from_le_bytes([$(bytes[$place]),*]))
            })*
        };
    }

    impl Lane {
        pub(in super::super) const ZERO: Self = Self(0);

        permutations!(define);

        pub(in super::super) fn new(low: u64, high: u64) -> Self {
            Self(u128::from(low) | u128::from(high) << 64)
        }

        pub(in super::super) fn halves(self) -> (u64, u64) {
            (self.0 as u64, (self.0 >> 64) as u64)
        }

        pub(in super::super) fn xor(self, other: Self) -> Self {
            Self(self.0 ^ other.0)
        }

        pub(in super::super) fn and(self, other: Self) -> Self {
            Self(self.0 & other.0)
        }

        /// Shifts each half to the right.
        pub(in super::super) fn shift_right(self, bits: u32) -> Self {
            let (low, high) = self.halves();
            Self::new(low >> bits, high >> bits)
        }

        /// Shifts each half to the left.
        pub(in super::super) fn shift_left(self, bits: u32) -> Self {
            let (low, high) = self.halves();
            Self::new(low << bits, high << bits)
        }

        /// Four words of 32 bits.
        pub(in super::super) fn words(words: [u32; 4]) -> Self {
            let [a, b, c, d] = words.map(u128::from);
            Self(a | b << 32 | c << 64 | d << 96)
        }

        fn map_words(self, change: impl Fn(u32) -> u32) -> Self {
            let word = |at: usize| change((self.0 >> (32 * at)) as u32);
            Self::words(core::array::from_fn(word))
        }

        /// The lower two words of both, by turns.
        pub(in super::super) fn interleave_words_low(self, other: Self) -> Self {
            let ([a, b, _, _], [c, d, _, _]) = (self.to_words(), other.to_words());
            Self::words([a, c, b, d])
        }

        /// The higher two words of both, by turns.
        pub(in super::super) fn interleave_words_high(self, other: Self) -> Self {
            let ([_, _, a, b], [_, _, c, d]) = (self.to_words(), other.to_words());
            Self::words([a, c, b, d])
        }

        /// Adds word by word.
        pub(in super::super) fn plus(self, other: Self) -> Self {
            let word = |value: u128, at: usize| (value >> (32 * at)) as u32;
            Self::words(core::array::from_fn(|at| word(self.0, at).wrapping_add(word(other.0, at))))
        }

        /// Shifts each word to the right.
        pub(in super::super) fn shift_words<const BITS: u32>(self) -> Self {
            self.map_words(|word| word >> BITS)
        }

        /// Rotates each word to the right.
        pub(in super::super) fn rotate_words<const BITS: u32>(self) -> Self {
            self.map_words(|word| word.rotate_right(BITS))
        }

        /// Turns the four groups of four bytes by one.
        pub(in super::super) fn turn1(self) -> Self {
            Self(self.0.rotate_right(32))
        }

        /// Turns the four groups of four bytes by two.
        pub(in super::super) fn turn2(self) -> Self {
            Self(self.0.rotate_right(64))
        }

        /// Looks up each byte of `places`, all below 16, in this table, and reads all of it for each.
        pub(in super::super) fn look_up(self, places: Self) -> Self {
            let (table, places) = (self.0.to_le_bytes(), places.0.to_le_bytes());
            Self(u128::from_le_bytes(places.map(|place| {
                table.iter().zip(0u8..).fold(0, |found, (byte, at)| {
                    let differs = u16::from(place ^ at);
                    let mask = (differs.wrapping_sub(1) >> 8) as u8;
                    found | (byte & mask)
                })
            })))
        }

        /// The lower eight bytes of both, by turns.
        pub(in super::super) fn interleave_low(self, other: Self) -> Self {
            let (a, b) = (self.0.to_le_bytes(), other.0.to_le_bytes());
            let byte = |at: usize| if at.is_multiple_of(2) { a[at / 2] } else { b[at / 2] };
            Self(u128::from_le_bytes(core::array::from_fn(byte)))
        }

        /// The higher eight bytes of both, by turns.
        pub(in super::super) fn interleave_high(self, other: Self) -> Self {
            Self(self.0 >> 64).interleave_low(Self(other.0 >> 64))
        }
    }
}

impl Lane {
    pub(super) fn from_bytes(bytes: &[u8; 16]) -> Self {
        let (low, high) = split(u128::from_le_bytes(*bytes));
        Self::new(low, high)
    }

    pub(super) fn to_bytes(self) -> [u8; 16] {
        let (low, high) = self.halves();
        (u128::from(low) | u128::from(high) << 64).to_le_bytes()
    }

    pub(super) fn to_words(self) -> [u32; 4] {
        let (low, high) = self.halves();
        [low as u32, (low >> 32) as u32, high as u32, (high >> 32) as u32]
    }

    pub(super) fn splat(byte: u8) -> Self {
        let half = u64::from_le_bytes([byte; 8]);
        Self::new(half, half)
    }
}

fn split(value: u128) -> (u64, u64) {
    (value as u64, (value >> 64) as u64)
}
