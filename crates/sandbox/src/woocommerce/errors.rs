//! The shop's refusals, with their HTTP status and its words.

use serde_json::{Value, json};

use super::routes::Deed;
use crate::serve::Answer;

/// One refusal of the shop.
#[derive(Clone, Debug)]
pub(super) struct Error {
    pub(super) status: u16,
    pub(super) code: &'static str,
    message: String,
    /// What `data` says beside the status.
    more: Value,
}

impl Error {
    pub(super) fn new(status: u16, code: &'static str, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), more: Value::Null }
    }

    /// As it stands inside an answer.
    pub(super) fn body(&self) -> Value {
        let mut body = json!({
            "code": self.code, "message": self.message, "data": {"status": self.status},
        });
        for (name, value) in self.more.as_object().into_iter().flatten() {
            body["data"][name] = value.clone();
        }
        body
    }

    pub(super) fn answer(&self) -> Answer {
        Answer::json(self.status, self.body().to_string())
    }
}

/// A signature or key that is not accepted.
pub(super) fn unauthenticated(message: &str) -> Error {
    Error::new(401, "woocommerce_rest_authentication_error", message)
}

/// Who asks may not: a stranger (401), or somebody the shop knows (403).
pub(super) fn may_not(status: u16, deed: Deed) -> Error {
    let (code, words) = match deed {
        Deed::View => ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources."),
        Deed::Create => {
            ("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources.")
        }
        Deed::Edit => {
            ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource.")
        }
        Deed::Delete => (
            "woocommerce_rest_cannot_delete",
            "Sorry, you are not allowed to delete this resource.",
        ),
        Deed::Batch => (
            "woocommerce_rest_cannot_batch",
            "Sorry, you are not allowed to batch manipulate this resource.",
        ),
    };
    Error::new(status, code, words)
}

/// A signature without one of its parts.
pub(super) fn missing_parts(parts: &[&str]) -> Error {
    let message = format!("Missing OAuth parameters: {}", parts.join(", "));
    Error::new(401, "woocommerce_rest_authentication_missing_parameter", &message)
}

/// A key that may not do this.
pub(super) fn no_permission(what: &str) -> Error {
    unauthenticated(&format!("The API key provided does not have {what} permissions."))
}

/// A parameter with a value that it does not take.
pub(super) fn invalid_param(name: &str) -> Error {
    let message = format!("Invalid parameter(s): {name}");
    let words = format!("{name} is not valid.");
    let detail = json!({"code": "rest_invalid_param", "message": words, "data": null});
    let more = json!({"params": {name: words}, "details": {name: detail}});
    Error { more, ..Error::new(400, "rest_invalid_param", &message) }
}

/// A path that is none.
pub(super) fn no_route() -> Error {
    let message = "No route was found matching the URL and request method.";
    Error::new(404, "rest_no_route", message)
}

/// What is asked for is not there: 404 to who reads, 400 to who writes.
pub(super) fn invalid_id(what: &str, reads: bool) -> Error {
    let code = match what {
        "order" => "woocommerce_rest_shop_order_invalid_id",
        "variation" => "woocommerce_rest_product_variation_invalid_id",
        "webhook" => "woocommerce_rest_shop_webhook_invalid_id",
        _ => "woocommerce_rest_product_invalid_id",
    };
    Error::new(if reads { 404 } else { 400 }, code, "Invalid ID.")
}

/// A SKU that a product has already.
pub(super) fn sku_taken(sku: &str, product_id: i64) -> Error {
    let message = "Invalid or duplicated SKU.";
    Error {
        more: json!({"resource_id": product_id, "unique_sku": format!("{sku}-1")}),
        ..Error::new(400, "product_invalid_sku", message)
    }
}

/// More rows than a batch takes.
pub(super) fn too_many_rows() -> Error {
    let message = "Unable to accept more than 100 items for this request.";
    Error::new(413, "woocommerce_rest_request_entity_too_large", message)
}

/// A body that is no JSON.
pub(super) fn no_json() -> Error {
    Error::new(400, "rest_invalid_json", "Invalid JSON body passed.")
}

/// A parameter that is not there.
pub(super) fn missing_param(name: &str) -> Error {
    let message = format!("Missing parameter(s): {name}");
    Error {
        more: json!({ "params": [name] }),
        ..Error::new(400, "rest_missing_callback_param", &message)
    }
}
