//! The second step of logging in: codes that an app on a person's device shows (RFC 6238), and what
//! lets them in when the device is gone.

use dermaga_domain::id::{AccountId, OrgId};
use dermaga_domain::time::Time;
use dermaga_store::Store;
use rand::Rng as _;
use totp_rs::{Builder, Totp};

/// How long the secret is, in bytes: as long as the hash (RFC 4226 §4).
const SECRET_LENGTH: usize = 20;
/// How many recovery codes a person gets.
pub const RECOVERY_CODES: usize = 10;
/// Letters of recovery codes: none that is easily taken for another. 50 bits a code.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Letters of a recovery code, in two groups.
const LETTERS: usize = 10;

/// A secret that a device shares with us.
pub struct SecondStep(Totp);

impl std::fmt::Debug for SecondStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecondStep(…)")
    }
}

impl SecondStep {
    /// A second step of somebody, with the secret that was kept; none when that is no secret.
    #[must_use]
    pub fn new(secret: &[u8], login: &str) -> Option<Self> {
        // The address separates its parts by colons.
        let login = login.replace(':', " ");
        let builder = Builder::new()
            .with_secret(secret.to_vec())
            .with_account_name(login.as_str())
            .with_issuer(Some("Dermaga"));
        builder.build().ok().map(Self)
    }

    /// A new secret.
    #[must_use]
    pub fn make_secret() -> [u8; SECRET_LENGTH] {
        rand::random()
    }

    /// What an app reads from a picture.
    pub(crate) fn uri(&self) -> String {
        self.0.to_url().unwrap_or_default()
    }

    /// The secret for those who type it.
    pub(crate) fn secret(&self) -> String {
        self.0.secret().to_base32()
    }

    /// The time step whose code this is: that of now, the one before or the one after.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Time) -> Option<i64> {
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let seconds = u64::try_from(now.as_seconds()).ok()?;
        i64::try_from(self.0.check(&digits, seconds)?).ok()
    }

    /// The code of a moment.
    #[must_use]
    pub fn code_at(&self, now: Time) -> String {
        self.0.generate(u64::try_from(now.as_seconds()).unwrap_or(0)).to_string()
    }
}

/// New recovery codes.
pub(crate) fn recovery_codes() -> Vec<String> {
    let mut random = rand::rng();
    let mut letter = || char::from(ALPHABET[random.random_range(0..ALPHABET.len())]);
    let mut code = || -> String {
        let (first, second) = (LETTERS / 2, LETTERS - LETTERS / 2);
        let mut text: String = (0..first).map(|_| letter()).collect();
        text.push('-');
        text.extend((0..second).map(|_| letter()));
        text
    };
    (0..RECOVERY_CODES).map(|_| code()).collect()
}

/// Whether a code lets somebody in now: one of the device's that was not used, or a recovery code that
/// was not. It is used by this.
pub(crate) async fn passes(
    store: &Store,
    (org, account): (OrgId, AccountId),
    code: &str,
    now: Time,
) -> dermaga_store::Result<bool> {
    let code = code.trim().to_lowercase();
    let Some(factor) = store.factor(org, account).await?.filter(|it| it.since.is_some()) else {
        return Ok(false);
    };
    let step = SecondStep::new(&factor.secret, "").and_then(|it| it.step_of(&code, now));
    match step {
        Some(step) => store.use_step(org, account, step).await,
        None => store.use_recovery_code(org, account, &code).await,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Appendix B of RFC 6238, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let step = SecondStep::new(b"12345678901234567890", "dewi").unwrap();
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")]
        {
            let now = Time(seconds * 1_000_000);
            assert_eq!(step.code_at(now), code);
            assert_eq!(step.step_of(code, now), Some(seconds / 30));
            assert_eq!(step.step_of(code, Time((seconds + 30) * 1_000_000)), Some(seconds / 30));
            assert_eq!(step.step_of(code, Time((seconds + 90) * 1_000_000)), None, "too late");
        }
        assert_eq!(step.step_of("", Time(59_000_000)), None);
        assert!(step.uri().starts_with("otpauth://totp/Dermaga:dewi?secret=GEZDGNBVGY3TQOJQ"));
        assert!(SecondStep::new(b"short", "dewi").is_none());
        assert!(!format!("{step:?}").contains("1234"));
    }

    #[test]
    fn recovery_codes_differ() {
        let codes: BTreeSet<String> = (0..100).flat_map(|_| recovery_codes()).collect();
        assert_eq!(codes.len(), 100 * RECOVERY_CODES);
        assert!(codes.iter().all(|code| code.len() == LETTERS + 1));
    }
}
