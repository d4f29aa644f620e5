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

/// The shortest password that is taken, in characters.
pub const PASSWORD_MIN: usize = 10;
/// The longest password that is taken, in characters: longer ones only cost time.
const PASSWORD_MAX: usize = 256;
/// What is left of a password that everybody guesses first, without digits and signs.
const COMMON: [&str; 24] = [
    "password",
    "passwordpassword",
    "rahasia",
    "rahasiarahasia",
    "sandi",
    "katasandi",
    "qwerty",
    "qwertyuiop",
    "admin",
    "administrator",
    "adminadmin",
    "dermaga",
    "dermagadermaga",
    "welcome",
    "selamatdatang",
    "indonesia",
    "indonesiaraya",
    "jakarta",
    "bandung",
    "sayang",
    "sayangku",
    "bismillah",
    "iloveyou",
    "letmein",
];

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It is too short.
    #[error("the password is too short; at least {PASSWORD_MIN} characters are needed")]
    Short,
    /// It is too long.
    #[error("the password is too long; at most {PASSWORD_MAX} characters are taken")]
    Long,
    /// It is among the first that are guessed.
    #[error("that password is among the first that anybody would guess; choose another")]
    Common,
}

/// Refuses passwords that are guessed at once. Nothing else is asked of them: a sentence is a good one.
///
/// # Errors
/// Why it is not taken.
pub fn check_password(password: &str, login: &str) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return Err(WeakPassword::Short);
    }
    if length > PASSWORD_MAX {
        return Err(WeakPassword::Long);
    }
    let small = password.to_lowercase();
    let letters: String = small.chars().filter(|letter| letter.is_alphabetic()).collect();
    let first = password.chars().next();
    let counted =
        "01234567890123456789".contains(&small) || "98765432109876543210".contains(&small);
    let common = COMMON.contains(&letters.as_str())
        || counted
        || password.chars().all(|letter| Some(letter) == first)
        || small == login.to_lowercase();
    if common { Err(WeakPassword::Common) } else { Ok(()) }
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
    /// The hash of a password, made in its turn.
    pub(crate) async fn hash(&self, password: String) -> Result<String, BadPassword> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let hashed = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            hash_password(&password)
        });
        hashed.await.unwrap_or_else(|error| Err(BadPassword(error.to_string())))
    }

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

    #[test]
    fn what_everybody_guesses_is_not_taken() {
        let all = [
            ("rahasia", WeakPassword::Short),
            ("rahasia123!", WeakPassword::Common),
            ("Password2026", WeakPassword::Common),
            ("aaaaaaaaaaaa", WeakPassword::Common),
            ("1234567890", WeakPassword::Common),
            ("dewi@contoh.test", WeakPassword::Common),
        ];
        for (password, why) in all {
            assert_eq!(check_password(password, "Dewi@contoh.test"), Err(why), "{password}");
        }
        assert_eq!(check_password(&"ab".repeat(129), "dewi"), Err(WeakPassword::Long));
        assert_eq!(check_password("kapal berlabuh di dermaga tua", "dewi"), Ok(()));
    }

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
