//! Chance that is the same for the same seed.

use std::ops::RangeInclusive;

/// The seeds that the environment variable `name` says, as in `100-199`, or else the usual ones.
pub fn seeds(name: &str, usual: RangeInclusive<u64>) -> RangeInclusive<u64> {
    let Ok(said) = std::env::var(name) else { return usual };
    let (first, last) = said.split_once('-').unwrap_or((&said, &said));
    first.parse().unwrap()..=last.parse().unwrap()
}

pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    /// Whether something happens that does so this often of a hundred times.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Some of these, in any order.
    pub fn some<T: Clone>(&mut self, all: &[T], most: usize) -> Vec<T> {
        let mut left = all.to_vec();
        let count = self.below(most + 1).min(left.len());
        (0..count).map(|_| left.swap_remove(self.below(left.len()))).collect()
    }

    /// A secret that nobody said before, long or short.
    pub fn secret(&mut self) -> String {
        let number = self.next();
        if self.chance(70) { format!("sk-{number:016x}") } else { format!("s-{:x}", number >> 24) }
    }
}
