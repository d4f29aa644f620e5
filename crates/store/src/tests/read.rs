//! Reading: lists, search, one order, the doctor; each on both databases, beside a twin org.

use dermaga_domain::order::{ActKind, Head, Part};
use dermaga_domain::term::{Delivery, Document, Payment, Tab};
use dermaga_domain::time::Span;

use super::apply::{apply, heard, look};
use super::{Org, START, on_both};
use crate::apply::{Heard, NewAct};
use crate::command::Giver;
use crate::db::{Lane, Statement};
use crate::read::Scope;
use crate::read::accounts::{BearerToken, READ};
use crate::read::exchanges::Only;
use crate::read::orders::{Query, Sort, View};

async fn found(org: &Org, query: Query) -> Vec<String> {
    let page = org.store.list_orders(&Scope::all(org.org), &query).await.unwrap();
    page.orders.into_iter().map(|order| order.channel_order_id).collect()
}

/// Five orders: 1 paid, 2 in delivery, 3 in the bin, 4 and 5 invoiced; a day apart in that order.
async fn five(org: &Org) {
    org.stock("GAYO", 50).await;
    for (n, statuses) in [
        ("1001", vec!["220"]),
        ("1002", vec!["220", "400", "500"]),
        ("1003", vec!["400", "15"]),
        ("1004", vec!["400"]),
        ("1005", vec!["400"]),
    ] {
        let statuses: Vec<(&str, i64)> = statuses.into_iter().zip(1..).collect();
        apply(org, vec![heard(org, n, &statuses, Some(look("GAYO", 2, 1)))]).await;
    }
}

