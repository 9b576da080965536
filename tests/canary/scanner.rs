//! Finds secrets in whatever was said or written, in any of the [`encodings`].

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::encodings;
use crate::secrets::{Id, Ids, MARKER};

/// How many bytes of a secret tell it from everything else.
const PIECE: usize = 16;

/// Finds all secrets of a run at once.
pub struct Scanner {
    patterns: AhoCorasick,
    /// Of each pattern: whose it is, where it is not that of every canary; and its encoding.
    owners: Vec<(Option<Id>, &'static str)>,
}

/// What was found somewhere.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Secrets, each with the encoding that gave it away.
    pub secrets: BTreeMap<Id, &'static str>,
    /// The encoding of what every canary begins with, if that is there.
    pub marker: Option<&'static str>,
}

impl Scanner {
    /// A scanner for `secrets`. Each is looked for by its begin and by its end, so that a part gives
    /// it away.
    pub fn new(secrets: &[Vec<u8>]) -> Self {
        let mut patterns: Vec<Vec<u8>> = vec![];
        let mut owners = vec![];
        let mut add = |owner, piece: &[u8]| {
            let before = patterns.len();
            for (encoding, pattern) in encodings::of(piece) {
                if !patterns[before..].contains(&pattern) {
                    patterns.push(pattern);
                    owners.push((owner, encoding));
                }
            }
        };
        add(None, MARKER.as_bytes());
        for (id, secret) in secrets.iter().enumerate() {
            for piece in pieces(secret) {
                add(Some(id), piece);
            }
        }
        let patterns = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::Standard)
            .build(patterns)
            .unwrap();
        Self { patterns, owners }
    }

    /// How many patterns it looks for.
    pub fn patterns(&self) -> usize {
        self.owners.len()
    }

    /// All that is to be found in `bytes`.
    pub fn find(&self, bytes: &[u8]) -> Found {
        let mut found = Found::default();
        for hit in self.patterns.find_overlapping_iter(bytes) {
            match self.owners[hit.pattern().as_usize()] {
                (Some(id), encoding) => {
                    found.secrets.entry(id).or_insert(encoding);
                }
                (None, encoding) => found.marker = found.marker.or(Some(encoding)),
            }
        }
        found
    }

    /// What is wrong if `bytes` should hold `expected` and no other secret.
    pub fn fault(&self, bytes: &[u8], expected: &Ids) -> Option<String> {
        let found = self.find(bytes);
        let wrong = |(id, _): &(&Id, &&str)| !expected.contains(id);
        let leaked: Vec<_> = found.secrets.iter().filter(wrong).collect();
        let missing: Vec<_> =
            expected.iter().filter(|id| !found.secrets.contains_key(id)).collect();
        let cut = found.marker.filter(|_| expected.is_empty());
        let good = leaked.is_empty() && missing.is_empty() && cut.is_none();
        (!good).then(|| {
            format!("shows {leaked:?}, does not show {missing:?}, and begins one in {cut:?}")
        })
    }
}

/// The parts of a secret, each of which would give it away. How canaries begin is looked for once
/// for all of them.
fn pieces(secret: &[u8]) -> Vec<&[u8]> {
    let end = &secret[secret.len().saturating_sub(PIECE)..];
    let begin = &secret[..secret.len().min(PIECE)];
    if secret.starts_with(MARKER.as_bytes()) { vec![end] } else { vec![begin, end] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Secrets;

    /// A scanner, and the last of the secrets that it looks for.
    fn scanner() -> (Scanner, String) {
        let secrets = Secrets::default();
        secrets.add("0123456789abcdef-made-by-the-server");
        secrets.canary();
        let planted = secrets.canary();
        (Scanner::new(&secrets.all()), planted)
    }

    #[test]
    fn a_secret_is_found_in_every_encoding() {
        let (scanner, planted) = scanner();
        for (name, text) in encodings::of(planted.as_bytes()) {
            let hidden = [b"{\"error\":\"", text.as_slice(), b"\"}\0\xff"].concat();
            let found = scanner.find(&hidden);
            assert_eq!(found.secrets.keys().collect::<Vec<_>>(), [&2], "{name}");
            // Of the digits of a canary, some encodings are the same.
            let (known, name) = (found.secrets[&2].to_lowercase(), name.to_lowercase());
            assert!(name.starts_with(&known), "{name}: {known}");
            assert!(scanner.fault(&hidden, &Ids::new()).is_some(), "{name}");
            assert_eq!(scanner.fault(&hidden, &Ids::from([2])), None, "{name}");
        }
    }

    #[test]
    fn a_part_of_a_secret_is_found() {
        let (scanner, planted) = scanner();
        for part in [&planted[..8], &planted[..30], &planted[20..], &planted[..23]] {
            assert!(scanner.fault(part.as_bytes(), &Ids::new()).is_some(), "{part}");
        }
        let made = &scanner.find(b"\"...-made-by-the-server\"").secrets;
        assert_eq!(made.keys().collect::<Vec<_>>(), [&0]);
    }

    #[test]
    fn what_is_no_secret_is_not_found() {
        let (scanner, planted) = scanner();
        let mask = format!("****abcdef23****{}", &planted[planted.len() - 4..]);
        for text in [mask.as_str(), "", "CANARIES", "0123456789abcde", &planted[24..37]] {
            assert_eq!(scanner.fault(text.as_bytes(), &Ids::new()), None, "{text}");
        }
    }

    #[test]
    fn a_secret_that_should_be_there_and_is_not_is_told() {
        let (scanner, planted) = scanner();
        assert!(scanner.fault(b"", &Ids::from([2])).is_some());
        assert!(scanner.fault(planted.as_bytes(), &Ids::from([1])).is_some());
    }
}
