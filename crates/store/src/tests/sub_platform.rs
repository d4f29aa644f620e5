//! Orders of a channel that sells under several names, on both databases: found by the name, counted by
//! it, and told it when they were stored before names were known.

use dermaga_domain::order::{Head, Part, SubPlatform};
use dermaga_domain::term::Tab;
use dermaga_domain::time::{Span, Time};

use super::apply::{apply, heard, look};
use super::{Org, START, on_both};
use crate::apply::Heard;
use crate::db::{Lane, Statement};
use crate::read::Scope;
use crate::read::orders::{Query, Sort, View};

const VIEWS: [View; 6] = [
    View::All,
    View::Action,
    View::Bin,
    View::Tab(Tab::NewOrder),
    View::Tab(Tab::ReadyToShip),
    View::Tab(Tab::Completed),
];

/// A name that was seen so many microseconds after the start.
fn named(key: &str, at: i64) -> Option<Part<SubPlatform>> {
    SubPlatform::new(key).map(|key| Part::seen(key, true, Some(START.plus(Span(at))), true))
}

fn of(org: &Org, number: &str, status: &str, name: Option<&str>) -> Heard {
    let mut look = look("GAYO", 1, 1);
    look.sub_platform = name.and_then(|name| named(name, 1));
    heard(org, number, &[(status, 1)], Some(look))
}

/// The orders of a list, three at a time, each with its name.
async fn paged(org: &Org, scope: &Scope, query: &Query) -> Vec<(String, Option<String>)> {
    let mut query = Query { limit: 3, after: None, ..query.clone() };
    let mut seen = Vec::new();
    loop {
        let page = org.store.list_orders(scope, &query).await.unwrap();
        seen.extend(page.orders.into_iter().map(|it| (it.channel_order_id, it.sub_platform)));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return seen,
        }
    }
}

/// Sixty orders in two shops: most under one name, every seventh under a second, two under a rare one that
/// no list of names has, some under none.
async fn sixty(org: &Org) {
    org.stock("GAYO", 500).await;
    let second_shop = org.second_shop().await;
    let statuses = ["220", "400", "500", "700", "15", "999"];
    for place in 0..60_i64 {
        let name = match place {
            10 | 40 => Some("Rare Name"),
            _ if place % 7 == 3 => Some("second"),
            _ if place % 5 == 1 => None,
            _ => Some("first"),
        };
        let status = statuses[usize::try_from(place).unwrap() / 4 % statuses.len()];
        let mut heard = of(org, &(1_000 + place).to_string(), status, name);
        let at = |days| Some(START.plus(Span::days(days)));
        let ship_by = (place % 3 > 0).then_some(60 - place).and_then(at);
        let head = Head { ordered_at: at(place), ship_by, ..Head::default() };
        heard.snapshot.head = Some(Part::seen(head, true, Some(START), true));
        if place % 4 == 2 {
            heard.shop = second_shop;
        }
        apply(org, vec![heard]).await;
    }
}

#[tokio::test]
async fn a_list_of_one_name_holds_what_everybody_s_list_has_of_it() {
    on_both(async |org: Org| {
        sixty(&org).await;
        let all = Scope::all(org.org);
        let one_shop = Scope { shops: Some(vec![org.shop]), ..all.clone() };
        let mut found = 0;
        for scope in [&all, &one_shop] {
            for (view, sort) in
                VIEWS.into_iter().flat_map(|view| [(view, Sort::Newest), (view, Sort::Deadline)])
            {
                let list = Query { view, sort, ..Query::default() };
                let everybody = paged(&org, scope, &list).await;
                for name in ["first", "second", "Rare Name", "rare name"] {
                    let of_name = Some(name.to_owned());
                    let query = Query { sub_platform: of_name.clone(), ..list.clone() };
                    let wanted: Vec<_> =
                        everybody.iter().filter(|it| it.1 == of_name).cloned().collect();
                    assert_eq!(paged(&org, scope, &query).await, wanted, "{view:?} {sort:?}");
                    let counts = org.store.view_counts(scope, &query).await.unwrap();
                    assert_eq!(counts.of(view), i64::try_from(wanted.len()).unwrap(), "{view:?}");
                    found += wanted.len();
                }
            }
        }
        assert!(found > 100, "{found}");

        // With the other filters: by shop, by channel, by a number.
        let query = |name: &str| Query {
            sub_platform: Some(name.to_owned()),
            channel: Some("toy".to_owned()),
            shop: Some(org.shop),
            ..Query::default()
        };
        let by_shop = paged(&org, &all, &query("second")).await;
        let narrow = Query { sub_platform: Some("second".to_owned()), ..Query::default() };
        assert_eq!(by_shop, paged(&org, &one_shop, &narrow).await);
        assert!(by_shop.len() > 3, "{by_shop:?}");
        let other = Query { channel: Some("other".to_owned()), ..query("second") };
        assert!(paged(&org, &all, &other).await.is_empty());
        let numbered = |name| Query { search: Some("1010".to_owned()), shop: None, ..query(name) };
        assert!(paged(&org, &all, &numbered("second")).await.is_empty());
        assert_eq!(paged(&org, &all, &numbered("Rare Name")).await.len(), 1);
        let ids = org.store.order_ids(&all, &narrow, 100, Time(i64::MAX)).await.unwrap();
        assert_eq!(ids.len(), paged(&org, &all, &narrow).await.len());
        assert_eq!(org.store.find_violations(org.org).await.unwrap(), []);
    })
    .await;
}

