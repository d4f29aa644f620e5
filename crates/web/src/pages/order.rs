//! One order.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use dermaga_domain::access::Permission;
use dermaga_domain::flow::Preset;
use dermaga_domain::id::OrderId;
use dermaga_domain::order::{ActKind, State as Judged, judge};
use dermaga_domain::stock::MovementKind as LedgerKind;
use dermaga_domain::term::Delivery;
use dermaga_store::masked_name;
use dermaga_store::read::case::{OrderCase, RecordedAct};
use dermaga_store::read::detail::{Detail, Movement};
use dermaga_store::read::orders::Order;
use dermaga_store::read::{Holding as Held, Line};
use dermaga_ui::{
    Act, ActForm, Attention, AttentionNote, Axis, Bin, Buyer, CommandForm, CommandRow, Documents,
    GoodsLine, Holding, HoldingNote, LineChoice, Money, MoneyLine, MoneyPart, MovementKind,
    MovementRow, Numbered, OrderPage, Package, Sentence, Tab,
};
use serde::Deserialize;

use super::lists::shop_link;
use super::{command_forms, command_rows, commands, timeline};
use crate::App;
use crate::explain::{Teller, keyed, preset_name, status_link};
use crate::givers::Givers;
use crate::person::Person;
use crate::refusal::{Refusal, shown};
use crate::sub_platforms;

#[derive(Deserialize)]
pub(super) struct Asked {
    /// What came of an act: `done.<act>`, `nothing`, `stale`.
    #[serde(default)]
    told: String,
}

/// Everything that is known of an order.
struct Known {
    detail: Detail,
    case: OrderCase,
    buyer: Option<dermaga_domain::order::Buyer>,
    givers: Givers,
    forms: Vec<CommandForm>,
    commands: Vec<CommandRow>,
}

async fn known(app: &App, person: &Person, id: OrderId) -> dermaga_store::Result<Option<Known>> {
    let store = app.store();
    let Some(detail) = store.order_detail(&person.scope, id).await? else { return Ok(None) };
    let Some(case) = store.order_case(&person.scope, id).await? else { return Ok(None) };
    let buyer = store.buyers(&person.scope, &[id]).await?.remove(&id);
    let givers = Givers::of(app, person.reads(), case.acts.iter().map(|act| act.by)).await?;
    let forms = match app.engine().offers(&person.scope, id).await {
        Ok(offered) => command_forms::of(&offered, person),
        Err(dermaga_engine::Error::Store(error)) => return Err(error),
        // A channel without a client takes no commands.
        Err(_) => Vec::new(),
    };
    let given = store.commands_of(person.scope.org, id).await?;
    let commands = command_rows::of(app, person, &given).await?;
    Ok(Some(Known { detail, case, buyer, givers, forms, commands }))
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), person.here.clone())
    };
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let id: OrderId = id.parse().map_err(|_| not_found())?;
    let known = known(&app, &person, id).await.map_err(refusal)?.ok_or_else(not_found)?;
    let mut frame = person.frame(&app, "").await.map_err(refusal)?;
    frame.here = format!("/orders/{id}");
    let Known { detail, case, buyer, givers, forms, commands } = &known;
    let order = &detail.order;
    let shop = shop_link(order, &frame);
    let state = judge(case.case());
    let named = |act: &RecordedAct| givers.name(act.by);
    let teller = Teller { case, state: &state, shop: &shop, person: &named };
    let status = order.status.as_ref();
    let recommended = app.preset(&order.channel, Preset::Recommended);
    let other = recommended.filter(|flow| *flow != *case.flow);
    Ok(shown(&OrderPage {
        id: id.to_string(),
        number: order.channel_order_id.clone(),
        channel: shop.channel.clone(),
        sub_platform: sub_platforms::beside_channel(&app, order),
        tab: order.tab.and_then(|tab| Tab::from_key(tab.as_str())),
        status: status.map(|(_, status)| status_link(&shop, &case.flow, status)),
        notice: notice(&asked.told),
        attentions: attentions(order),
        explain: teller.explain(),
        what_if: other.map(|flow| teller.under(preset_name(Preset::Recommended), &flow)),
        documents: documents(detail),
        lines: order.lines.iter().map(|line| goods(line, order)).collect(),
        timeline: timeline::of(detail, case, &shop, &named),
        movements: detail.movements.iter().rev().map(movement).collect(),
        packages: packages(detail),
        buyer: buyer.as_ref().map(masked),
        placed_at: order.ordered_at.map(|at| at.0),
        accept_by: order.accept_by.map(|at| at.0),
        ship_by: order.ship_by.map(|at| at.0),
        money: money(order),
        total: order.money.map(|it| amount(it.total, order)),
        forms: forms.clone(),
        choices: order.lines.iter().filter(|line| !line.gone).map(choice).collect(),
        commands: commands.clone(),
        acts: acts(&person, order, &state, case),
        revision: order.updated_at.0,
        locale: person.locale.clone(),
        frame,
        shop: shop.clone(),
    }))
}

