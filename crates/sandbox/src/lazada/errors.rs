//! The channel's refusals, in its words; all of them with HTTP 200.

use serde_json::{Value, json};

/// One refusal of the channel.
#[derive(Clone, Debug)]
pub(super) struct Error {
    pub(super) code: &'static str,
    /// Whose fault it is: ISV, the caller's; ISP, the platform's.
    kind: &'static str,
    message: String,
    /// The rows that are wrong.
    detail: Option<Value>,
}

impl Error {
    /// A refusal of what the caller asks.
    pub(super) fn new(code: &'static str, message: &str) -> Self {
        Self { code, kind: "ISV", message: message.to_owned(), detail: None }
    }

    fn of_platform(code: &'static str, message: &str) -> Self {
        Self { kind: "ISP", ..Self::new(code, message) }
    }

    /// As the answer says it.
    pub(super) fn body(&self, request_id: &str) -> Value {
        let mut body = json!({
            "code": self.code, "type": self.kind, "message": self.message, "request_id": request_id,
        });
        if let Some(detail) = &self.detail {
            body["detail"] = detail.clone();
        }
        body
    }
}

/// A system parameter that is not there.
pub(super) fn missing(name: &str) -> Error {
    Error::new(
        "MissingParameter",
        &format!("The input parameter {name} that is mandatory is missing"),
    )
}

pub(super) fn app_key() -> Error {
    Error::new("InvalidAppKey", "The specified app key is invalid")
}

pub(super) fn timestamp() -> Error {
    Error::new("InvalidTimestamp", "The timestamp is more than 7200 seconds off")
}

pub(super) fn signature() -> Error {
    let message = "The request signature does not conform to platform standards";
    Error::new("IncompleteSignature", message)
}

pub(super) fn access_token() -> Error {
    Error::new("IllegalAccessToken", "The specified access token is invalid or expired")
}

pub(super) fn refresh_token() -> Error {
    Error::new("IllegalRefreshToken", "The specified refresh token is invalid or expired")
}

pub(super) fn auth_code() -> Error {
    Error::new("InvalidCode", "Invalid authorization code")
}

pub(super) fn no_api() -> Error {
    Error::new("InvalidApiPath", "The specified api path is invalid")
}

/// Too many calls, with how long the ban lasts.
pub(super) fn too_many(seconds: u32) -> Error {
    let said = "Api access frequency exceeds the limit. this ban will last";
    Error::of_platform("ApiCallLimit", &format!("{said} {seconds} seconds"))
}

/// The same, without a time.
pub(super) fn too_many_bare() -> Error {
    let message = "Limit service request speed in server side temporarily.";
    Error::of_platform("901", message)
}

/// Nobody answered inside of the platform; what was asked may have been done.
pub(super) fn timed_out() -> Error {
    Error::of_platform("ServiceTimeout", "Request Service Timeout")
}

/// An order's number that is none, or of no order of the shop.
pub(super) fn order_id(given: &str) -> Error {
    Error::new("16", &format!("E016: \"{given}\" Invalid Order ID"))
}

pub(super) fn date(given: &str) -> Error {
    Error::new("17", &format!("E017: \"{given}\" Invalid Date Format"))
}

pub(super) fn limit(given: &str) -> Error {
    Error::new("19", &format!("E019: \"{given}\" Invalid Limit"))
}

pub(super) fn offset(given: &str) -> Error {
    Error::new("14", &format!("E014: \"{given}\" Invalid Offset"))
}

pub(super) fn status_filter(given: &str) -> Error {
    Error::new("36", &format!("E036: Invalid status filter \"{given}\""))
}

/// Rows of a change of products that are wrong: SKU id, code and words of each.
pub(super) fn update_failed(rows: &[(String, &'static str, String)]) -> Error {
    let detail = rows.iter().map(|(sku_id, code, message)| {
        json!({"sku_id": sku_id, "seller_sku": "", "code": code, "field": "", "message": message})
    });
    let detail = Value::Array(detail.collect());
    Error { detail: Some(detail), ..Error::new("501", "E501: Update product failed") }
}
