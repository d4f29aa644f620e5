//! From a path to an endpoint, and from what an endpoint found to an answer.

use http::Method;
use serde::Serialize;
use serde_json::Value;

use super::errors::{self, Error};
use crate::rates::Limit;
use crate::serve::Request;

/// One endpoint of the channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Endpoint {
    Token,
    OrderList,
    OrderDetail,
    Booking,
    Ack,
    Partial,
    Nack,
    RejectCancel,
    PickUp,
    Ship,
    Label,
    WebhookPayload,
    ProductInfo,
    StockUpdate,
    StockIncrement,
    StockDecrement,
    ShopInfo,
    Tickets,
    Register,
    ListWebhooks,
    Trigger,
}

impl Endpoint {
    /// The endpoint's name in the call log; also its rate bucket.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::OrderList => "order_list",
            Self::OrderDetail => "order_detail",
            Self::Booking => "booking",
            Self::Ack => "ack",
            Self::Partial => "partial",
            Self::Nack => "nack",
            Self::RejectCancel => "reject_cancel",
            Self::PickUp => "pick_up",
            Self::Ship => "ship",
            Self::Label => "label",
            Self::WebhookPayload => "webhook_payload",
            Self::ProductInfo => "product_info",
            Self::StockUpdate => "stock_update",
            Self::StockIncrement => "stock_increment",
            Self::StockDecrement => "stock_decrement",
            Self::ShopInfo => "shop_info",
            Self::Tickets => "tickets",
            Self::Register => "register",
            Self::ListWebhooks => "list_webhooks",
            Self::Trigger => "trigger",
        }
    }

    /// Whether every row of the body counts against the rate, not the call.
    pub(super) fn counts_rows(self) -> bool {
        matches!(self, Self::StockUpdate | Self::StockIncrement | Self::StockDecrement)
    }

    /// The rate: the documents' example for calls; an invented one for rows, which they leave out.
    pub(super) fn limit(self) -> Limit {
        if self.counts_rows() {
            Limit { per_second: 100, burst: 100 }
        } else {
            Limit { per_second: 5, burst: 5 }
        }
    }

    /// What the endpoint says when something behind it fails.
    pub(super) fn upstream(self) -> Error {
        match self {
            Self::Ack => errors::ACCEPT_UPSTREAM,
            Self::Nack => errors::REJECT_UPSTREAM,
            Self::PickUp => errors::PICKUP_UPSTREAM,
            Self::Ship => errors::SHIP_UPSTREAM,
            Self::ProductInfo | Self::StockUpdate | Self::StockIncrement | Self::StockDecrement => {
                errors::PRODUCTS_UPSTREAM
            }
            Self::Token
            | Self::OrderList
            | Self::OrderDetail
            | Self::Booking
            | Self::Partial
            | Self::RejectCancel
            | Self::Label
            | Self::WebhookPayload
            | Self::ShopInfo
            | Self::Tickets
            | Self::Register
            | Self::ListWebhooks
            | Self::Trigger => errors::UPSTREAM,
        }
    }
}

/// A request with what its path says.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) request: &'a Request,
    pub(super) endpoint: Endpoint,
    /// The FS id of the path or the query, "" if there is none.
    pub(super) fs: &'a str,
    /// The order id of the path, "" if there is none.
    pub(super) order: &'a str,
}

