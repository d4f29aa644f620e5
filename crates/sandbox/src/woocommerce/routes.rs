//! From a path to an endpoint, and from what an endpoint found to an answer.

use http::Method;
use serde_json::Value;

use super::errors::{self, Error};
use crate::serve::{Answer, Request};

/// One endpoint of the shop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Endpoint {
    Orders,
    Order,
    OrderCreate,
    OrderUpdate,
    OrderDelete,
    Notes,
    NoteCreate,
    Refunds,
    RefundCreate,
    Products,
    Product,
    ProductCreate,
    ProductDelete,
    ProductUpdate,
    ProductBatch,
    Variations,
    Variation,
    VariationUpdate,
    VariationBatch,
    Webhooks,
    Webhook,
    WebhookCreate,
    WebhookUpdate,
    WebhookDelete,
    StatusTotals,
}

impl Endpoint {
    /// The endpoint's name in the call log.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Orders => "order_list",
            Self::Order => "order_detail",
            Self::OrderCreate => "order_create",
            Self::OrderUpdate => "order_update",
            Self::OrderDelete => "order_delete",
            Self::Notes => "notes",
            Self::NoteCreate => "note_create",
            Self::Refunds => "refunds",
            Self::RefundCreate => "refund_create",
            Self::Products => "product_list",
            Self::Product => "product",
            Self::ProductCreate => "product_create",
            Self::ProductDelete => "product_delete",
            Self::ProductUpdate => "product_update",
            Self::ProductBatch => "stock_update",
            Self::Variations => "variation_list",
            Self::Variation => "variation",
            Self::VariationUpdate => "variation_update",
            Self::VariationBatch => "stock_update_variations",
            Self::Webhooks => "webhook_list",
            Self::Webhook => "webhook",
            Self::WebhookCreate => "webhook_create",
            Self::WebhookUpdate => "webhook_update",
            Self::WebhookDelete => "webhook_delete",
            Self::StatusTotals => "status_totals",
        }
    }
}

/// What a request would do with what it is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Deed {
    View,
    Create,
    Edit,
    Delete,
    Batch,
}

/// A request with what its path says.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) request: &'a Request,
    pub(super) endpoint: Endpoint,
    /// The number in the path: an order, a product, a webhook; "" if there is none.
    pub(super) id: &'a str,
    /// The second number: a variation.
    pub(super) sub: &'a str,
}

/// What stands before every path.
const BASE: [&str; 3] = ["wp-json", "wc", "v3"];

