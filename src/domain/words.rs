//! The words that a key of a configuration is made of.

/// The words of a key in lower case: split at case changes and at what is no letter or digit. A key
/// that ends in such a mark ends in an empty word.
pub(super) struct Words {
    /// All of them, one after the other.
    whole: String,
    /// Where each begins.
    starts: Vec<usize>,
}

impl Words {
    /// The words of `key`.
    pub fn of(key: &str) -> Self {
        let mut whole = String::with_capacity(key.len());
        let mut starts = vec![0];
        let mut previous_lower = false;
        for c in key.chars() {
            let starts_word = (c.is_uppercase() && previous_lower) || !c.is_alphanumeric();
            if starts_word && starts.last().is_some_and(|start| *start < whole.len()) {
                starts.push(whole.len());
            }
            if c.is_ascii_alphanumeric() {
                whole.push(c.to_ascii_lowercase());
            } else if c.is_alphanumeric() {
                whole.extend(c.to_lowercase());
            }
            previous_lower = c.is_lowercase() || c.is_numeric();
        }
        Self { whole, starts }
    }

    /// All of them without what stands between.
    pub fn whole(&self) -> &str {
        &self.whole
    }

    /// Each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let ends = self.starts.iter().skip(1).copied().chain([self.whole.len()]);
        self.starts.iter().zip(ends).map(|(start, end)| &self.whole[*start..end])
    }

    /// The last of them.
    pub fn last(&self) -> &str {
        &self.whole[self.starts.last().copied().unwrap_or(0)..]
    }

    /// Whether these are the last of them.
    pub fn end_in<const N: usize>(&self, last: [&str; N]) -> bool {
        self.starts.len() >= N && self.iter().skip(self.starts.len() - N).eq(last)
    }

    /// Whether there is only one.
    pub fn is_one(&self) -> bool {
        self.starts.len() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_split_at_case_changes_and_marks() {
        for (key, expected) in [
            ("schemaRegistryApiKey", vec!["schema", "registry", "api", "key"]),
            ("x-api--key", vec!["x", "api", "key"]),
            ("API_KEY", vec!["api", "key"]),
            ("s3Bucket", vec!["s3", "bucket"]),
            ("_key_", vec!["key", ""]),
            ("ÄnderungsTag", vec!["änderungs", "tag"]),
            ("", vec![""]),
        ] {
            let words = Words::of(key);
            assert_eq!(words.iter().collect::<Vec<_>>(), expected, "{key}");
            assert_eq!(words.whole(), expected.concat());
            assert_eq!(words.last(), *expected.last().unwrap());
            assert_eq!(words.is_one(), expected.len() == 1);
        }
    }

    #[test]
    fn the_last_words_are_told() {
        let words = Words::of("authHeaderName");
        assert!(words.end_in(["name"]) && words.end_in(["header", "name"]));
        assert!(
            !words.end_in(["auth", "header"]) && !words.end_in(["an", "auth", "header", "name"])
        );
    }
}
