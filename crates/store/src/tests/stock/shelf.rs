//! What people look at and do by hand: the list of SKUs, the ledger, moves that come twice.

use dermaga_domain::id::AccountId;

use super::{on_both, order};
use crate::command::Giver;
use crate::once::{Earlier, Once};
use crate::read::Scope;
use crate::read::shelf::Wanted;
use crate::stock::{Change, Moved, Opened, OpeningRow, StockMove};
use crate::tests::Org;

const PERSON: AccountId = AccountId(77);

impl Org {
    async fn asked(&self, change: Change) -> StockMove {
        StockMove {
            sku: self.sku("GAYO").await,
            warehouse: self.warehouses[0],
            change,
            note: Some("rak dua".to_owned()),
            by: Giver::Person(PERSON),
            seen: None,
        }
    }

    async fn codes(&self, wanted: Wanted) -> (Vec<String>, Option<String>) {
        let wanted = Wanted { limit: wanted.limit.max(2), ..wanted };
        let (found, next) = self.store.shelf(&Scope::all(self.org), &wanted).await.unwrap();
        (found.into_iter().map(|sku| sku.code).collect(), next)
    }
}

fn once(name: &str, body: &str) -> Once {
    Once { by: Giver::Person(PERSON), name: name.to_owned(), body_hash: body.to_owned() }
}

#[tokio::test]
async fn a_move_that_comes_twice_is_done_once() {
    on_both(async |org: Org| {
        org.opening("GAYO", [5, 0]).await;
        let receive = vec![org.asked(Change::Receipt(3)).await];
        let done = Moved { before: 5, after: 8 };
        let ask = async |moves: &Vec<StockMove>, name: &str, body: &str| {
            org.store.move_stock_once(org.org, moves.clone(), Some(once(name, body))).await
        };
        assert_eq!(ask(&receive, "a", "x").await.unwrap(), Ok(vec![done]));
        assert_eq!(ask(&receive, "a", "x").await.unwrap(), Err(Earlier::Same(vec![done])));
        assert_eq!(ask(&receive, "a", "y").await.unwrap(), Err(Earlier::Other));
        assert_eq!(org.sum("GAYO").await, (8, 0, 0, 0));

        // One that was refused may come again under its name.
        let bad = vec![org.asked(Change::Adjustment(-9)).await];
        assert!(ask(&bad, "b", "z").await.is_err());
        let good = vec![org.asked(Change::Adjustment(-8)).await];
        assert_eq!(ask(&good, "b", "z").await.unwrap().unwrap()[0].after, 0);
        org.check().await;
    })
    .await;
}

#[tokio::test]
async fn a_count_of_what_has_changed_since_is_refused() {
    on_both(async |org: Org| {
        org.opening("GAYO", [5, 0]).await;
        let counted = StockMove { seen: Some(5), ..org.asked(Change::Count(4)).await };
        org.change("GAYO", 0, Change::Receipt(1)).await;
        let stale = org.store.move_stock(org.org, vec![counted.clone()]).await;
        assert!(matches!(stale, Err(crate::Error::Changed { now: 6 })), "{stale:?}");
        assert_eq!(org.sum("GAYO").await, (6, 0, 0, 0));
        let seen = StockMove { seen: Some(6), ..counted };
        assert_eq!(org.store.move_stock(org.org, vec![seen]).await.unwrap()[0].after, 4);
    })
    .await;
}

