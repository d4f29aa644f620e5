//! The endpoints the sandbox serves: real paths, each with the versions it knows.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::errors::{self, Error};
use crate::serve::{Answer, Request};

/// One endpoint of the channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Endpoint {
    Page,
    PageAnswer,
    TokenGet,
    TokenRefresh,
    Shops,
    OrderSearch,
    OrderDetail,
    ProductSearch,
    InventorySearch,
    InventoryUpdate,
    Warehouses,
    Providers,
    Package,
    Slots,
    Ship,
    ShipSeveral,
    Document,
    LabelFile,
    Cancel,
    CancelSearch,
    CancelApprove,
    CancelReject,
    ReturnSearch,
    Hooks,
    HookSet,
    HookDelete,
}

impl Endpoint {
    /// The endpoint's name in the call log.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::PageAnswer => "page_answer",
            Self::TokenGet => "token_get",
            Self::TokenRefresh => "token_refresh",
            Self::Shops => "shops",
            Self::OrderSearch => "order_list",
            Self::OrderDetail => "order_detail",
            Self::ProductSearch => "product_list",
            Self::InventorySearch => "stock_read",
            Self::InventoryUpdate => "stock_update",
            Self::Warehouses => "warehouses",
            Self::Providers => "shipping_providers",
            Self::Package => "package",
            Self::Slots => "pickup_slots",
            Self::Ship => "package_ship",
            Self::ShipSeveral => "packages_ship",
            Self::Document => "package_label",
            Self::LabelFile => "label_file",
            Self::Cancel => "order_cancel",
            Self::CancelSearch => "cancellations",
            Self::CancelApprove => "cancel_approve",
            Self::CancelReject => "cancel_reject",
            Self::ReturnSearch => "returns",
            Self::Hooks => "webhook_list",
            Self::HookSet => "webhook_set",
            Self::HookDelete => "webhook_delete",
        }
    }

    /// Whether it is asked by a browser or without a signature.
    pub(super) fn is_open(self) -> bool {
        let page = matches!(self, Self::Page | Self::PageAnswer | Self::LabelFile);
        page || matches!(self, Self::TokenGet | Self::TokenRefresh)
    }

    /// The scope that a token needs for it.
    pub(super) fn scope(self) -> &'static str {
        match self {
            Self::OrderSearch | Self::OrderDetail => "seller.order.info",
            Self::ProductSearch | Self::InventorySearch => "seller.product.basic",
            Self::InventoryUpdate => "seller.product.write",
            Self::Warehouses | Self::Providers => "seller.logistics",
            Self::Package | Self::Slots | Self::Ship | Self::ShipSeveral | Self::Document => {
                "seller.fulfillment.basic"
            }
            Self::Cancel
            | Self::CancelSearch
            | Self::CancelApprove
            | Self::CancelReject
            | Self::ReturnSearch => "seller.return_refund.basic",
            Self::Page
            | Self::PageAnswer
            | Self::TokenGet
            | Self::TokenRefresh
            | Self::LabelFile
            | Self::Shops
            | Self::Hooks
            | Self::HookSet
            | Self::HookDelete => "seller.authorization.info",
        }
    }

    /// The versions that are served, the first one everywhere.
    fn versions(self) -> &'static [&'static str] {
        let newer: &[(Self, &[&str])] = &[
            (Self::OrderDetail, &["202309", "202507"]),
            (Self::ProductSearch, &["202309", "202502"]),
            (Self::Cancel, &["202309", "202602"]),
            (Self::CancelSearch, &["202309", "202602"]),
            (Self::ReturnSearch, &["202309", "202602"]),
        ];
        let found = newer.iter().find(|(endpoint, _)| *endpoint == self);
        found.map_or(&["202309"], |(_, versions)| *versions)
    }
}

/// A request with what its path says.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) request: &'a Request,
    pub(super) endpoint: Endpoint,
    /// The id in the path; "" if there is none.
    pub(super) id: &'a str,
}

/// A path that is served: its method, its endpoint and its id; `Err(())` = with another method only.
type Found<'a> = Option<Result<(Endpoint, &'a str), ()>>;