pub(super) fn notice(told: &str) -> Option<Sentence> {
    match told.split_once('.') {
        Some(("done", act)) => {
            Act::from_key(act).map(|act| Sentence::new("notice-done").with_name("act", act))
        }
        _ if told == "stale" || told == "nothing" => Some(Sentence::new(format!("notice-{told}"))),
        _ => commands::notice(told),
    }
}

fn choice(line: &Line) -> LineChoice {
    LineChoice { id: line.id.to_string(), name: line.name.clone(), quantity: line.live }
}

fn attentions(order: &Order) -> Vec<AttentionNote> {
    let words = order.attentions.iter().filter_map(|word| Attention::from_key(word.as_str()));
    words.map(|attention| AttentionNote { attention, note: None }).collect()
}

fn documents(detail: &Detail) -> Documents {
    let order = &detail.order;
    let of = |kind: &str| order.documents.iter().find(|document| document.kind == kind);
    let sale = of("invoice").or_else(|| of("sales_order"));
    let numbered = |document: &dermaga_store::read::Document| Numbered {
        number: document.number.clone(),
        at: document.created_at.0,
    };
    let live = |kind: &str| {
        let live = order.documents.iter().filter(|it| it.kind == kind && it.state == "live");
        live.map(numbered).collect::<Vec<_>>()
    };
    let before = sale.and_then(|document| {
        let number = document.sales_order_number.clone()?;
        Some(Numbered { number, at: document.created_at.0 })
    });
    let converted = detail.transitions.iter().rev().find(|transition| {
        use dermaga_domain::term::Verb;
        matches!(transition.verb, Verb::ConvertOrderToInvoice | Verb::CreateInvoice)
    });
    let invoice = of("invoice").map(|document| Numbered {
        number: document.number.clone(),
        at: converted.map_or(document.created_at, |transition| transition.at).0,
    });
    let moved = |wanted: dermaga_domain::term::Verb| {
        let last = detail.transitions.iter().rev().find(|it| it.verb == wanted);
        last.map(|transition| transition.at.0)
    };
    let has = sale.is_some();
    Documents {
        sales_order: of("sales_order").map(numbered).or(before),
        invoice,
        reference: order.awb.clone(),
        delivery: has.then(|| keyed(order.delivery.as_str(), dermaga_ui::Delivery::ALL)).flatten(),
        deliveries: live("delivery"),
        payment: has.then(|| keyed(order.payment.as_str(), dermaga_ui::Payment::ALL)).flatten(),
        payments: live("payment"),
        bin: Bin {
            is_in: order.bin,
            entered_at: moved(dermaga_domain::term::Verb::VoidInvoice),
            left_at: moved(dermaga_domain::term::Verb::RestoreInvoice).filter(|_| !order.bin),
        },
    }
}

fn amount(amount: i64, order: &Order) -> Money {
    let currency = order.money.map_or_else(|| "IDR".to_owned(), |it| it.currency.to_string());
    Money { amount, currency }
}

fn money(order: &Order) -> Vec<MoneyLine> {
    let Some(money) = order.money else { return Vec::new() };
    [
        (MoneyPart::Goods, money.goods),
        (MoneyPart::Shipping, money.shipping),
        (MoneyPart::Fee, money.fees),
        (MoneyPart::Discount, -money.discount),
    ]
    .into_iter()
    .filter(|(_, minor)| *minor != 0)
    .map(|(part, minor)| MoneyLine { part, money: amount(minor, order) })
    .collect()
}

fn goods(line: &Line, order: &Order) -> GoodsLine {
    let known = order.money.is_some();
    GoodsLine {
        name: line.name.clone(),
        listing: line.channel_sku.clone(),
        sku: line.sku.clone(),
        quantity: line.quantity,
        cancelled: line.cancelled,
        price: known.then(|| amount(line.unit_price, order)),
        subtotal: known.then(|| amount(line.unit_price.saturating_mul(line.quantity), order)),
        holdings: line.holdings.iter().flat_map(|held| holding(held, line)).collect(),
    }
}

