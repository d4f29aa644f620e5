//! What a bearer holds: `dmg_<org>_<secret>`. It carries its org, and only the SHA-256 of its secret
//! is stored.

use dermaga_domain::id::OrgId;
use sha2::{Digest as _, Sha256};

/// What every token begins with.
const PREFIX: &str = "dmg";

/// A token as its bearer holds it. Never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken {
    /// The org it belongs to.
    pub org: OrgId,
    secret: String,
}

impl BearerToken {
    /// A new token of an org; `secret` is 32 bytes of randomness.
    #[must_use]
    pub fn new(org: OrgId, secret: [u8; 32]) -> Self {
        Self { org, secret: hex::encode(secret) }
    }

    /// Reads `dmg_<org>_<secret>`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '_');
        let (prefix, org, secret) = (parts.next()?, parts.next()?, parts.next()?);
        let right = prefix == PREFIX
            && secret.len() == 64
            && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
        let org = format!("{}_{org}", OrgId::PREFIX).parse().ok()?;
        right.then(|| Self { org, secret: secret.to_owned() })
    }

    /// The text that its bearer keeps. Shown once.
    #[must_use]
    pub fn reveal(&self) -> String {
        let org = self.org.to_string();
        let org = org.split_once('_').map_or("", |(_, text)| text);
        format!("{PREFIX}_{org}_{}", self.secret)
    }

    /// What is stored of it.
    pub(super) fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.secret.as_bytes()))
    }
}

impl std::fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BearerToken").field("org", &self.org).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_carries_its_org_and_comes_back() {
        let token = BearerToken::new(OrgId(42), [7; 32]);
        let text = token.reveal();
        assert!(text.starts_with("dmg_"));
        assert_eq!(BearerToken::parse(&text), Some(token));
        for bad in ["", "dmg_", "dmg_x_y", &text.replace("dmg", "abc"), &text[..text.len() - 1]] {
            assert_eq!(BearerToken::parse(bad), None, "{bad}");
        }
        assert!(!format!("{:?}", BearerToken::parse(&text)).contains("0707"));
    }
}
