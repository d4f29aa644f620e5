//! Access tokens: one at a time, the same one until it expires.

use std::sync::Mutex;

use rand::Rng;
use rand::distr::Alphanumeric;
use rand::rngs::StdRng;

use crate::clock::SECOND_US;
use crate::lock;

/// What every token of the sandbox begins with, so that one that lies about is recognised.
const MARK: &str = "SBXTOKEN";

/// The app's current token.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    current: Mutex<Option<Token>>,
}

#[derive(Clone, Debug)]
struct Token {
    text: String,
    expires_us: i64,
}

impl Tokens {
    /// The valid token and its remaining seconds; a new one if there is none.
    pub(super) fn issue(&self, now_us: i64, lifetime_s: u32, dice: &mut StdRng) -> (String, i64) {
        let mut current = lock(&self.current);
        let token = current.take().filter(|token| token.expires_us > now_us).unwrap_or_else(|| {
            let text: String = (0..22).map(|_| char::from(dice.sample(Alphanumeric))).collect();
            let text = format!("{MARK}{text}");
            let expires_us = now_us + i64::from(lifetime_s) * SECOND_US;
            Token { text: format!("c:{text}"), expires_us }
        });
        let left_s = (token.expires_us - now_us) / SECOND_US;
        let text = token.text.clone();
        *current = Some(token);
        (text, left_s)
    }

    /// Whether a token is the valid one.
    pub(super) fn holds(&self, text: &str, now_us: i64) -> bool {
        let current = lock(&self.current);
        current.as_ref().is_some_and(|token| token.text == text && token.expires_us > now_us)
    }

    /// Ends the current token before its time.
    pub(super) fn expire(&self) {
        *lock(&self.current) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn a_token_stays_the_same_until_it_expires() {
        let (tokens, mut dice) = (Tokens::default(), StdRng::seed_from_u64(1));
        let (first, left) = tokens.issue(0, 100, &mut dice);
        assert_eq!(left, 100);
        assert_eq!(tokens.issue(40 * SECOND_US, 100, &mut dice), (first.clone(), 60));
        assert!(tokens.holds(&first, 99 * SECOND_US));
        assert!(!tokens.holds(&first, 100 * SECOND_US));
        let (second, _) = tokens.issue(100 * SECOND_US, 100, &mut dice);
        assert_ne!(first, second);
        tokens.expire();
        assert!(!tokens.holds(&second, 100 * SECOND_US));
    }
}
