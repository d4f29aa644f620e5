//! The endpoints the sandbox serves, at their real paths.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::errors::{self, Error};
use crate::serve::{Answer, Request};

/// Whose an endpoint is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Whose {
    /// A page for a browser.
    Browser,
    /// The app's: signed without token and shop.
    App,
    /// A shop's.
    Shop,
}

/// One endpoint of the channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Endpoint {
    Page,
    PageAnswer,
    TokenGet,
    TokenRefresh,
    ShopInfo,
    Warehouses,
    OrderList,
    OrderDetail,
    PackageDetail,
    Cancel,
    CancelAnswer,
    ShipParameter,
    Ship,
    ShipAgain,
    Tracking,
    PaperKinds,
    PaperMake,
    PaperState,
    Paper,
    Returns,
    Items,
    ItemDetail,
    Models,
    Stock,
    PushConfig,
    PushSet,
    PushLost,
    PushSeen,
}

use Endpoint as E;

/// Path below `/api/v2/`, whether it posts, endpoint, its name in the call log.
#[rustfmt::skip]
const ROUTES: [(&str, bool, Endpoint, &str); 28] = [
    ("shop/auth_partner",                          false, E::Page,          "page"),
    ("shop/auth_partner/answer",                   false, E::PageAnswer,    "page_answer"),
    ("auth/token/get",                             true,  E::TokenGet,      "token_get"),
    ("auth/access_token/get",                      true,  E::TokenRefresh,  "token_refresh"),
    ("shop/get_shop_info",                         false, E::ShopInfo,      "shop"),
    ("shop/get_warehouse_detail",                  false, E::Warehouses,    "warehouses"),
    ("order/get_order_list",                       false, E::OrderList,     "order_list"),
    ("order/get_order_detail",                     false, E::OrderDetail,   "order_detail"),
    ("order/get_package_detail",                   false, E::PackageDetail, "package_detail"),
    ("order/cancel_order",                         true,  E::Cancel,        "order_cancel"),
    ("order/handle_buyer_cancellation",            true,  E::CancelAnswer,  "cancel_answer"),
    ("logistics/get_shipping_parameter",           false, E::ShipParameter, "ship_parameter"),
    ("logistics/ship_order",                       true,  E::Ship,          "ship"),
    ("logistics/update_shipping_order",            true,  E::ShipAgain,     "ship_again"),
    ("logistics/get_tracking_number",              false, E::Tracking,      "tracking_number"),
    ("logistics/get_shipping_document_parameter",  true,  E::PaperKinds,    "label_parameter"),
    ("logistics/create_shipping_document",         true,  E::PaperMake,     "label_create"),
    ("logistics/get_shipping_document_result",     true,  E::PaperState,    "label_result"),
    ("logistics/download_shipping_document",       true,  E::Paper,         "label_download"),
    ("returns/get_return_list",                    false, E::Returns,       "returns"),
    ("product/get_item_list",                      false, E::Items,         "product_list"),
    ("product/get_item_base_info",                 false, E::ItemDetail,    "product_detail"),
    ("product/get_model_list",                     false, E::Models,        "models"),
    ("product/update_stock",                       true,  E::Stock,         "stock_update"),
    ("push/get_app_push_config",                   false, E::PushConfig,    "push_config"),
    ("push/set_app_push_config",                   true,  E::PushSet,       "push_set"),
    ("push/get_lost_push_message",                 false, E::PushLost,      "push_lost"),
    ("push/confirm_consumed_lost_push_message",    true,  E::PushSeen,      "push_confirm"),
];

impl Endpoint {
    pub(super) fn name(self) -> &'static str {
        let found = ROUTES.iter().find(|(_, _, endpoint, _)| *endpoint == self);
        found.map_or("unknown", |(_, _, _, name)| name)
    }

    pub(super) fn whose(self) -> Whose {
        let found = ROUTES.iter().find(|(_, _, endpoint, _)| *endpoint == self);
        let path = found.map_or("", |(path, _, _, _)| *path);
        if path.starts_with("shop/auth_partner") {
            Whose::Browser
        } else if path.starts_with("auth/") || path.starts_with("push/") {
            Whose::App
        } else {
            Whose::Shop
        }
    }
}

/// A request with what its path says.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) request: &'a Request,
    pub(super) endpoint: Endpoint,
}

