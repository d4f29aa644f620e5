//! What orders come to: what the client says of them, judged by the flow file.

use dermaga_domain::flow::{FlowFile, Preset};
use dermaga_domain::order::{Acts, Case, Fact, State, judge};
use dermaga_domain::term::{Attention, Cancelled, Delivery, Document, Mode, Payment, Tab};
use serde_json::{Value, json};

use super::{ORDER, heard};

/// A unit with its status, and who cancelled it.
type Unit<'a> = (&'a str, &'a str);

/// A look at an order of units like these, at some minute.
fn look(minute: u32, units: &[Unit<'_>]) -> String {
    let unit = |(id, (status, initiator)): (u64, &Unit<'_>)| {
        json!({
            "order_item_id": id, "status": status, "name": "Kopi", "sku": "GAYO-250",
            "sku_id": 990_001, "product_id": 770_011, "item_price": "55000.00", "currency": "IDR",
            "cancel_return_initiator": initiator,
            "updated_at": format!("2026-11-20 10:{minute:02}:00 +0700"),
        })
    };
    let units: Vec<Value> = (1..).zip(units).map(unit).collect();
    format!(r#"{{"order":{ORDER},"items":{}}}"#, Value::Array(units))
}

/// The state after these looks.
fn state(preset: Preset, looks: &[&[Unit<'_>]]) -> State {
    let flow = FlowFile::parse("lazada", include_str!("../flow.toml")).unwrap().flow(preset);
    let (mut facts, mut lines): (Vec<Fact>, _) = (Vec::new(), None);
    for (minute, units) in (0..).zip(looks) {
        let heard = heard("order", &look(minute, units));
        facts.extend(heard.facts.iter().map(|fact| fact.heard(Mode::Realtime, true)));
        lines = heard.snapshot.lines.map(|part| part.content);
    }
    let acts = Acts::default();
    let case =
        Case { flow: &flow, facts: &facts, lines: lines.as_deref(), cancel_requested: false, acts };
    judge(case)
}

const NOBODY: &str = "null-null";
const BUYER: &str = "cancellation-customer";
const SELLER: &str = "cancellation-seller";
const PENDING: Unit<'_> = ("pending", NOBODY);

#[test]
fn an_order_goes_from_a_sales_order_to_a_paid_invoice() {
    let statuses = ["unpaid", "pending", "packed", "ready_to_ship", "shipped", "delivered"];
    let looks: Vec<[Unit<'_>; 2]> = statuses.iter().map(|status| [(*status, NOBODY); 2]).collect();
    let after = |count: usize| {
        let looks: Vec<&[Unit<'_>]> = looks[..count].iter().map(<[_; 2]>::as_slice).collect();
        let state = state(Preset::Classic, &looks);
        (state.document, state.delivery, state.payment, state.tab.unwrap())
    };
    let (so, invoice) = (Document::SalesOrder, Document::Invoice);
    let wanted = [
        (so, Delivery::Unsent, Payment::Unpaid, Tab::Unpaid),
        (invoice, Delivery::Unsent, Payment::Unpaid, Tab::NewOrder),
        (invoice, Delivery::Unsent, Payment::Unpaid, Tab::ReadyToShip),
        (invoice, Delivery::Unsent, Payment::Unpaid, Tab::ReadyToShip),
        (invoice, Delivery::Sent, Payment::Unpaid, Tab::InDelivery),
        (invoice, Delivery::Sent, Payment::Paid, Tab::Completed),
    ];
    for (count, wanted) in (1..).zip(wanted) {
        assert_eq!(after(count), wanted, "{}", statuses[count - 1]);
    }
}

#[test]
fn a_buyers_cancellation_waits_for_a_person_and_a_sellers_goes_to_the_bin() {
    let cancelled = |preset, who: &str| {
        let state = state(preset, &[&[PENDING; 2], &[("canceled", who); 2]]);
        let manual = state.attentions.contains(&Attention::ManualVoid);
        (state.cancelled, state.bin, manual, state.tab)
    };
    let tab = Some(Tab::Cancelled);
    let wanted_by_hand = (Cancelled::ManualVoidWanted, false, true, tab);
    let binned = (Cancelled::Yes, true, false, tab);
    let cases = [
        (Preset::Classic, BUYER, wanted_by_hand),
        (Preset::Classic, SELLER, binned),
        (Preset::Classic, "cancellation-internal", binned),
        // Nobody is named: the weakest that it may be.
        (Preset::Classic, NOBODY, wanted_by_hand),
        (Preset::Recommended, BUYER, binned),
        (Preset::Recommended, SELLER, binned),
    ];
    for (preset, who, wanted) in cases {
        assert_eq!(cancelled(preset, who), wanted, "{preset} {who}");
    }
}

#[test]
fn one_cancelled_unit_leaves_the_others_on_their_way() {
    let gone = ("canceled", SELLER);
    let looks: [&[Unit<'_>]; 3] =
        [&[PENDING; 3], &[gone, PENDING, PENDING], &[gone, ("shipped", NOBODY), PENDING]];
    let lines = |count: usize| {
        let state = state(Preset::Classic, &looks[..count]);
        (state.bin, state.delivery, state.targets[0].live)
    };
    assert_eq!(lines(1), (false, Delivery::Unsent, 3));
    assert_eq!(lines(2), (false, Delivery::Unsent, 2));
    assert_eq!(lines(3), (false, Delivery::PartlySent, 2));
}

#[test]
fn parcels_that_fail_come_back_or_are_lost_have_their_tab() {
    let shipped: &[Unit<'_>] = &[("shipped", NOBODY)];
    let ends = |status: &str| {
        let state = state(Preset::Classic, &[&[PENDING], shipped, &[(status, NOBODY)]]);
        assert_eq!((state.delivery, state.bin), (Delivery::Sent, false), "{status}");
        (state.tab.unwrap(), state.attentions.into_iter().collect::<Vec<_>>())
    };
    let failed = (Tab::FailedDelivery, vec![Attention::ParcelReturning]);
    let lost = (Tab::FailedDelivery, vec![Attention::ParcelLost]);
    let back = (Tab::Complained, vec![Attention::ReturnEdit]);
    let cases = [
        ("failed", &failed),
        ("failed_delivery", &failed),
        ("shipped_back", &failed),
        ("shipped_back_failed", &lost),
        ("lost", &lost),
        ("lost_by_3pl", &lost),
        ("damaged_by_3pl", &lost),
        ("package_scrapped", &lost),
        ("shipped_back_success", &back),
        ("returned", &back),
    ];
    for (status, wanted) in cases {
        assert_eq!(ends(status), *wanted, "{status}");
    }
}
