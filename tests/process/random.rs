//! Random numbers that come again when the environment names their seed.

/// A number that the environment sets for a test.
pub fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// The seed that the environment names, or another one, which is printed.
pub fn seed(name: &str) -> u64 {
    let seed = setting(name).unwrap_or_else(|| uuid::Uuid::now_v7().as_u64_pair().1);
    eprintln!("{name}={seed}");
    seed
}

/// xorshift64*: the same numbers for the same seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 11) % limit
    }
}
