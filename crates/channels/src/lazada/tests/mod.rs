//! The channel against written-down messages, and against a small server.

mod asked;
mod judged;
mod said;
mod stage;
mod told;

use dermaga_channel::{Channel, Credentials, Error, Heard, Interpretation, Message};

use super::Lazada;

const ORDER: &str = include_str!("../fixtures/order.json");
const ITEMS: &str = include_str!("../fixtures/items.json");

/// An order with its units, as a message holds it.
fn looked() -> String {
    format!(r#"{{"order":{ORDER},"items":{ITEMS}}}"#)
}

/// What a message says.
fn interpret(kind: &str, body: &str) -> Result<Interpretation, Error> {
    let fetched = kind != "push";
    let channel_shop_id = fetched.then_some("1009990001");
    let message = Message { kind, body: body.as_bytes(), fetched, channel_shop_id };
    Lazada.interpret(&message, &Credentials::default())
}

/// What a message about one order says.
fn heard(kind: &str, body: &str) -> Heard {
    let mut said = interpret(kind, body).unwrap();
    assert_eq!((said.orders.len(), said.unread.len()), (1, 0));
    said.orders.remove(0)
}
