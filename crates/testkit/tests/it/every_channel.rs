//! What holds on every channel alike: cancellations before and after the goods left, goods that leave
//! after a cancellation, returns, and a cancellation that is given here.

use dermaga_domain::command::Words;
use dermaga_domain::term::{CommandKind, CommandState, Returned};
use dermaga_store::command::{Command, Giver};
use dermaga_store::read::Scope;
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

const SKU: &str = "GAYO-250";

/// How an order lives at a channel, from its payment on.
struct Market {
    channel: &'static str,
    /// What is done until there is an invoice.
    held: &'static [&'static str],
    /// What is done then until the goods are under way.
    sent: &'static [&'static str],
    /// What is done then until they can come back.
    arrived: &'static [&'static str],
    returned: &'static str,
    /// The statuses of a cancelled order, and of one under way.
    cancelled: &'static str,
    under_way: &'static str,
    /// What the payment is before the channel says that the money is there.
    payment: &'static str,
    /// Whether a cancelled order that is under way after all counts as never cancelled.
    comes_back: bool,
    /// Whether the channel lets a seller cancel what is under way.
    lets_cancel_late: bool,
}

const MARKETS: [Market; 5] = [
    Market {
        channel: "tokopedia",
        held: &["accept"],
        sent: &["ship"],
        arrived: &["deliver"],
        returned: "return",
        cancelled: "10",
        under_way: "500",
        payment: "unpaid",
        comes_back: false,
        lets_cancel_late: false,
    },
    Market {
        channel: "tiktok",
        held: &["accept"],
        sent: &["ship", "ship"],
        arrived: &["deliver"],
        returned: "return",
        cancelled: "CANCELLED",
        under_way: "IN_TRANSIT",
        payment: "unpaid",
        comes_back: false,
        lets_cancel_late: false,
    },
    Market {
        channel: "lazada",
        held: &["accept"],
        sent: &["ship"],
        arrived: &["deliver"],
        returned: "return",
        cancelled: "canceled",
        under_way: "shipped",
        payment: "unpaid",
        comes_back: false,
        lets_cancel_late: false,
    },
    Market {
        channel: "shopee",
        held: &[],
        sent: &["ship", "ship"],
        arrived: &["deliver"],
        returned: "return",
        cancelled: "CANCELLED",
        under_way: "SHIPPED",
        payment: "unpaid",
        comes_back: false,
        lets_cancel_late: false,
    },
    Market {
        channel: "woocommerce",
        held: &[],
        sent: &["complete"],
        arrived: &[],
        returned: "partial",
        cancelled: "cancelled",
        under_way: "completed",
        payment: "paid",
        comes_back: true,
        lets_cancel_late: true,
    },
];

/// A story for each channel, on both databases.
async fn at_each(story: impl AsyncFn(&App, &Market)) {
    for market in &MARKETS {
        both(Setup::of(market.channel), async |app| {
            app.stock(SKU, 10).await.unwrap();
            story(app, market).await;
        })
        .await;
    }
}

/// An order of two that was paid, and what follows.
async fn lives(app: &App, acts: &[&[&str]]) -> String {
    let id = app.place(SKU, 2, true).unwrap();
    app.hear().await.unwrap();
    for name in acts.concat() {
        app.happens(&id, name, &json!({})).await.unwrap();
    }
    id
}

async fn set_status(app: &App, id: &str, status: &str) {
    app.advance(60);
    app.set_status(id, status).unwrap();
    app.hear().await.unwrap();
}

/// How often units were given back to what can be sold.
async fn releases(app: &App, id: &str) -> usize {
    let movements = app.detail(id).await.unwrap().movements;
    movements.iter().filter(|movement| movement.kind == "release").count()
}

#[tokio::test]
async fn cancelled_before_it_is_sent_it_is_in_the_bin_and_its_stock_comes_back_once() {
    at_each(async |app, market| {
        let name = market.channel;
        app.set_faults(&json!({"probability": {"webhook_duplicate": 1}})).unwrap();
        let id = lives(app, &[market.held]).await;
        assert_eq!(app.level(SKU).await.unwrap(), (10, 2, 0, 0), "{name}");
        app.happens(&id, "cancel", &json!({"by": "seller"})).await.unwrap();
        app.pull().await.unwrap();
        app.engine.download(app.org, app.shops[0], std::slice::from_ref(&id)).await.unwrap();
        app.hear().await.unwrap();
        let said = format!("invoice unsent {} bin cancelled", market.payment);
        assert_eq!(app.said(&id).await.unwrap(), said, "{name}");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 0, 0), "{name}");
        assert_eq!(releases(app, &id).await, 1, "{name}");
    })
    .await;
}