#[tokio::test]
async fn the_ledger_tells_each_cause_and_where_it_left_the_level() {
    on_both(async |org: Org| {
        org.opening("GAYO", [5, 2]).await;
        org.apply(vec![order(&org, "a1", "400", &[("GAYO", 2)], 1)]).await;
        let receive = vec![org.asked(Change::Receipt(3)).await];
        org.store.move_stock(org.org, receive).await.unwrap();
        let (scope, sku) = (Scope::all(org.org), org.sku("GAYO").await);
        let read = async |only, before, limit| {
            org.store.ledger(&scope, sku, only, before, limit).await.unwrap()
        };
        let (lines, next) = read(None, None, 50).await;
        assert_eq!(next, None);
        let told: Vec<(&str, i64, i64, i64)> = (lines.iter())
            .map(|line| {
                (line.kind.as_str(), line.on_hand, line.after.on_hand, line.after.allocated)
            })
            .collect();
        let bandung = [("receipt", 3, 8, 2), ("allocate", 0, 5, 2), ("opening", 5, 5, 0)];
        let of = |name: &str| {
            let lines =
                lines.iter().zip(&told).filter(move |(line, _)| line.warehouse_name == name);
            lines.map(|(_, told)| *told).collect::<Vec<_>>()
        };
        assert_eq!(of("Bandung"), bandung);
        assert_eq!(of("Jakarta"), [("opening", 2, 2, 0)]);
        assert_eq!((lines[0].person, lines[0].note.as_deref()), (Some(PERSON), Some("rak dua")));
        let (shop, number) = lines[1].named.clone().unwrap();
        assert_eq!((shop, number.as_str()), (org.shop, "a1"));
        assert!(lines[1].person.is_none() && lines[0].order.is_none());

        // Page by page the same lines, and the same of one warehouse.
        let (mut paged, mut before) = (Vec::new(), None);
        loop {
            let (some, next) = read(None, before, 1).await;
            paged.extend(some);
            before = next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(paged, lines);
        let (jakarta, _) = read(Some(org.warehouses[1]), None, 50).await;
        assert_eq!(jakarta.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_list_is_searched_filtered_and_paged() {
    on_both(async |org: Org| {
        org.opening("GAYO", [5, 5]).await;
        org.opening("TEH", [1, 0]).await;
        org.opening("TORAJA", [40, 0]).await;
        let gayo = org.sku("GAYO").await;
        org.bundle("PAKET", vec![(gayo, 2)]).await;
        org.apply(vec![order(&org, "1", "400", &[("TEH", 3)], 1)]).await;
        let all = Wanted { limit: 10, ..Wanted::default() };
        let (codes, next) = org.codes(all.clone()).await;
        assert_eq!((codes.join(" ").as_str(), next), ("GAYO PAKET TEH TORAJA", None));
        let (codes, next) = org.codes(Wanted { limit: 2, ..all.clone() }).await;
        assert_eq!((codes.join(" ").as_str(), next.as_deref()), ("GAYO PAKET", Some("PAKET")));
        let after = Wanted { after: "PAKET".to_owned(), ..all.clone() };
        assert_eq!(org.codes(after).await.0, ["TEH", "TORAJA"]);
        let search = |text: &str| Wanted { search: text.to_owned(), ..all.clone() };
        assert_eq!(org.codes(search(" oraj ")).await.0, ["TORAJA"]);
        assert_eq!(org.codes(Wanted { short: true, ..all.clone() }).await.0, ["TEH"]);
        assert_eq!(org.codes(Wanted { low: Some(10), ..all.clone() }).await.0, ["GAYO", "TEH"]);
        assert_eq!(org.codes(Wanted { low: Some(9), ..all }).await.0, ["TEH"]);

        let scope = Scope::all(org.org);
        let sheet = org.store.sku_sheet(&scope, org.sku("TEH").await).await.unwrap().unwrap();
        assert_eq!(sheet.sku.incidents, ["oversold"]);
        assert_eq!(sheet.incidents[0].closed_at, None);
        assert_eq!((sheet.sku.levels[0].allocated, sheet.sku.levels[0].short), (1, 2));
        let bundle = org.store.sku_sheet(&scope, org.sku("PAKET").await).await.unwrap().unwrap();
        assert!(bundle.sku.bundle && bundle.sku.levels.is_empty());
        assert_eq!((bundle.made_of[0].code.as_str(), bundle.made_of[0].quantity), ("GAYO", 2));
        let part = org.store.sku_sheet(&scope, gayo).await.unwrap().unwrap();
        assert_eq!(part.part_of[0].code, "PAKET");
        let nothing = org.store.sku_sheet(&scope, dermaga_domain::id::SkuId(1)).await.unwrap();
        assert_eq!(nothing, None);
    })
    .await;
}

#[tokio::test]
async fn a_preview_of_opening_stock_says_what_would_come_of_it_and_writes_nothing() {
    on_both(async |org: Org| {
        org.opening("GAYO", [5, 0]).await;
        let row = |sku: &str, warehouse: &str, quantity| OpeningRow {
            line: 0,
            sku: sku.to_owned(),
            name: String::new(),
            warehouse: warehouse.to_owned(),
            quantity,
        };
        let rows = vec![
            row("GAYO", "Bandung", 1),
            row("TEH", "Bandung", 2),
            row("TEH", "bandung", 2),
            row("TEH", "Surabaya", 2),
            row("KOPI", "Jakarta", 0),
        ];
        let before = org.store.row_counts(org.org).await.unwrap();
        let preview = org.store.preview_opening(&Scope::all(org.org), rows.clone()).await.unwrap();
        assert_eq!(org.store.row_counts(org.org).await.unwrap(), before);
        let told = |opened: &[Opened]| {
            let tell = |it: &Opened| match it {
                Opened::Taken { created, .. } => format!("taken {created}"),
                Opened::Refused(why) => why.to_string(),
            };
            opened.iter().map(tell).collect::<Vec<_>>()
        };
        assert_eq!(told(&preview)[1], "taken true");
        let done = org.store.import_opening(org.org, rows, None).await.unwrap();
        assert_eq!(told(&done), told(&preview));
    })
    .await;
}
