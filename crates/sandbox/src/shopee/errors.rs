//! The channel's refusals, with their code, the HTTP status and its words.
//!
//! Of most the status of HTTP is documented nowhere: those of sign, time and token have 403, as was seen,
//! and those of the business 200.

use serde_json::{Value, json};

use crate::serve::Answer;

/// One refusal of the channel.
#[derive(Clone, Debug)]
pub(super) struct Error {
    status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// What an answer says beside it.
    response: Option<Value>,
}

/// What stands in every answer; the real one differs each time.
pub(super) const REQUEST_ID: &str = "e3e3e7f0sandbox";

impl Error {
    fn new(status: u16, code: &'static str, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), response: None }
    }

    pub(super) fn answer(&self) -> Answer {
        let mut body =
            json!({"request_id": REQUEST_ID, "error": self.code, "message": self.message});
        if let Some(response) = &self.response {
            body["response"] = response.clone();
        }
        Answer::json(self.status, body.to_string())
    }
}

/// What is said of the order's or the product's state.
pub(super) fn business(code: &'static str, message: &str) -> Error {
    Error::new(200, code, message)
}

/// What the channel holds against who asks.
pub(super) fn held(status: u16, code: &'static str, words: &str) -> Error {
    Error::new(status, code, words)
}

/// Nothing of a message of stock was taken; the rows say why.
pub(super) fn stock_failed(response: Value) -> Error {
    let message = "Update stock failed, please check failure_list for detailed reason";
    Error { response: Some(response), ..business("error_busi_update_stock_failed", message) }
}

/// Nothing of a batch was taken; the rows say why.
pub(super) fn all_failed(rows: &[Value]) -> Error {
    let message = "Failed, please check result_list for more details.";
    let response = Some(json!({ "result_list": rows }));
    Error { response, ..business("common.batch_api_all_failed", message) }
}

pub(super) fn no_path() -> Error {
    Error::new(404, "error_param", "The API is currently offline or the request path is incorrect")
}

pub(super) fn missing(name: &str) -> Error {
    Error::new(403, "error_param", &format!("There is no {name} in query."))
}

pub(super) fn parameter(name: &str) -> Error {
    business("error_param", &format!("Wrong parameters, detail: {name}"))
}

pub(super) fn not_found() -> Error {
    business("error_param", "The information you queried is not found.")
}

pub(super) fn wrong_time() -> Error {
    Error::new(403, "error_param", "Timestamp is expired.")
}

pub(super) fn wrong_partner() -> Error {
    Error::new(403, "error_auth", "Invalid partner_id or shopid.")
}

pub(super) fn wrong_sign() -> Error {
    Error::new(403, "error_sign", "Wrong sign.")
}

/// The channel's spelling.
pub(super) fn token_ended() -> Error {
    Error::new(403, "invalid_acceess_token", "Invalid access_token.")
}

pub(super) fn not_linked() -> Error {
    Error::new(403, "shop_no_linked", "Partner and shop has no linked.")
}

pub(super) fn too_many() -> Error {
    Error::new(200, "error_rate_limit", "Too many requests in a short time")
}

pub(super) fn too_many_by_status() -> Error {
    Error { status: 429, ..too_many() }
}

pub(super) fn internal() -> Error {
    Error::new(500, "error_server", "Something wrong. Please try later.")
}

pub(super) fn wrong_code() -> Error {
    let words = "The code is expired or used or invalid, please check the code.";
    Error::new(403, "invalid_code", words)
}

pub(super) fn code_of_other_shop() -> Error {
    let words = "The code or shop_id is wrong, please check the code or the shop_id.";
    Error::new(403, "invalid_shop_id", words)
}

/// The channel's spelling.
pub(super) fn code_of_other_account() -> Error {
    let words =
        "The code or main_accoount_id is wrong, please check the code or the main_account_id.";
    Error::new(403, "invalid_main_acount_id", words)
}

pub(super) fn no_merchant() -> Error {
    Error::new(403, "merchant_no_linked", "Partner and merchant has no linked.")
}

pub(super) fn no_supplier() -> Error {
    Error::new(403, "supplier_no_linked", "Partner and Supplier has no linked.")
}

pub(super) fn grant_ended() -> Error {
    Error::new(403, "shop_access_expired", "Your access to shop has expired.")
}

pub(super) fn wrong_refresh() -> Error {
    let words = "Your refresh token is error,please check refresh token or shopid.";
    Error::new(403, "error_shop_refresh_token", words)
}

pub(super) fn refresh_ended() -> Error {
    Error::new(403, "refresh_token_expired", "Your refresh_token expired.")
}
