//! Who is told of a record: the clients of a family, each release with the words it knows.

use super::{AuthType, Family, Fields, Shape};

/// Those who are told. What they have no words for is hidden from them: one such record in a list
/// would break all of it.
#[derive(Clone, Debug)]
pub struct Audience {
    /// The family they call.
    pub family: Family,
    /// What they do not know.
    pub unknown: Vec<Shape>,
    /// Whether they know that a provider may be called with OAuth's tokens.
    pub knows_oauth: bool,
}

impl Audience {
    /// Whether they can be told of a record.
    pub fn sees(&self, fields: &Fields) -> bool {
        let is_oauth = fields.auth_type() == AuthType::OAuth2;
        fields.is_expressible(self.family)
            && !self.unknown.contains(&fields.shape)
            && (self.knows_oauth || !is_oauth || self.family == Family::Newer)
    }
}
