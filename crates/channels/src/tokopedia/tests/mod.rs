//! The channel against written-down messages, and against a small server.

mod asked;
mod said;

use dermaga_channel::{Channel, Credentials, Error, Heard, Interpretation, Message};

use super::Tokopedia;

pub(super) const NOTIFICATION: &str = include_str!("../fixtures/order_notification.json");
pub(super) const STATUS: &str = include_str!("../fixtures/order_status.json");
pub(super) const LIST: &str = include_str!("../fixtures/order_list.json");
pub(super) const DETAIL: &str = include_str!("../fixtures/order_detail.json");
pub(super) const TICKETS: &str = include_str!("../fixtures/tickets.json");

/// What a message says, without any key.
pub(super) fn interpret(kind: &str, body: &str) -> Result<Interpretation, Error> {
    interpret_with(kind, body, &Credentials::default())
}

pub(super) fn interpret_with(
    kind: &str,
    body: &str,
    credentials: &Credentials,
) -> Result<Interpretation, Error> {
    let fetched = !super::webhook::KINDS.contains(&kind);
    let channel_shop_id = fetched.then_some("480001");
    let message = Message { kind, body: body.as_bytes(), fetched, channel_shop_id };
    Tokopedia.interpret(&message, credentials)
}

/// What a message about one order says.
pub(super) fn heard(kind: &str, body: &str) -> Heard {
    let mut said = interpret(kind, body).unwrap();
    assert_eq!((said.orders.len(), said.unread.len()), (1, 0));
    said.orders.remove(0)
}