impl<'a> Ask<'a> {
    /// Reads a request's path; None if the channel has no such endpoint.
    pub(super) fn read(request: &'a Request, segments: &[&'a str]) -> Option<Self> {
        use Endpoint as E;

        let get = request.method == Method::GET;
        let post = request.method == Method::POST;
        let (endpoint, fs, order) = match *segments {
            ["token"] if post => (E::Token, "", ""),
            ["v2", "order", "list"] if get => {
                (E::OrderList, request.param("fs_id").unwrap_or(""), "")
            }
            ["v2", "fs", fs, "order"] if get => (E::OrderDetail, fs, ""),
            ["v1", "fs", fs, "fulfillment_order"] if get => (E::Booking, fs, ""),
            ["v1", "order", order, "fs", fs, "ack"] if post => (E::Ack, fs, order),
            ["v1", "order", order, "fs", fs, "pof", "request"] if post => (E::Partial, fs, order),
            ["v1", "order", order, "fs", fs, "nack"] if post => (E::Nack, fs, order),
            ["v1", "order", order, "fs", fs, "reject-cancel"] if post => {
                (E::RejectCancel, fs, order)
            }
            ["v1", "order", order, "fs", fs, "status"] if post => (E::Ship, fs, order),
            ["v1", "order", order, "fs", fs, "shipping-label"] if get => (E::Label, fs, order),
            ["v1", "order", order, "fs", fs, "webhook"] if get => (E::WebhookPayload, fs, order),
            ["inventory", "v1", "fs", fs, "pick-up"] if post => (E::PickUp, fs, ""),
            ["inventory", "v1", "fs", fs, "product", "info"] if get => (E::ProductInfo, fs, ""),
            ["inventory", "v1" | "v2", "fs", fs, "stock", "update"] if post => {
                (E::StockUpdate, fs, "")
            }
            ["inventory", "v1" | "v2", "fs", fs, "stock", "increment"] if post => {
                (E::StockIncrement, fs, "")
            }
            ["inventory", "v1" | "v2", "fs", fs, "stock", "decrement"] if post => {
                (E::StockDecrement, fs, "")
            }
            ["v1", "shop", "fs", fs, "shop-info"] if get => (E::ShopInfo, fs, ""),
            ["resolution", "v1", "fs", fs, "ticket"] if get => (E::Tickets, fs, ""),
            ["v1", "fs", fs, "register"] if post => (E::Register, fs, ""),
            ["v1", "fs", fs, "trigger"] if post => (E::Trigger, fs, ""),
            ["v1", "fs", fs] if get => (E::ListWebhooks, fs, ""),
            _ => return None,
        };
        Some(Self { request, endpoint, fs, order })
    }

    /// The order that the call is about, wherever it is named; "" if it is about none.
    pub(super) fn order_named(&self) -> String {
        if !self.order.is_empty() {
            return self.order.to_owned();
        }
        if self.endpoint == Endpoint::PickUp {
            let body = self.json().unwrap_or_default();
            return body.get("order_id").and_then(Value::as_i64).unwrap_or(0).to_string();
        }
        self.request.param("order_id").unwrap_or_default().to_owned()
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<Value, Error> {
        if self.request.body.is_empty() {
            return Err(errors::BODY_UNREADABLE);
        }
        serde_json::from_slice(&self.request.body).map_err(|_| errors::BODY_NO_JSON)
    }

    /// A positive whole number from the query; `bad` if it is there and is none.
    pub(super) fn number(&self, name: &str, bad: Error) -> Result<Option<i64>, Error> {
        match self.request.param(name) {
            None => Ok(None),
            Some(text) => match text.parse() {
                Ok(number) if number > 0 => Ok(Some(number)),
                Ok(_) | Err(_) => Err(bad),
            },
        }
    }
}

/// What an endpoint found.
#[derive(Debug)]
pub(super) enum Reply {
    /// JSON that goes into the main envelope as `data`.
    Data(Vec<u8>),
    /// The same, of a request that finds everything as it wants it: it has no effect.
    Already(Vec<u8>),
    /// JSON with an envelope of its own.
    Raw(u16, Value),
    /// A page.
    Html(String),
}

impl Reply {
    pub(super) fn data(found: &impl Serialize) -> Self {
        Self::Data(json_of(found))
    }

    pub(super) fn already(found: &impl Serialize) -> Self {
        Self::Already(json_of(found))
    }
}

fn json_of(found: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(found).unwrap_or_else(|_| b"null".to_vec())
}