fn holding(held: &Held, line: &Line) -> Vec<HoldingNote> {
    let component = (line.sku.as_deref() != Some(&held.code)).then(|| held.code.clone());
    [
        (Holding::Reserved, held.reserved),
        (Holding::Allocated, held.allocated),
        (Holding::Sold, held.sold),
        (Holding::Short, held.short),
    ]
    .into_iter()
    .filter(|(_, quantity)| *quantity > 0)
    .map(|(holding, quantity)| HoldingNote {
        holding,
        quantity,
        component: component.clone(),
        warehouse: held.warehouse_name.clone(),
    })
    .collect()
}

/// Units of a movement, with sign: what its kind speaks of.
pub(super) fn units(movement: &Movement) -> i64 {
    match movement.kind.parse() {
        Ok(LedgerKind::Reserve) => movement.reserved,
        Ok(LedgerKind::Allocate) => movement.allocated,
        Ok(LedgerKind::Release) => -(movement.reserved + movement.allocated),
        _ => movement.on_hand,
    }
}

pub(super) fn movement_kind(movement: &Movement) -> MovementKind {
    MovementKind::from_key(&movement.kind).unwrap_or(MovementKind::Adjustment)
}

fn movement(movement: &Movement) -> MovementRow {
    let (on_hand, allocated, reserved) = movement.after;
    MovementRow {
        at: movement.at.0,
        sku: movement.sku.clone(),
        warehouse: movement.warehouse.clone(),
        kind: movement_kind(movement),
        quantity: units(movement),
        on_hand,
        allocated,
        reserved,
        available: on_hand - allocated - reserved,
    }
}

fn packages(detail: &Detail) -> Vec<Package> {
    let left = detail
        .transitions
        .iter()
        .find(|transition| transition.verb == dermaga_domain::term::Verb::CreateOutboundLogistic);
    let sent_at = left.map(|transition| transition.at.0);
    let packages = detail.packages.iter().map(|package| Package {
        carrier: package.carrier.clone(),
        booking_code: package.booking_code.clone(),
        awb: package.awb.clone(),
        sent_at,
    });
    packages.collect()
}

/// The first letters of the words, and no more.
fn masked(buyer: &dermaga_domain::order::Buyer) -> Buyer {
    let digits: Vec<char> = buyer.phone.chars().filter(char::is_ascii_digit).collect();
    let phone = match digits.as_slice() {
        [.., a, b] if digits.len() > 6 => format!("**** {a}{b}"),
        _ => String::new(),
    };
    let area = [&buyer.district, &buyer.city, &buyer.postal_code];
    let area: Vec<&str> =
        area.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    Buyer {
        name: masked_name(&buyer.name),
        phone,
        address: masked_name(&buyer.address),
        area: area.join(", "),
        erased_at: None,
    }
}

/// What a person may do now.
fn acts(person: &Person, order: &Order, state: &Judged, case: &OrderCase) -> Vec<ActForm> {
    let form = |act, key: &str, n: i64| ActForm {
        act,
        axis: None,
        does: Sentence::new(key).with("n", n),
        asks_restock: false,
    };
    let sum = |of: fn(&Held) -> i64| -> i64 {
        order.lines.iter().flat_map(|line| &line.holdings).map(of).sum()
    };
    let live: i64 = order.lines.iter().map(|line| line.live).sum();
    let held = case.case().acts;
    let axis = [
        (held.bin.is_some(), Axis::Document),
        (held.paid.is_some(), Axis::Payment),
        (held.sent.is_some(), Axis::Delivery),
    ];
    let open = ActKind::open(state, held).into_iter();
    open.filter(|kind| person.may(Permission::to_act(*kind)))
        .map(|kind| match kind {
            ActKind::Void if order.delivery > Delivery::Unsent => {
                let sold = sum(|held| held.sold);
                ActForm { asks_restock: true, ..form(Act::Void, "act-does-void-sent", sold) }
            }
            ActKind::Void => {
                form(Act::Void, "act-does-void", sum(|held| held.reserved + held.allocated))
            }
            ActKind::Restore => form(Act::Restore, "act-does-restore", live),
            ActKind::Paid => form(Act::Paid, "act-does-paid", live),
            ActKind::Unpaid => form(Act::Unpaid, "act-does-unpaid", live),
            ActKind::Sent => form(Act::Sent, "act-does-sent", live),
            ActKind::Unsent => form(Act::Unsent, "act-does-unsent", sum(|held| held.sold)),
            ActKind::Release => {
                let axis = axis.into_iter().find(|(holds, _)| *holds).map(|(_, axis)| axis);
                ActForm { axis, ..form(Act::Release, "act-does-release", live) }
            }
        })
        .collect()
}