impl<'a> Ask<'a> {
    /// Reads a request's path.
    pub(super) fn read(request: &'a Request) -> Result<Self, Error> {
        let parts: Vec<&'a str> = request.path.split('/').filter(|part| !part.is_empty()).collect();
        let at = |endpoint, id| Ok(Self { request, endpoint, id });
        match *parts {
            ["open", "authorize"] | ["oauth", "authorize"] => return at(Endpoint::Page, ""),
            ["open", "authorize", "answer"] => return at(Endpoint::PageAnswer, ""),
            ["api", "v2", "token", "get"] => return at(Endpoint::TokenGet, ""),
            ["api", "v2", "token", "refresh"] => return at(Endpoint::TokenRefresh, ""),
            ["label", id] => return at(Endpoint::LabelFile, id),
            _ => {}
        }
        let [category, version, ref rest @ ..] = *parts else { return Err(errors::no_path()) };
        match found(&request.method, category, rest) {
            None => Err(errors::no_path()),
            Some(Err(())) => Err(errors::wrong_method()),
            Some(Ok((endpoint, _))) if !endpoint.versions().contains(&version) => {
                Err(errors::wrong_version())
            }
            Some(Ok((endpoint, id))) => at(endpoint, id),
        }
    }

    /// The body as JSON; an empty one counts as `{}`.
    pub(super) fn json(&self) -> Result<Value, Error> {
        if self.request.body.is_empty() {
            return Ok(json!({}));
        }
        let body: Value =
            serde_json::from_slice(&self.request.body).map_err(|_| errors::no_json())?;
        if body.is_object() { Ok(body) } else { Err(errors::no_json()) }
    }

    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.request.param(name)
    }
}

fn found<'a>(method: &Method, category: &str, rest: &[&'a str]) -> Found<'a> {
    use Endpoint as E;

    let only = |wanted: Method, endpoint, id| {
        Some(if *method == wanted { Ok((endpoint, id)) } else { Err(()) })
    };
    match (category, rest) {
        ("authorization", ["shops"]) => only(Method::GET, E::Shops, ""),
        ("order", ["orders", "search"]) => only(Method::POST, E::OrderSearch, ""),
        ("order", ["orders"]) => only(Method::GET, E::OrderDetail, ""),
        ("product", ["products", "search"]) => only(Method::POST, E::ProductSearch, ""),
        ("product", ["inventory", "search"]) => only(Method::POST, E::InventorySearch, ""),
        ("product", ["products", id, "inventory", "update"]) => {
            only(Method::POST, E::InventoryUpdate, *id)
        }
        ("logistics", ["warehouses"]) => only(Method::GET, E::Warehouses, ""),
        ("logistics", ["delivery_options", id, "shipping_providers"]) => {
            only(Method::GET, E::Providers, *id)
        }
        ("fulfillment", ["packages", "ship"]) => only(Method::POST, E::ShipSeveral, ""),
        ("fulfillment", ["packages", id]) => only(Method::GET, E::Package, *id),
        ("fulfillment", ["packages", id, "handover_time_slots"]) => {
            only(Method::GET, E::Slots, *id)
        }
        ("fulfillment", ["packages", id, "ship"]) => only(Method::POST, E::Ship, *id),
        ("fulfillment", ["packages", id, "shipping_documents"]) => {
            only(Method::GET, E::Document, *id)
        }
        ("return_refund", ["cancellations"]) => only(Method::POST, E::Cancel, ""),
        ("return_refund", ["cancellations", "search"]) => only(Method::POST, E::CancelSearch, ""),
        ("return_refund", ["cancellations", id, "approve"]) => {
            only(Method::POST, E::CancelApprove, *id)
        }
        ("return_refund", ["cancellations", id, "reject"]) => {
            only(Method::POST, E::CancelReject, *id)
        }
        ("return_refund", ["returns", "search"]) => only(Method::POST, E::ReturnSearch, ""),
        ("event", ["webhooks"]) => match *method {
            Method::GET => Some(Ok((E::Hooks, ""))),
            Method::PUT => Some(Ok((E::HookSet, ""))),
            Method::DELETE => Some(Ok((E::HookDelete, ""))),
            _ => Some(Err(())),
        },
        _ => None,
    }
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
    Data(Value),
    Page(u16, String),
    Paper(Bytes),
    Back(String),
}

impl Reply {
    fn of(said: Said) -> Self {
        Self { said, effect: false, order_id: String::new() }
    }

    pub(super) fn data(data: Value) -> Self {
        Self::of(Said::Data(data))
    }

    /// Something about an order was done.
    pub(super) fn done(order_id: &str, data: Value) -> Self {
        Self { effect: true, order_id: order_id.to_owned(), ..Self::data(data) }
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
        match self.said {
            Said::Data(data) => {
                let body = json!({
                    "code": 0, "message": "Success", "request_id": errors::REQUEST_ID, "data": data,
                });
                Answer::json(200, body.to_string())
            }
            Said::Page(status, html) => Answer::html(status, html),
            Said::Paper(body) => Answer::new(200, "application/pdf", body),
            Said::Back(address) => Answer::html(302, "").with_header("location", &address),
        }
    }
}
