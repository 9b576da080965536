//! Who is calling: tokens, ours and those of identity providers, and access keys.

#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod keys;
pub mod oidc;
pub mod tokens;
