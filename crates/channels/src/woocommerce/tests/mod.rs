//! The channel against written-down messages, and against a small server.

mod asked;
mod said;
mod stage;
mod told;

use dermaga_channel::{Channel, Credentials, Error, Heard, Interpretation, Message};

use super::WooCommerce;

pub(super) const ORDER: &str = include_str!("../fixtures/order.json");
pub(super) const REFUNDS: &str = include_str!("../fixtures/refunds.json");

/// What a message says.
pub(super) fn interpret(kind: &str, body: &str) -> Result<Interpretation, Error> {
    let fetched = !super::webhook::TOPICS.contains(&kind);
    let channel_shop_id = fetched.then_some("contoh");
    let message = Message { kind, body: body.as_bytes(), fetched, channel_shop_id };
    WooCommerce.interpret(&message, &Credentials::default())
}

/// What a message about one order says.
pub(super) fn heard(kind: &str, body: &str) -> Heard {
    let mut said = interpret(kind, body).unwrap();
    assert_eq!((said.orders.len(), said.unread.len()), (1, 0));
    said.orders.remove(0)
}
