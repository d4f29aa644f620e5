//! The endpoints with their versions: each path names its own, and moves on by itself.
//!
//! A version is served for at least two months after its successor came; then it answers 36009014. To
//! move on to another one is to change its line here, once what it answers is known to be read right.

use http::Method;

/// Whether asking changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: without an answer it is asked again.
    Reads,
    /// Something: without an answer nobody knows.
    Writes,
}

/// How it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

/// One endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Its name in the log and for its rate.
    pub(super) name: &'static str,
    verb: Verb,
    category: &'static str,
    version: &'static str,
    /// What stands behind the version; `{}` is an id.
    resource: &'static str,
    pub(super) effect: Effect,
    /// Whether it is of one shop, which its cipher names; elsewhere the cipher is refused.
    pub(super) of_shop: bool,
}

const fn reads(name: &'static str, path: [&'static str; 3]) -> Endpoint {
    let [category, version, resource] = path;
    let (verb, effect) = (Verb::Get, Effect::Reads);
    Endpoint { name, verb, category, version, resource, effect, of_shop: true }
}

/// A search: its filters are a body, and it changes nothing.
const fn searches(name: &'static str, path: [&'static str; 3]) -> Endpoint {
    Endpoint { verb: Verb::Post, ..reads(name, path) }
}

const fn writes(name: &'static str, path: [&'static str; 3]) -> Endpoint {
    Endpoint { verb: Verb::Post, effect: Effect::Writes, ..reads(name, path) }
}

pub(super) const SHOPS: Endpoint =
    Endpoint { of_shop: false, ..reads("shops", ["authorization", "202309", "shops"]) };
pub(super) const ORDER_LIST: Endpoint =
    searches("order_list", ["order", "202309", "orders/search"]);
/// 202507 has more fields, none of which is read.
pub(super) const ORDER_DETAIL: Endpoint = reads("order_detail", ["order", "202309", "orders"]);
/// 202502 has more filters.
pub(super) const LISTINGS: Endpoint =
    searches("listings", ["product", "202309", "products/search"]);
pub(super) const STOCK_READ: Endpoint =
    searches("stock_read", ["product", "202309", "inventory/search"]);
pub(super) const STOCK_UPDATE: Endpoint =
    writes("stock_update", ["product", "202309", "products/{}/inventory/update"]);
pub(super) const PROVIDERS: Endpoint =
    reads("shipping_providers", ["logistics", "202309", "delivery_options/{}/shipping_providers"]);
pub(super) const SLOTS: Endpoint =
    reads("pickup_slots", ["fulfillment", "202309", "packages/{}/handover_time_slots"]);
pub(super) const SHIP: Endpoint =
    writes("package_ship", ["fulfillment", "202309", "packages/{}/ship"]);
pub(super) const SHIP_SEVERAL: Endpoint =
    writes("packages_ship", ["fulfillment", "202309", "packages/ship"]);
pub(super) const LABEL: Endpoint =
    reads("package_label", ["fulfillment", "202309", "packages/{}/shipping_documents"]);
/// 202602 takes and gives the same.
pub(super) const CANCEL: Endpoint =
    writes("order_cancel", ["return_refund", "202309", "cancellations"]);
/// 202602 takes and gives the same.
pub(super) const CANCELLATIONS: Endpoint =
    searches("cancellations", ["return_refund", "202309", "cancellations/search"]);
pub(super) const CANCEL_APPROVE: Endpoint =
    writes("cancel_approve", ["return_refund", "202309", "cancellations/{}/approve"]);
pub(super) const CANCEL_REJECT: Endpoint =
    writes("cancel_reject", ["return_refund", "202309", "cancellations/{}/reject"]);
/// 202602 knows exchanges too.
pub(super) const RETURNS: Endpoint =
    searches("returns", ["return_refund", "202309", "returns/search"]);
pub(super) const WEBHOOKS: Endpoint = reads("webhook_list", ["event", "202309", "webhooks"]);
/// The values are set, so that asking twice is asking once.
pub(super) const WEBHOOK_SET: Endpoint =
    Endpoint { verb: Verb::Put, ..writes("webhook_register", ["event", "202309", "webhooks"]) };
/// What is not registered is taken away all the same.
pub(super) const WEBHOOK_REMOVE: Endpoint =
    Endpoint { verb: Verb::Delete, ..writes("webhook_remove", ["event", "202309", "webhooks"]) };

impl Endpoint {
    /// The method.
    pub(super) fn method(&self) -> Method {
        match self.verb {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
            Verb::Put => Method::PUT,
            Verb::Delete => Method::DELETE,
        }
    }

    /// The path, which is part of what is signed. `id` is digits.
    pub(super) fn path(&self, id: &str) -> String {
        let resource = self.resource.replace("{}", id);
        format!("/{}/{}/{resource}", self.category, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_version_and_its_thing() {
        assert_eq!(SHOPS.path(""), "/authorization/202309/shops");
        assert_eq!(SHIP.path("1152"), "/fulfillment/202309/packages/1152/ship");
        assert_eq!((WEBHOOK_SET.method(), WEBHOOK_SET.effect), (Method::PUT, Effect::Writes));
        assert!(!SHOPS.of_shop && ORDER_LIST.of_shop && ORDER_LIST.effect == Effect::Reads);
    }
}
