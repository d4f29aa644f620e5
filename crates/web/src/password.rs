//! Passwords: hashed with Argon2id, never many at once, and as slowly for a log-in that is none.

use std::sync::{Arc, OnceLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

/// How many passwords are hashed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;

/// A password that cannot be hashed.
#[derive(Debug, thiserror::Error)]
#[error("the password cannot be hashed: {0}")]
pub struct BadPassword(String);

/// The hash of a password as a PHC string, to be kept by the store.
///
/// # Errors
/// When it is far too long.
pub fn hash_password(password: &str) -> Result<String, BadPassword> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|error| BadPassword(error.to_string()))
}

/// Compares passwords with hashes.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    /// What a log-in that is none is compared with: the work is the same.
    nobody: Arc<OnceLock<String>>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), nobody: Arc::default() }
    }
}

impl Passwords {
    /// Whether the password has this hash; without a hash the same work, and no.
    pub(crate) async fn is_right(&self, password: String, hash: Option<String>) -> bool {
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else { return false };
        let nobody = Arc::clone(&self.nobody);
        let compared = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| {
                nobody.get_or_init(|| hash_password("nobody").unwrap_or_default()).clone()
            });
            let parsed = PasswordHash::new(&hash);
            let same = parsed.is_ok_and(|parsed| {
                Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
            });
            same && known
        });
        compared.await.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_somebody_is_right() {
        let passwords = Passwords::default();
        let hash = hash_password("rahasia-contoh").unwrap();
        assert!(passwords.is_right("rahasia-contoh".to_owned(), Some(hash.clone())).await);
        assert!(!passwords.is_right("rahasia".to_owned(), Some(hash)).await);
        assert!(!passwords.is_right("nobody".to_owned(), None).await);
        assert!(!passwords.is_right("x".to_owned(), Some("not a hash".to_owned())).await);
    }
}