#[tokio::test]
async fn lists_are_by_view_and_paged_by_key() {
    on_both(async |org: Org| {
        five(&org).await;
        assert_eq!(found(&org, Query { limit: 9, ..Query::default() }).await.len(), 5);
        let scope = Scope::all(org.org);
        let mut after = None;
        let mut seen = Vec::new();
        loop {
            let query = Query { after, limit: 2, ..Query::default() };
            let page = org.store.list_orders(&scope, &query).await.unwrap();
            assert!(page.orders.len() <= 2);
            seen.extend(page.orders.iter().map(|order| (order.sort_at, order.id)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let mut sorted = seen.clone();
        sorted.sort_by(|a, b| b.cmp(a));
        sorted.dedup();
        assert_eq!(seen, sorted, "newest first, none twice");
        assert_eq!(seen.len(), 5);

        let of = |view| Query { view, limit: 9, ..Query::default() };
        assert_eq!(found(&org, of(View::Bin)).await, ["1003"]);
        assert_eq!(found(&org, of(View::Tab(Tab::InDelivery))).await, ["1002"]);
        let counts = org.store.tab_counts(&scope, None, None).await.unwrap();
        for view in [
            View::All,
            View::Action,
            View::Bin,
            View::Tab(Tab::InDelivery),
            View::Tab(Tab::Cancelled),
        ] {
            let listed = i64::try_from(found(&org, of(view)).await.len()).unwrap();
            assert_eq!(counts.of(view), listed, "{view:?}");
        }
    })
    .await;
}

/// An order that was placed, and is to be accepted and shipped, so many days after the start.
fn with_deadlines(org: &Org, number: &str, status: &str, days: [Option<i64>; 3]) -> Heard {
    let [ordered, accept, ship] = days.map(|days| days.map(|days| START.plus(Span::days(days))));
    let head = Head { ordered_at: ordered, accept_by: accept, ship_by: ship, ..Head::default() };
    let mut look = look("GAYO", 1, 1);
    look.head = Some(Part::seen(head, true, Some(START), true));
    heard(org, number, &[(status, 1)], Some(look))
}

/// Every order of a list, three at a time.
async fn paged(org: &Org, query: Query) -> Vec<String> {
    let mut query = Query { limit: 3, ..query };
    let mut seen = Vec::new();
    loop {
        let page = org.store.list_orders(&Scope::all(org.org), &query).await.unwrap();
        seen.extend(page.orders.into_iter().map(|order| order.channel_order_id));
        match page.next {
            Some(next) => query.after = Some(next.to_string().parse().unwrap()),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn the_soonest_deadline_comes_first_where_it_is_asked_for() {
    on_both(async |org: Org| {
        org.stock("GAYO", 50).await;
        let orders = [
            ("ship-9", "400", [Some(1), None, Some(9)]),
            ("ship-3", "400", [Some(2), Some(1), Some(3)]),
            ("accept-4", "220", [Some(3), Some(4), Some(8)]),
            ("accept-2", "220", [Some(4), Some(2), Some(8)]),
            ("no-word", "400", [Some(0), None, None]),
            ("sent", "500", [Some(6), Some(1), Some(2)]),
            ("done", "700", [Some(5), Some(1), Some(2)]),
        ];
        for (number, status, days) in orders {
            apply(&org, vec![with_deadlines(&org, number, status, days)]).await;
        }
        let of = |view, sort| paged(&org, Query { view, sort, ..Query::default() });
        assert_eq!(
            of(View::All, Sort::Deadline).await,
            ["accept-2", "ship-3", "accept-4", "ship-9", "sent", "done", "no-word"],
            "those without a deadline after all others, the newest first"
        );
        assert_eq!(
            of(View::All, Sort::Newest).await,
            ["sent", "done", "accept-2", "accept-4", "ship-3", "ship-9", "no-word"]
        );
        let (new, ready) = (View::Tab(Tab::NewOrder), View::Tab(Tab::ReadyToShip));
        assert_eq!(of(new, Sort::Deadline).await, ["accept-2", "accept-4"]);
        assert_eq!(of(new, Sort::Newest).await, ["accept-2", "accept-4"]);
        assert_eq!(of(ready, Sort::Deadline).await, ["ship-3", "ship-9", "no-word"]);
        assert_eq!(of(ready, Sort::Newest).await, ["ship-3", "ship-9", "no-word"]);
        for sort in [Sort::Deadline, Sort::Newest] {
            assert_eq!(of(View::Tab(Tab::InDelivery), sort).await, ["sent"]);
            assert!(of(View::Bin, sort).await.is_empty());
        }

        // Handed over: the deadline is met, and the order makes room.
        apply(&org, vec![heard(&org, "ship-3", &[("500", 2)], None)]).await;
        assert_eq!(of(ready, Sort::Deadline).await, ["ship-9", "no-word"]);
        assert_eq!(of(View::All, Sort::Deadline).await[..2], ["accept-2", "accept-4"]);
        let query = Query { channel_order_id: Some("ship-9".to_owned()), ..Query::default() };
        let page = org.store.list_orders(&Scope::all(org.org), &query).await.unwrap();
        assert_eq!(page.orders[0].deadline, Some(START.plus(Span::days(9))));
    })
    .await;
}

/// Its orders are read by the shop, and not by walking past all the others.
#[tokio::test]
async fn a_shop_with_few_orders_lists_them_as_everybody_s_list_does() {
    on_both(async |org: Org| {
        org.stock("GAYO", 500).await;
        let few = org.second_shop().await;
        let statuses = ["220", "400", "500", "700", "999"];
        for place in 0..60_i64 {
            let status = statuses[usize::try_from(place).unwrap() / 7 % statuses.len()];
            let days = [Some(place), Some(place + 1), (place % 3 > 0).then_some(60 - place)];
            let mut heard = with_deadlines(&org, &format!("{}", 1_000 + place), status, days);
            if place % 7 == 3 {
                heard.shop = few;
            }
            apply(&org, vec![heard]).await;
        }
        let scope = Scope::all(org.org);
        let narrow = Scope { shops: Some(vec![few]), ..scope.clone() };
        for view in [
            View::All,
            View::Action,
            View::Bin,
            View::Tab(Tab::NewOrder),
            View::Tab(Tab::ReadyToShip),
            View::Tab(Tab::Completed),
        ] {
            for sort in [Sort::Deadline, Sort::Newest] {
                let query = Query { view, sort, limit: 99, ..Query::default() };
                let all = org.store.list_orders(&scope, &query).await.unwrap().orders;
                let wanted: Vec<String> = all
                    .into_iter()
                    .filter(|order| order.shop == few)
                    .map(|order| order.channel_order_id)
                    .collect();
                let query = Query { shop: Some(few), ..query };
                assert_eq!(paged(&org, query.clone()).await, wanted, "{view:?} {sort:?}");
                let page = org.store.list_orders(&narrow, &Query { shop: None, ..query }).await;
                let seen = page.unwrap().orders.into_iter().map(|order| order.channel_order_id);
                assert_eq!(seen.collect::<Vec<_>>(), wanted, "{view:?} {sort:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_order_that_belongs_to_no_tab_is_to_be_looked_at() {
    on_both(async |org: Org| {
        org.stock("GAYO", 50).await;
        let scope = Scope::all(org.org);
        let counted = async || {
            let counts = org.store.tab_counts(&scope, None, None).await.unwrap();
            (counts.of(View::All), counts.of(View::Action))
        };
        let action = |sort| paged(&org, Query { view: View::Action, sort, ..Query::default() });
        apply(&org, vec![heard(&org, "seen", &[], Some(look("GAYO", 1, 1)))]).await;
        assert_eq!(super::peek::order(&org, "seen").await.tab, None);
        assert_eq!(counted().await, (1, 1));
        for sort in [Sort::Deadline, Sort::Newest] {
            assert_eq!(action(sort).await, ["seen"]);
        }
        assert!(org.store.find_violations(org.org).await.unwrap().is_empty());

        apply(&org, vec![heard(&org, "seen", &[("400", 2)], None)]).await;
        assert_eq!(counted().await, (1, 0));
        assert!(action(Sort::Deadline).await.is_empty());
        assert!(org.store.find_violations(org.org).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_order_is_found_by_number_and_beginning() {
    on_both(async |org: Org| {
        five(&org).await;
        let search =
            |text: &str| Query { search: Some(text.to_owned()), limit: 9, ..Query::default() };
        assert_eq!(found(&org, search("1004")).await, ["1004"]);
        assert_eq!(found(&org, search(" 10-04 ")).await, ["1004"]);
        assert_eq!(found(&org, search("100")).await.len(), 5);
        assert!(found(&org, search("1006")).await.is_empty());
        let numbered = |channel: &str, number: &str| Query {
            channel: Some(channel.to_owned()),
            channel_order_id: Some(number.to_owned()),
            limit: 9,
            ..Query::default()
        };
        assert_eq!(found(&org, numbered("toy", "1002")).await, ["1002"]);
        assert!(found(&org, numbered("toy", "100")).await.is_empty());
        assert!(found(&org, numbered("other", "1002")).await.is_empty());
        let other_shop = Query { shop: Some(dermaga_domain::id::ShopId(1)), ..search("1004") };
        assert!(found(&org, other_shop).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn one_order_with_its_documents_ledger_and_case() {
    on_both(async |org: Org| {
        five(&org).await;
        let scope = Scope::all(org.org);
        let query = Query { search: Some("1002".to_owned()), limit: 1, ..Query::default() };
        let order = org.store.list_orders(&scope, &query).await.unwrap().orders.remove(0);
        assert_eq!(
            (order.written(), order.delivery, order.payment),
            (Document::Invoice, Delivery::Sent, Payment::Unpaid)
        );
        let kinds: Vec<&str> = order.documents.iter().map(|it| it.kind.as_str()).collect();
        assert_eq!(kinds, ["invoice", "delivery"]);
        assert!(order.documents[0].number.starts_with("INV-00000"));
        let line = &order.lines[0];
        assert_eq!(
            (line.sku.as_deref(), line.quantity, line.unit_price),
            (Some("GAYO"), 2, 55_000)
        );
        assert_eq!(line.holdings.iter().map(|holding| holding.sold).sum::<i64>(), 2);

        let detail = org.store.order_detail(&scope, order.id).await.unwrap().unwrap();
        let last = detail.movements.last().unwrap();
        assert_eq!(detail.movements.iter().map(|it| it.on_hand).sum::<i64>(), -2);
        assert!(last.after.0 <= 50 && last.after.0 >= 48 - 4);
        assert!(!detail.transitions.is_empty());

        let case = org.store.order_case(&scope, order.id).await.unwrap().unwrap();
        let state = dermaga_domain::order::judge(case.case());
        assert_eq!((state.document, state.delivery), (order.document, order.delivery));
        assert_eq!(case.facts.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn nothing_of_one_org_or_hidden_shop_is_reachable_from_another() {
    on_both(async |org: Org| {
        five(&org).await;
        let other = org.store.create_org("Toko Lain").await.unwrap();
        let query = Query { limit: 9, ..Query::default() };
        let mine = org.store.list_orders(&Scope::all(org.org), &query).await.unwrap();
        let id = mine.orders[0].id;
        for scope in [
            Scope::all(other),
            Scope { shops: Some(Vec::new()), warehouses: Some(Vec::new()), ..Scope::all(org.org) },
        ] {
            assert_eq!(org.store.order(&scope, id).await.unwrap(), None);
            assert_eq!(org.store.order_detail(&scope, id).await.unwrap(), None);
            assert!(org.store.order_case(&scope, id).await.unwrap().is_none());
            assert!(org.store.list_orders(&scope, &query).await.unwrap().orders.is_empty());
            let counts = org.store.tab_counts(&scope, None, None).await.unwrap();
            assert_eq!(counts.of(View::All), 0);
        }
        let other = Scope::all(other);
        assert!(org.store.feed(&other, 0, 99).await.unwrap().is_empty());
        assert!(org.store.stock_levels(&other, "", None, 99).await.unwrap().0.is_empty());
        assert!(org.store.exchanges(&other, (Only::All, None), 99).await.unwrap().0.is_empty());
        assert!(org.store.flow_versions(&other).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_feed_and_the_levels_go_on_where_they_ended() {
    on_both(async |org: Org| {
        five(&org).await;
        org.stock("TORAJA", 7).await;
        let scope = Scope::all(org.org);
        let all = org.store.feed(&scope, 0, 99).await.unwrap();
        let positions: Vec<i64> = all.iter().map(|change| change.position).collect();
        assert_eq!(positions, (1..=i64::try_from(all.len()).unwrap()).collect::<Vec<_>>());
        assert_eq!(org.store.feed_end(&scope).await.unwrap(), all.last().unwrap().position);
        assert_eq!(org.store.feed(&scope, 2, 1).await.unwrap()[0].position, 3);

        let (first, next) = org.store.stock_levels(&scope, "", None, 1).await.unwrap();
        assert_eq!((first[0].code.as_str(), first[0].on_hand), ("GAYO", 48));
        let mut after = next;
        let mut codes = Vec::new();
        while let Some(cursor) = after {
            let (page, next) = org.store.stock_levels(&scope, "", Some(&cursor), 1).await.unwrap();
            codes.extend(page.into_iter().map(|level| level.code));
            after = next;
        }
        assert_eq!(codes.last().map(String::as_str), Some("TORAJA"));
        let (found, _) = org.store.stock_levels(&scope, "tor", None, 9).await.unwrap();
        assert!(!found.is_empty() && found.iter().all(|level| level.code == "TORAJA"));
    })
    .await;
}

#[tokio::test]
async fn sessions_and_keys_live_and_end() {
    on_both(async |org: Org| {
        let account =
            org.store.create_owner(org.org, "pemilik", "Pemilik", "$argon2id$x").await.unwrap();
        let found = org.store.find_account("pemilik").await.unwrap().unwrap();
        assert_eq!(
            (found.id, found.org, found.org_name.as_str()),
            (account, org.org, "Toko Contoh")
        );
        assert!(org.store.find_account("orang").await.unwrap().is_none());

        let token = BearerToken::new(org.org, [3; 32]);
        let expires = org.store.now().plus(dermaga_domain::time::Span::hours(1));
        org.store.create_session(&token, account, expires).await.unwrap();
        let session = org.store.find_session(&token).await.unwrap().unwrap();
        assert_eq!((session.account.id, session.expires_at), (account, expires));
        let forged = BearerToken::new(org.org, [4; 32]);
        assert_eq!(org.store.find_session(&forged).await.unwrap(), None);
        org.store.delete_session(&token).await.unwrap();
        assert_eq!(org.store.find_session(&token).await.unwrap(), None);

        let id = org.store.create_api_key(&token, "laporan", READ).await.unwrap();
        let key = org.store.find_api_key(&token).await.unwrap().unwrap();
        assert_eq!((key.id, key.revoked_at), (id, None));
        org.store.revoke_api_key(org.org, id, Giver::Machine).await.unwrap();
        let key = org.store.find_api_key(&token).await.unwrap().unwrap();
        assert!(key.revoked_at.is_some());
    })
    .await;
}

macro_rules! plant {
    ($name:ident, $key:literal, $text:literal) => {
        static $name: Statement = Statement::org($key, $text);
    };
}

plant!(
    NO_FACTS,
    "plant.no_facts",
    "DELETE FROM fact WHERE org_id = $1 AND order_id IN (SELECT order_id FROM document WHERE org_id = $1)"
);
plant!(
    NO_LINE,
    "plant.no_line",
    "UPDATE movement SET line_id = NULL WHERE org_id = $1 AND kind = 'allocate'"
);
plant!(
    SECOND_SALE,
    "plant.second_sale",
    "INSERT INTO document (org_id, order_id, slot, id, kind, number, state, created_at, changed_at)
     SELECT $1, d.order_id, 'other', d.id + 1, 'sales_order', d.number + 900, 'live', 0, 0
     FROM document d WHERE d.org_id = $1 AND d.kind = 'invoice' AND d.state = 'live'"
);
plant!(
    WITHDRAWN,
    "plant.withdrawn",
    "UPDATE document SET state = 'withdrawn' WHERE org_id = $1 AND slot = 'delivery'"
);
plant!(LEVEL, "plant.level", "UPDATE stock_level SET on_hand = on_hand + 1 WHERE org_id = $1");
plant!(HOLDING, "plant.holding", "UPDATE holding SET sold = sold + 1 WHERE org_id = $1");
plant!(
    HELD,
    "plant.held",
    "UPDATE holding SET allocated = allocated + 1 WHERE org_id = $1 AND allocated > 0"
);
plant!(MESSAGE, "plant.message", "UPDATE message SET state = 'gone' WHERE org_id = $1");
plant!(GOODS, "plant.goods", "UPDATE orders SET goods = goods + 1 WHERE org_id = $1");
plant!(NO_VERB, "plant.no_verb", "UPDATE transition SET verb = 'none' WHERE org_id = $1");
plant!(
    STILL,
    "plant.still",
    "UPDATE movement SET on_hand = 0, allocated = 0, reserved = 0, short = 0 WHERE org_id = $1"
);
plant!(FEED, "plant.feed", "DELETE FROM feed WHERE org_id = $1 AND position = 2");
plant!(LATE, "plant.late", "UPDATE counter SET feed = feed + 1 WHERE org_id = $1");
plant!(NUMBER, "plant.number", "UPDATE counter SET invoice = invoice + 1 WHERE org_id = $1");
plant!(
    COUNT,
    "plant.count",
    "UPDATE tab_count SET orders = orders + 1 WHERE org_id = $1 AND tab = 'all'"
);

#[tokio::test]
async fn the_doctor_finds_what_is_planted_and_nothing_else() {
    on_both(async |org: Org| {
        five(&org).await;
        let mut act = heard(&org, "1004", &[], None);
        act.acts.push(NewAct { kind: ActKind::Void, by: Giver::Machine, note: None });
        apply(&org, vec![act]).await;
        message(&org).await;
        assert_eq!(org.store.find_violations(org.org).await.unwrap(), [], "a sound org");
        for (n, (plant, invariant)) in (1..).zip(PLANTS) {
            let start = super::START.plus(dermaga_domain::time::Span::hours(n));
            let sick = super::open_at(std::sync::Arc::clone(&org.fixture), start).await;
            five(&sick).await;
            message(&sick).await;
            let id = sick.org.0;
            let touched = sick
                .store
                .db
                .write(Lane::Short, Some(id), move |conn| {
                    Box::pin(async move { conn.execute(plant, &[id.into()]).await })
                })
                .await
                .unwrap();
            assert!(touched > 0, "{} planted nothing", plant.name());
            let found = sick.store.find_violations(sick.org).await.unwrap();
            assert!(
                found.iter().any(|finding| finding.invariant == *invariant),
                "{}: {found:?}",
                plant.name()
            );
        }
        assert_eq!(org.store.find_violations(org.org).await.unwrap(), [], "still sound");
    })
    .await;
}

const PLANTS: &[(&Statement, &str)] = &[
    (&NO_FACTS, "I2"),
    (&NO_LINE, "I2"),
    (&NUMBER, "I2"),
    (&SECOND_SALE, "I3"),
    (&WITHDRAWN, "I5"),
    (&LEVEL, "I6"),
    (&HOLDING, "I6"),
    (&HELD, "I7"),
    (&MESSAGE, "I10"),
    (&GOODS, "I14"),
    (&NO_VERB, "I16"),
    (&STILL, "I16"),
    (&FEED, "I17"),
    (&LATE, "I17"),
    (&COUNT, "tab_counts"),
];

async fn message(org: &Org) {
    let received = crate::Received {
        org: org.org,
        connection: org.connection,
        shop: Some(org.shop),
        kind: "order".to_owned(),
        body: b"{}".to_vec(),
    };
    org.store.receive(received).await.unwrap();
}
