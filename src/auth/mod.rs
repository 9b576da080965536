//! Who is calling: tokens, ours and those of identity providers, and access keys.

pub mod keys;
pub mod oidc;
pub mod tokens;