#[tokio::test]
async fn cancelled_after_it_is_sent_the_invoice_stays_and_a_person_is_told() {
    at_each(async |app, market| {
        let name = market.channel;
        let id = lives(app, &[market.held, market.sent]).await;
        assert_eq!(app.level(SKU).await.unwrap(), (8, 0, 0, 0), "{name}");
        set_status(app, &id, market.cancelled).await;
        let said = app.said(&id).await.unwrap();
        assert!(
            said.starts_with(&format!("invoice sent {} cancelled", market.payment)),
            "{name}: {said}"
        );
        assert!(said.contains("!cancelled_after_sent"), "{name}: {said}");
        assert_eq!(app.level(SKU).await.unwrap(), (8, 0, 0, 0), "{name}");
    })
    .await;
}

#[tokio::test]
async fn sent_after_it_was_cancelled_the_invoice_leaves_the_bin() {
    at_each(async |app, market| {
        let name = market.channel;
        let id = lives(app, &[market.held]).await;
        app.happens(&id, "cancel", &json!({"by": "seller"})).await.unwrap();
        assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 0, 0), "{name}");
        set_status(app, &id, market.under_way).await;
        let said = app.said(&id).await.unwrap();
        assert!(said.starts_with(&format!("invoice sent {} ", market.payment)), "{name}: {said}");
        assert!(!said.contains(" bin "), "{name}: {said}");
        let flagged = said.contains("!cancelled_after_sent");
        assert_eq!(flagged, !market.comes_back, "{name}: {said}");
        assert_eq!(app.level(SKU).await.unwrap(), (8, 0, 0, 0), "{name}");
        let transitions = app.detail(&id).await.unwrap().transitions;
        let verbs = transitions.iter().map(|transition| transition.verb.as_str());
        assert_eq!(verbs.filter(|verb| *verb == "restore_invoice").count(), 1, "{name}");
    })
    .await;
}

#[tokio::test]
async fn a_return_leaves_documents_and_stock_as_they_are() {
    at_each(async |app, market| {
        let name = market.channel;
        let id = lives(app, &[market.held, market.sent, market.arrived]).await;
        let documents = app.documents(&id).await.unwrap();
        let body = json!({"reason": "Barang rusak", "sku": SKU, "quantity_deliver": 1});
        app.happens(&id, market.returned, &body).await.unwrap();
        app.pull().await.unwrap();
        app.hear().await.unwrap();
        let order = app.order(&id).await.unwrap();
        let said = app.said(&id).await.unwrap();
        assert!(said.contains("!return_edit"), "{name}: {said}");
        assert_eq!(order.returned, Returned::Open, "{name}: {said}");
        assert_eq!(app.documents(&id).await.unwrap(), documents, "{name}");
        assert_eq!(app.level(SKU).await.unwrap(), (8, 0, 0, 0), "{name}");
    })
    .await;
}

/// Cancels the order here, with the first reason that asks for nothing more.
async fn cancel(app: &App, id: &str) -> Command {
    app.advance(60);
    let scope = Scope::all(app.org);
    let order = app.order(id).await.unwrap().id;
    let offers = app.engine.offers(&scope, order).await.unwrap();
    let ends = |kind| matches!(kind, CommandKind::Cancel | CommandKind::Reject);
    let offered = offers.iter().find(|it| ends(it.offer.kind) && it.refusal.is_none()).unwrap();
    let reason = offered.reasons.iter().find(|reason| reason.fields.is_empty());
    let reason = reason.map(|reason| reason.code.to_owned());
    let words = Words { reason, ..Words::default() };
    let kind = offered.offer.kind;
    app.engine.command(&scope, &[order], kind, &words, Giver::Machine).await.unwrap();
    app.hear().await.unwrap();
    app.engine.store().commands_of(app.org, order).await.unwrap().remove(0)
}

#[tokio::test]
async fn cancelled_here_it_is_cancelled_there() {
    at_each(async |app, market| {
        let name = market.channel;
        let id = lives(app, &[market.held]).await;
        let command = cancel(app, &id).await;
        assert_eq!(command.state, CommandState::Done, "{name}: {command:?}");
        assert_eq!(app.status_there(&id).unwrap(), market.cancelled, "{name}");
        let said = format!("invoice unsent {} bin cancelled", market.payment);
        assert_eq!(app.said(&id).await.unwrap(), said, "{name}");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 0, 0), "{name}");
    })
    .await;
}

#[tokio::test]
async fn a_cancellation_that_the_channel_refuses_leaves_the_order_and_says_so() {
    at_each(async |app, market| {
        if market.lets_cancel_late {
            return;
        }
        let name = market.channel;
        let id = lives(app, &[market.held]).await;
        // The goods leave, and the hub does not hear of it in time.
        app.set_faults(&json!({"probability": {"webhook_drop": 1}})).unwrap();
        app.advance(60);
        for step in market.sent {
            app.at_channel(&id, step, &json!({})).unwrap();
        }
        let command = cancel(app, &id).await;
        assert_eq!(command.state, CommandState::Refused, "{name}: {command:?}");
        assert!(command.code.is_some(), "{name}: {command:?}");
        let said = app.said(&id).await.unwrap();
        assert!(said.starts_with(&format!("invoice sent {} ", market.payment)), "{name}: {said}");
        assert_eq!(app.status_there(&id).unwrap(), market.under_way, "{name}");
    })
    .await;
}