/// As an order was written before it could have a name: its stamps are those of three parts.
static OLDER: Statement = Statement::org(
    "plant.older",
    "UPDATE orders SET stamps = rtrim(stamps, ';') WHERE org_id = $1",
);
static COUNT: Statement = Statement::org(
    "plant.sub_platform_count",
    "UPDATE sub_platform_count SET orders = orders + 1 WHERE org_id = $1 AND tab = 'in_delivery'",
);

async fn plant(org: &Org, statement: &'static Statement) {
    let id = org.org.0;
    let run = org.store.db.write(Lane::Short, Some(id), move |conn| {
        Box::pin(async move { conn.execute(statement, &[id.into()]).await })
    });
    assert_eq!(run.await.unwrap(), 1, "{}", statement.name());
}

#[tokio::test]
async fn an_order_is_told_its_name_at_its_next_read_and_the_read_after_writes_nothing() {
    on_both(async |org: Org| {
        org.stock("GAYO", 5).await;
        let scope = Scope::all(org.org);
        apply(&org, vec![of(&org, "1", "400", None)]).await;
        plant(&org, &OLDER).await;
        let under = |name: &str| Query { sub_platform: Some(name.to_owned()), ..Query::default() };
        assert!(paged(&org, &scope, &under("second")).await.is_empty());

        let told = apply(&org, vec![of(&org, "1", "400", Some("second"))]).await;
        assert_eq!((told.changed.len(), told.new_facts), (1, 0));
        assert_eq!(paged(&org, &scope, &under("second")).await.len(), 1);
        let (rows, order) =
            (org.store.row_counts(org.org).await.unwrap(), super::peek::order(&org, "1").await);
        let again = apply(&org, vec![of(&org, "1", "400", Some("second"))]).await;
        assert_eq!((again.changed.len(), again.unchanged), (0, 1), "nothing new was seen");
        let silent = apply(&org, vec![of(&org, "1", "400", None)]).await;
        assert_eq!((silent.changed.len(), silent.unchanged), (0, 1), "nothing is taken away");
        assert_eq!(org.store.row_counts(org.org).await.unwrap(), rows);
        assert_eq!(format!("{:?}", super::peek::order(&org, "1").await), format!("{order:?}"));

        // It moves from view to view with its name, and keeps it.
        apply(&org, vec![heard(&org, "1", &[("500", 2)], None)]).await;
        let counts = org.store.view_counts(&scope, &under("second")).await.unwrap();
        let of_tab = |tab| counts.of(View::Tab(tab));
        assert_eq!((of_tab(Tab::ReadyToShip), of_tab(Tab::InDelivery)), (0, 1));
        assert_eq!((counts.of(View::All), counts.of(View::Bin)), (1, 0));

        // A newer look says another name: there is one place for it.
        let mut later = heard(&org, "1", &[], None);
        later.snapshot.sub_platform = named("first", 9);
        apply(&org, vec![later]).await;
        assert!(paged(&org, &scope, &under("second")).await.is_empty());
        assert_eq!(paged(&org, &scope, &under("first")).await.len(), 1);
        let counts = org.store.view_counts(&scope, &under("second")).await.unwrap();
        assert_eq!((counts.of(View::All), counts.of(View::Tab(Tab::InDelivery))), (0, 0));
        assert_eq!(org.store.find_violations(org.org).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn the_doctor_finds_a_count_of_a_name_that_is_off() {
    on_both(async |org: Org| {
        org.stock("GAYO", 5).await;
        apply(&org, vec![of(&org, "1", "500", Some("second"))]).await;
        assert_eq!(org.store.find_violations(org.org).await.unwrap(), []);
        plant(&org, &COUNT).await;
        let found = org.store.find_violations(org.org).await.unwrap();
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.invariant, "tab_counts");
        assert_eq!(finding.detail, "second in_delivery: 2 kept, 1 recounted");
    })
    .await;
}
