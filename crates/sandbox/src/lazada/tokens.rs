//! Codes of consent and tokens: a code once and for half an hour; a token until it ends, and a new pair
//! for what renews it, whose own end stays where the consent put it.

use std::collections::HashMap;

use rand::Rng;
use rand::distr::Alphanumeric;
use rand::rngs::StdRng;

use crate::clock::SECOND_US;

/// How long a code can be exchanged.
const CODE_US: i64 = 30 * 60 * SECOND_US;
/// How many times as long as a token what renews it lives: 180 days and 30, of an app that is online.
const REFRESH_TIMES: i64 = 6;
/// What every token of the sandbox begins with, so that one that lies about is recognised.
const MARK: &str = "SBXLZD";

/// A pair of tokens as it is handed out.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) account: i64,
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) access_seconds: i64,
    pub(super) refresh_seconds: i64,
}

/// Whose it is, and until when.
#[derive(Clone, Copy, Debug)]
struct Held {
    account: i64,
    until_us: i64,
}

/// What was handed out and holds.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    codes: HashMap<String, Held>,
    access: HashMap<String, Held>,
    refresh: HashMap<String, Held>,
}

fn text(dice: &mut StdRng, length: usize) -> String {
    (0..length).map(|_| char::from(dice.sample(Alphanumeric))).collect()
}

impl Tokens {
    /// A code for an account whose seller has consented.
    pub(super) fn code(
        &mut self,
        app: &str,
        account: i64,
        now_us: i64,
        dice: &mut StdRng,
    ) -> String {
        let code = format!("0_{app}_{}", text(dice, 24));
        self.codes.insert(code.clone(), Held { account, until_us: now_us + CODE_US });
        code
    }

    /// Exchanges a code, once.
    pub(super) fn exchange(
        &mut self,
        code: &str,
        now_us: i64,
        lifetime_s: u32,
        dice: &mut StdRng,
    ) -> Option<Pair> {
        let held = self.codes.remove(code).filter(|held| held.until_us > now_us)?;
        let lifetime_us = i64::from(lifetime_s) * SECOND_US;
        let until_us = now_us + lifetime_us * REFRESH_TIMES;
        Some(self.issue(Held { until_us, ..held }, now_us, lifetime_us, dice))
    }

    /// Renews a token, with what can renew it once; its end is not moved.
    pub(super) fn renew(
        &mut self,
        refresh: &str,
        now_us: i64,
        lifetime_s: u32,
        dice: &mut StdRng,
    ) -> Option<Pair> {
        let held = self.refresh.remove(refresh).filter(|held| held.until_us > now_us)?;
        Some(self.issue(held, now_us, i64::from(lifetime_s) * SECOND_US, dice))
    }

    fn issue(&mut self, held: Held, now_us: i64, lifetime_us: i64, dice: &mut StdRng) -> Pair {
        let access = format!("{MARK}A{}", text(dice, 28));
        let refresh = format!("{MARK}R{}", text(dice, 28));
        let until_us = now_us + lifetime_us;
        self.access.insert(access.clone(), Held { account: held.account, until_us });
        self.refresh.insert(refresh.clone(), held);
        Pair {
            account: held.account,
            access,
            refresh,
            access_seconds: lifetime_us / SECOND_US,
            refresh_seconds: (held.until_us - now_us) / SECOND_US,
        }
    }

    /// The account that a token speaks for, while it holds.
    pub(super) fn account(&self, access: &str, now_us: i64) -> Option<i64> {
        let held = self.access.get(access).filter(|held| held.until_us > now_us)?;
        Some(held.account)
    }

    /// Ends a token before its time.
    pub(super) fn expire(&mut self, access: &str) {
        self.access.remove(access);
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_code_and_a_renewal_are_taken_once_and_the_end_stays() {
        let (mut tokens, mut dice) = (Tokens::default(), StdRng::seed_from_u64(1));
        let code = tokens.code("1", 7, 0, &mut dice);
        let first = tokens.exchange(&code, 0, 100, &mut dice).unwrap();
        assert!(tokens.exchange(&code, 0, 100, &mut dice).is_none());
        assert_eq!((first.access_seconds, first.refresh_seconds), (100, 600));
        assert_eq!(tokens.account(&first.access, 99 * SECOND_US), Some(7));
        assert_eq!(tokens.account(&first.access, 100 * SECOND_US), None);

        let second = tokens.renew(&first.refresh, 200 * SECOND_US, 100, &mut dice).unwrap();
        assert_eq!(second.refresh_seconds, 400);
        assert!(tokens.renew(&first.refresh, 200 * SECOND_US, 100, &mut dice).is_none());
        assert!(tokens.renew(&second.refresh, 600 * SECOND_US, 100, &mut dice).is_none());

        let late = tokens.code("1", 7, 0, &mut dice);
        assert!(tokens.exchange(&late, CODE_US, 100, &mut dice).is_none());
    }
}