impl<'a> Ask<'a> {
    /// Reads a request's path; None if the shop has no such endpoint.
    pub(super) fn read(request: &'a Request, segments: &[&'a str]) -> Option<Self> {
        use Endpoint as E;

        let rest = segments.strip_prefix(&BASE)?;
        let get = request.method == Method::GET;
        let post = request.method == Method::POST;
        let put = request.method == Method::PUT || post;
        let delete = request.method == Method::DELETE;
        let (endpoint, id, sub) = match *rest {
            ["orders"] if get => (E::Orders, "", ""),
            ["orders"] if post => (E::OrderCreate, "", ""),
            ["orders", id] if get => (E::Order, id, ""),
            ["orders", id] if put => (E::OrderUpdate, id, ""),
            ["orders", id] if delete => (E::OrderDelete, id, ""),
            ["orders", id, "notes"] if get => (E::Notes, id, ""),
            ["orders", id, "notes"] if post => (E::NoteCreate, id, ""),
            ["orders", id, "refunds"] if get => (E::Refunds, id, ""),
            ["orders", id, "refunds"] if post => (E::RefundCreate, id, ""),
            ["products"] if get => (E::Products, "", ""),
            ["products"] if post => (E::ProductCreate, "", ""),
            ["products", "batch"] if put => (E::ProductBatch, "", ""),
            ["products", id] if get => (E::Product, id, ""),
            ["products", id] if put => (E::ProductUpdate, id, ""),
            ["products", id] if delete => (E::ProductDelete, id, ""),
            ["products", id, "variations"] if get => (E::Variations, id, ""),
            ["products", id, "variations", "batch"] if put => (E::VariationBatch, id, ""),
            ["products", id, "variations", sub] if get => (E::Variation, id, sub),
            ["products", id, "variations", sub] if put => (E::VariationUpdate, id, sub),
            ["webhooks"] if get => (E::Webhooks, "", ""),
            ["webhooks"] if post => (E::WebhookCreate, "", ""),
            ["webhooks", id] if get => (E::Webhook, id, ""),
            ["webhooks", id] if put => (E::WebhookUpdate, id, ""),
            ["webhooks", id] if delete => (E::WebhookDelete, id, ""),
            ["reports", "orders", "totals"] if get => (E::StatusTotals, "", ""),
            _ => return None,
        };
        Some(Self { request, endpoint, id, sub })
    }

    /// Whether it is a request that only a key with the right to write may make.
    pub(super) fn writes(&self) -> bool {
        self.request.method != Method::GET
    }

    /// What it would do, as the shop's refusals name it.
    pub(super) fn deed(&self) -> Deed {
        use Endpoint as E;

        let makes = matches!(
            self.endpoint,
            E::OrderCreate | E::NoteCreate | E::RefundCreate | E::ProductCreate | E::WebhookCreate
        );
        if makes {
            Deed::Create
        } else if matches!(self.endpoint, E::ProductBatch | E::VariationBatch) {
            Deed::Batch
        } else if self.request.method == Method::DELETE {
            Deed::Delete
        } else if self.writes() {
            Deed::Edit
        } else {
            Deed::View
        }
    }

    /// The order that the call is about; "" if it is about none.
    pub(super) fn order_named(&self) -> String {
        let named = matches!(self.request.path.split('/').nth(4), Some("orders"));
        if named { self.id.to_owned() } else { String::new() }
    }

    /// The body as JSON; an empty one counts as `{}`.
    pub(super) fn json(&self) -> Result<Value, Error> {
        if self.request.body.is_empty() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        serde_json::from_slice(&self.request.body).map_err(|_| errors::no_json())
    }

    /// The last parameter of that name, as PHP keeps it.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        let found = self.request.query.iter().rev().find(|(key, _)| key == name)?;
        (!found.1.is_empty()).then_some(found.1.as_str())
    }

    /// A whole number from the query, within bounds.
    pub(super) fn number(
        &self,
        name: &str,
        (least, most): (i64, i64),
    ) -> Result<Option<i64>, Error> {
        let Some(text) = self.param(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.map(Some).ok_or_else(|| errors::invalid_param(name))
    }
}

/// What an endpoint found.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Value,
    /// Of a list: how many there are, and on how many pages.
    pub(super) total: Option<(usize, usize)>,
    /// It had an effect.
    pub(super) effect: bool,
}

impl Reply {
    pub(super) fn read(body: Value) -> Self {
        Self { status: 200, body, total: None, effect: false }
    }

    pub(super) fn done(status: u16, body: Value) -> Self {
        Self { status, body, total: None, effect: true }
    }

    pub(super) fn answer(self, ask: &Ask<'_>) -> Answer {
        let answer = Answer::json(self.status, self.body.to_string());
        let Some((total, pages)) = self.total else { return answer };
        let answer = answer
            .with_header("x-wp-total", &total.to_string())
            .with_header("x-wp-totalpages", &pages.to_string());
        let page = ask.number("page", (1, i64::MAX)).ok().flatten().unwrap_or(1);
        let page = usize::try_from(page).unwrap_or(1);
        let host = ask.request.header("host").unwrap_or_default();
        let to = |page: usize, rel: &str| {
            format!("<http://{host}{}?page={page}>; rel=\"{rel}\"", ask.request.path)
        };
        let mut links = Vec::new();
        if page > 1 {
            links.push(to(page - 1, "prev"));
        }
        if page < pages {
            links.push(to(page + 1, "next"));
        }
        if links.is_empty() { answer } else { answer.with_header("link", &links.join(", ")) }
    }
}
