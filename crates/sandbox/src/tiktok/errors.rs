//! The channel's refusals, with their code, the HTTP status and its words.
//!
//! Of most codes the status of HTTP is documented nowhere: those of a token have 401, those of a request
//! that is not put right 400, and those of the business 200.

use serde_json::json;

use super::routes::Endpoint;
use crate::serve::Answer;

/// One refusal of the channel.
#[derive(Clone, Debug)]
pub(super) struct Error {
    pub(super) status: u16,
    pub(super) code: i64,
    pub(super) message: String,
}

impl Error {
    pub(super) fn new(status: u16, code: i64, message: &str) -> Self {
        Self { status, code, message: message.to_owned() }
    }

    pub(super) fn answer(&self) -> Answer {
        let body = json!({
            "code": self.code, "message": self.message, "request_id": REQUEST_ID, "data": null,
        });
        Answer::json(self.status, body.to_string())
    }
}

/// What stands in every answer; the real one differs each time.
pub(super) const REQUEST_ID: &str = "20260101000000SANDBOX";

/// What is no success and no harm: said of the order's state.
pub(super) fn business(code: i64, message: &str) -> Error {
    Error::new(200, code, message)
}

fn misput(message: &str) -> Error {
    Error::new(400, 36_009_004, message)
}

pub(super) fn no_path() -> Error {
    Error::new(404, 36_009_009, "Invalid path")
}

pub(super) fn wrong_method() -> Error {
    Error::new(404, 36_009_010, "Invalid method")
}

pub(super) fn wrong_version() -> Error {
    Error::new(400, 36_009_014, "Invalid API version")
}

pub(super) fn wrong_app() -> Error {
    misput("Invalid credentials. Invalid `app_key` query parameter")
}

pub(super) fn wrong_secret() -> Error {
    misput("Invalid app_secret")
}

pub(super) fn no_sign() -> Error {
    misput("Missing credentials. The request has no sign in its query")
}

pub(super) fn wrong_time() -> Error {
    misput("Invalid timestamp: it is older than five minutes or ahead by more than 30 seconds")
}

pub(super) fn no_token() -> Error {
    misput("Invalid credentials. The `x-tts-access-token` header is invalid")
}

pub(super) fn unexpected_cipher() -> Error {
    misput("Unexpected identifier. The `shop_cipher` query parameter is not required")
}

pub(super) fn parameter(name: &str) -> Error {
    misput(&format!("Invalid parameter: {name}"))
}

pub(super) fn no_json() -> Error {
    Error::new(400, 36_009_022, "Invalid request format. The body must be JSON")
}

pub(super) fn wrong_sign() -> Error {
    Error::new(401, 106_001, "Invalid credentials. The `sign` query parameter is invalid")
}

pub(super) fn token_ended() -> Error {
    Error::new(401, 105_002, "Expired credentials. The `x-tts-access-token` header has expired")
}

pub(super) fn other_shop() -> Error {
    Error::new(401, 101_000, "The token and the shop_cipher do not belong together")
}

/// The seller let the app in without what the endpoint needs.
pub(super) fn no_scope(scope: &str) -> Error {
    Error::new(401, 105_005, &format!("Access denied. The token lacks the access scope {scope}"))
}

pub(super) fn no_cipher() -> Error {
    Error::new(400, 106_013, "Missing identifier. The `shop_cipher` query parameter is required")
}

pub(super) fn too_many() -> Error {
    Error::new(429, 36_009_002, "Too many requests. Slow down and try again later")
}

/// Trouble of the channel's own, as this endpoint says it.
pub(super) fn internal(endpoint: Endpoint) -> Error {
    if endpoint == Endpoint::OrderDetail {
        return Error::new(500, 10_002_014, "Failed to get orders");
    }
    Error::new(500, 36_009_003, "Internal error")
}

pub(super) fn wrong_code() -> Error {
    Error::new(400, 36_004_004, "Invalid auth code")
}

pub(super) fn wrong_refresh() -> Error {
    Error::new(400, 36_004_005, "Invalid refresh token")
}

pub(super) fn not_yours() -> Error {
    business(21_008_111, "The order does not belong to this seller")
}
