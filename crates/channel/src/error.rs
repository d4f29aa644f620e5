//! Errors of a channel, by what the caller can do about them.

use dermaga_domain::time::Span;

/// Why a channel did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The token is no longer accepted: renew it once and repeat.
    #[error("the channel no longer accepts the token")]
    AuthExpired,
    /// The credentials are refused: a person must look.
    #[error("the channel refuses the credentials ({code}): {message}")]
    AuthRefused {
        /// The channel's code.
        code: String,
        /// The channel's words.
        message: String,
    },
    /// Only the seller's consent gives a token that holds: somebody must ask for it in the browser.
    #[error("the channel wants the seller's consent ({code}): {message}")]
    ConsentNeeded {
        /// The channel's code; our own word where it gave none.
        code: String,
        /// The channel's words.
        message: String,
    },
    /// Too many requests: wait.
    #[error("the channel asks to wait")]
    RateLimited {
        /// How long the channel says to wait.
        retry_after: Option<Span>,
    },
    /// Trouble that passes: repeat later. The request had no effect.
    #[error("the channel is in trouble ({0})")]
    Temporary(String),
    /// No answer came after the request was sent: it may have had its effect. Re-read first.
    #[error("no answer came; the request may have had its effect ({0})")]
    Unknown(String),
    /// The channel says no: show it to a person.
    #[error("the channel refuses ({code}): {message}")]
    Rejected {
        /// The channel's code.
        code: String,
        /// The channel's words.
        message: String,
    },
    /// The channel does not know the thing asked for.
    #[error("the channel does not know it")]
    NotFound,
    /// The answer cannot be understood: keep the bytes.
    #[error("the answer cannot be understood: {0}")]
    Malformed(String),
    /// The channel cannot do this; asking was our bug.
    #[error("the channel cannot do this: {0}")]
    Unsupported(&'static str),
}

impl Error {
    /// A short name for counters and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AuthExpired => "auth_expired",
            Self::AuthRefused { .. } => "auth_refused",
            Self::ConsentNeeded { .. } => "consent_needed",
            Self::RateLimited { .. } => "rate_limited",
            Self::Temporary(_) => "temporary",
            Self::Unknown(_) => "unknown",
            Self::Rejected { .. } => "rejected",
            Self::NotFound => "not_found",
            Self::Malformed(_) => "malformed",
            Self::Unsupported(_) => "unsupported",
        }
    }

    /// What it is without the channel's own words, which may repeat what was sent: for logs and for
    /// reasons that are stored.
    #[must_use]
    pub fn brief(&self) -> String {
        match self {
            Self::AuthRefused { code, .. } => {
                format!("the channel refuses the credentials ({})", plain_code(code))
            }
            Self::ConsentNeeded { code, .. } => {
                format!("the channel wants the seller's consent ({})", plain_code(code))
            }
            Self::Rejected { code, .. } => format!("the channel refuses ({})", plain_code(code)),
            Self::AuthExpired
            | Self::RateLimited { .. }
            | Self::Temporary(_)
            | Self::Unknown(_)
            | Self::NotFound
            | Self::Malformed(_)
            | Self::Unsupported(_) => self.to_string(),
        }
    }
}

/// Longest code of a channel's that is shown.
const CODE_CHARS_MAX: usize = 40;

/// A channel's code as far as it looks like one.
fn plain_code(code: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    code.chars().take_while(plain).take(CODE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_has_none_of_the_channels_words() {
        let code = "ORD_USC_001 Jl. Contoh 1".to_owned();
        let message = "order of Sari Contoh, 6281200000001".to_owned();
        let refused = Error::Rejected { code: code.clone(), message: message.clone() };
        assert_eq!(refused.brief(), "the channel refuses (ORD_USC_001)");
        let refused = Error::AuthRefused { code, message };
        assert_eq!(refused.brief(), "the channel refuses the credentials (ORD_USC_001)");
        assert_eq!(Error::NotFound.brief(), Error::NotFound.to_string());
    }
}
