//! Texts for tests: made at random, and the same ones each time.

/// What means something to a template, to JSON or to Unicode.
const PIECES: [&str; 26] = [
    "$", "$", "${", "$${", "}", "{", "${a}", "${b c}", "{{x}}", "a", "name", " ", "\"", "\"", "\\",
    "\\", "\\n", "\\u00e9", "\n", "\r\n", "\t", "\u{85}", "é", "💡", "\u{2028}", "'",
];

/// So many texts of up to 15 pieces.
pub fn texts(count: usize) -> impl Iterator<Item = String> {
    // Marsaglia's xorshift.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = move |end: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from((state >> 32) % end).unwrap()
    };
    (0..count).map(move |_| {
        let length = below(16);
        (0..length).map(|_| PIECES[below(PIECES.len() as u64)]).collect()
    })
}