impl<'a> Ask<'a> {
    /// Reads a request's path.
    pub(super) fn read(request: &'a Request) -> Result<Self, Error> {
        let path = request.path.strip_prefix("/api/v2/").ok_or_else(errors::no_path)?;
        let posts = request.method == Method::POST;
        let found = ROUTES.iter().find(|(known, post, _, _)| *known == path && *post == posts);
        let (_, _, endpoint, _) = found.ok_or_else(errors::no_path)?;
        Ok(Self { request, endpoint: *endpoint })
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<Value, Error> {
        let body: Value = serde_json::from_slice(&self.request.body)
            .map_err(|_| errors::parameter("the body is not JSON"))?;
        if body.is_object() { Ok(body) } else { Err(errors::parameter("the body is no object")) }
    }

    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.request.param(name)
    }

    /// A whole number of the query.
    pub(super) fn number(&self, name: &'static str) -> Result<i64, Error> {
        let text = self.param(name).ok_or_else(|| errors::parameter(name))?;
        text.parse().map_err(|_| errors::parameter(name))
    }

    /// A list in the query, joined by commas, of at most so many.
    pub(super) fn list(&self, name: &'static str, most: usize) -> Result<Vec<&str>, Error> {
        let text = self.param(name).ok_or_else(|| errors::parameter(name))?;
        let list: Vec<&str> = text.split(',').collect();
        if list.len() > most { Err(errors::parameter(name)) } else { Ok(list) }
    }

    /// A window in seconds; both ends are in it.
    pub(super) fn window(&self, from: &'static str, to: &'static str) -> Result<(i64, i64), Error> {
        let window = (self.number(from)?, self.number(to)?);
        if window.0 >= window.1 || window.1 - window.0 > 15 * 86_400 {
            let words = "Start time must be earlier than end time and diff in 15days.";
            return Err(errors::business("order.order_list_invalid_time", words));
        }
        Ok(window)
    }

    /// The rows of a page, from 1 to 100.
    pub(super) fn page_size(&self) -> Result<usize, Error> {
        let size = usize::try_from(self.number("page_size")?).ok();
        let size = size.filter(|size| (1..=100).contains(size));
        size.ok_or_else(|| errors::parameter("page_size"))
    }
}

/// A text of a body; "" if it is not there.
pub(super) fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The rows of a list in a body.
pub(super) fn rows(body: &Value, name: &str) -> Vec<Value> {
    body.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// What an endpoint found.
#[derive(Debug)]
pub(super) struct Reply {
    said: Said,
    /// It had an effect.
    pub(super) effect: bool,
    /// The order that it is about, if it wrote of one.
    pub(super) order_id: String,
}

#[derive(Debug)]
enum Said {
    Response(Value),
    Flat(Value),
    Page(u16, String),
    Paper(Bytes),
    Back(String),
}

impl Reply {
    fn of(said: Said) -> Self {
        Self { said, effect: false, order_id: String::new() }
    }

    pub(super) fn response(response: Value) -> Self {
        Self::of(Said::Response(response))
    }

    /// Without `response` around it.
    pub(super) fn flat(fields: Value) -> Self {
        Self::of(Said::Flat(fields))
    }

    /// Something about an order was done.
    pub(super) fn done(order_id: &str, response: Value) -> Self {
        Self { effect: true, order_id: order_id.to_owned(), ..Self::response(response) }
    }

    pub(super) fn page(status: u16, html: String) -> Self {
        Self::of(Said::Page(status, html))
    }

    pub(super) fn paper(body: Bytes) -> Self {
        Self::of(Said::Paper(body))
    }

    /// The browser is sent elsewhere.
    pub(super) fn back(address: String) -> Self {
        Self::of(Said::Back(address))
    }

    pub(super) fn answer(self) -> Answer {
        let around = |mut body: Value| {
            body["request_id"] = json!(errors::REQUEST_ID);
            body["error"] = json!("");
            body["message"] = json!("");
            Answer::json(200, body.to_string())
        };
        match self.said {
            // Where there is nothing to say there is no `response` either.
            Said::Response(Value::Null) => around(json!({})),
            Said::Response(response) => around(json!({ "response": response })),
            Said::Flat(fields) => around(fields),
            Said::Page(status, html) => Answer::html(status, html),
            Said::Paper(body) => Answer::new(200, "application/pdf", body),
            Said::Back(address) => Answer::html(302, "").with_header("location", &address),
        }
    }
}
