//! The hashing of passwords: Argon2id, slow and hungry by design.
//!
//! A thread that hashes keeps its memory: to ask for 19 MiB and to give them back for each try leaves the allocator with
//! holes of that size, hundreds of megabytes in a rush of sign-ins.

use std::cell::RefCell;

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHasher, Version};

use crate::error::Error;

thread_local! {
    /// What the last try of this thread worked in; overwritten by the next.
    static MEMORY: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// Argon2id, 19 MiB, two passes: the parameters stand here openly and are kept in each hash.
fn hasher() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, Some(32)).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes a password. Slow by design (tens of milliseconds); call it outside any transaction.
///
/// # Errors
/// The system gives no random bytes.
pub fn hash_password(password: &str) -> Result<String, Error> {
    hasher()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|e| Error::Internal(format!("пароль не захэширован: {e}")))
}

/// Whether a password fits a hash.
#[must_use]
pub fn verify_password(password: &str, hash: &str) -> bool {
    fits(password, hash).unwrap_or(false)
}

/// `None` where it is no hash of ours, whatever it is.
fn fits(password: &str, hash: &str) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let (salt, expected): (Salt, Output) = (hash.salt?, hash.hash?);
    let params = Params::try_from(&hash).ok()?;
    let version = Version::try_from(hash.version?).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let blocks = params.block_count();
    let mut found = vec![0_u8; expected.len()];
    MEMORY
        .with_borrow_mut(|memory| {
            if memory.len() < blocks {
                memory.resize(blocks, Block::default());
            }
            Argon2::new(algorithm, version, params).hash_password_into_with_memory(
                password.as_bytes(),
                &salt,
                &mut found,
                &mut memory[..blocks],
            )
        })
        .ok()?;
    // Compared in constant time.
    Some(Output::new(&found).is_ok_and(|found| found == expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fits_its_own_password_alone_however_often_it_is_tried() {
        let (one, other) = (
            hash_password("кедр и сосна").unwrap(),
            hash_password("кедр и сосна").unwrap(),
        );
        assert_ne!(one, other, "each has its own salt");
        for _ in 0..2 {
            assert!(verify_password("кедр и сосна", &one));
            assert!(!verify_password("кедр и сосны", &one));
            assert!(verify_password("кедр и сосна", &other));
        }
    }

    #[test]
    fn what_is_no_hash_fits_nothing() {
        let hash = hash_password("x").unwrap();
        let cut = &hash[..hash.len() - 1];
        for no in [
            "",
            "x",
            "$argon2id$",
            "$argon2id$v=19$m=19456,t=2,p=1",
            cut,
            "$2b$12$abcdefghijkl",
        ] {
            assert!(!verify_password("x", no), "{no}");
        }
    }
}
