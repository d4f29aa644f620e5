//! From a path to an endpoint, and from what an endpoint found to an answer.

use serde_json::{Value, json};

use super::books::{COUNTRIES, Country};
use super::errors::{self, Error};
use crate::serve::{Answer, Request, pairs};

/// The host of tokens and consent; here it is the first part of the path, like the countries' hosts.
pub(super) const AUTH_HOST: &str = "auth.lazada.com";

/// One endpoint of the channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Endpoint {
    TokenCreate,
    TokenRefresh,
    Seller,
    Orders,
    Order,
    Units,
    ManyUnits,
    Couriers,
    Pack,
    Document,
    Ready,
    Repack,
    CancelValidate,
    CancelCreate,
    CancelDecide,
    Reverses,
    Products,
    SellableUpdate,
    SellableAdjust,
    PriceQuantity,
}

/// Every endpoint with its path and its name in the call log.
const ENDPOINTS: [(Endpoint, &str, &str); 20] = [
    (Endpoint::TokenCreate, "/auth/token/create", "token_create"),
    (Endpoint::TokenRefresh, "/auth/token/refresh", "token_refresh"),
    (Endpoint::Seller, "/seller/get", "seller"),
    (Endpoint::Orders, "/orders/get", "order_list"),
    (Endpoint::Order, "/order/get", "order"),
    (Endpoint::Units, "/order/items/get", "order_items"),
    (Endpoint::ManyUnits, "/orders/items/get", "orders_items"),
    (Endpoint::Couriers, "/order/shipment/providers/get", "couriers"),
    (Endpoint::Pack, "/order/fulfill/pack", "pack"),
    (Endpoint::Document, "/order/package/document/get", "document"),
    (Endpoint::Ready, "/order/package/rts", "ready_to_ship"),
    (Endpoint::Repack, "/order/package/repack", "repack"),
    (Endpoint::CancelValidate, "/order/reverse/cancel/validate", "cancel_validate"),
    (Endpoint::CancelCreate, "/order/reverse/cancel/create", "cancel_create"),
    (Endpoint::CancelDecide, "/order/reverse/cancel/seller/decide", "cancel_decide"),
    (Endpoint::Reverses, "/reverse/getreverseordersforseller", "reverse_orders"),
    (Endpoint::Products, "/products/get", "product_list"),
    (Endpoint::SellableUpdate, "/product/stock/sellable/update", "sellable_update"),
    (Endpoint::SellableAdjust, "/product/stock/sellable/adjust", "sellable_adjust"),
    (Endpoint::PriceQuantity, "/product/price_quantity/update", "price_quantity"),
];

/// A request with what its path says.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) request: &'a Request,
    pub(super) endpoint: Endpoint,
    /// The endpoint's name in the call log.
    pub(super) name: &'static str,
    /// The path without host and `/rest`: what is signed.
    pub(super) path: &'static str,
    /// The country whose host was asked; none for the host of tokens.
    pub(super) country: Option<Country>,
    /// The parameters of query and form.
    pub(super) params: Vec<(String, String)>,
    /// The seller whose token it carries, once that is known.
    pub(super) shop_id: i64,
}

impl<'a> Ask<'a> {
    /// Reads a request's path; None if the channel has no such endpoint.
    pub(super) fn read(request: &'a Request) -> Option<Self> {
        let path = request.path.trim_start_matches('/');
        let (host, rest) = path.split_once('/')?;
        // Without a host it is Indonesia's, and that of tokens.
        let (host, api) =
            if host == "rest" { ("", rest) } else { (host, rest.strip_prefix("rest/")?) };
        let country = match host {
            "" => Some(COUNTRIES[0]),
            AUTH_HOST => None,
            host => Some(COUNTRIES.into_iter().find(|country| country.host == host)?),
        };
        let (endpoint, path, name) =
            ENDPOINTS.into_iter().find(|(_, path, _)| path.trim_start_matches('/') == api)?;
        let of_tokens = matches!(endpoint, Endpoint::TokenCreate | Endpoint::TokenRefresh);
        if !host.is_empty() && of_tokens != country.is_none() {
            return None;
        }
        let form = request.header("content-type").unwrap_or_default();
        let mut params = request.query.clone();
        if form.starts_with("application/x-www-form-urlencoded") {
            params.extend(pairs(&request.body));
        }
        Some(Self { request, endpoint, name, path, country, params, shop_id: 0 })
    }

    /// Whether it needs no seller's token.
    pub(super) fn is_of_tokens(&self) -> bool {
        matches!(self.endpoint, Endpoint::TokenCreate | Endpoint::TokenRefresh)
    }

    /// A parameter that is there and not blank.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(key, _)| key == name)?;
        (!found.1.is_empty()).then_some(found.1.as_str())
    }

    /// A parameter that must be there.
    pub(super) fn needed(&self, name: &str) -> Result<&str, Error> {
        self.param(name).ok_or_else(|| errors::missing(name))
    }

    /// A parameter that is JSON.
    pub(super) fn json(&self, name: &str) -> Result<Value, Error> {
        let text = self.needed(name)?;
        serde_json::from_str(text).map_err(|_| Error::new("1001", "E1001: not JSON"))
    }

    /// The order that the call is about; "" if it is about none, or about several.
    pub(super) fn order_named(&self) -> String {
        if let Some(id) = self.param("order_id") {
            return id.to_owned();
        }
        let packed =
            self.param("packReq").and_then(|text| serde_json::from_str::<Value>(text).ok());
        let first = packed.map(|packed| packed["pack_order_list"][0]["order_id"].to_string());
        first.unwrap_or_default()
    }
}

/// What an endpoint found.
#[derive(Debug)]
pub(super) struct Reply {
    body: Value,
    /// It had an effect.
    pub(super) effect: bool,
    /// The order it was about, where the request names only what belongs to it.
    pub(super) order_id: String,
}

impl Reply {
    /// What older endpoints answer.
    pub(super) fn data(data: impl Into<Value>) -> Self {
        let data: Value = data.into();
        Self::whole(json!({"data": data}))
    }

    /// What newer endpoints answer.
    pub(super) fn result(data: impl Into<Value>) -> Self {
        let data: Value = data.into();
        let result = json!({"success": true, "errorCode": null, "errorMsg": null, "data": data});
        Self::whole(json!({"result": result}))
    }

    /// A body of its own, with its code.
    pub(super) fn whole(mut body: Value) -> Self {
        body["code"] = json!("0");
        Self { body, effect: false, order_id: String::new() }
    }

    /// It had an effect, or not.
    pub(super) fn with_effect(self, effect: bool) -> Self {
        Self { effect, ..self }
    }

    /// It was about this order.
    pub(super) fn about(self, order_id: String) -> Self {
        Self { order_id, ..self }
    }

    pub(super) fn answer(mut self, request_id: &str) -> Answer {
        self.body["request_id"] = json!(request_id);
        Answer::json(200, self.body.to_string())
    }
}
