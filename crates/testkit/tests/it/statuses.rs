//! Every status of the channel ends as the golden table says, through the whole application.

use std::collections::BTreeMap;

use dermaga_engine::{TaskKind, Wish};
use dermaga_store::download::Outcome;
use dermaga_testkit::{App, Setup, both};

/// Written from the channel's documents, not by the code.
const GOLDEN: &str = include_str!("../../../../tests/golden/tokopedia.csv");
const COLUMNS: [&str; 12] = [
    "status",
    "mode",
    "prior",
    "preset",
    "about",
    "document",
    "delivery",
    "payment",
    "bin",
    "tab",
    "attentions",
    "actor",
];

/// What an order ends as that was placed unpaid and then had one more status.
fn expected(mode: &str) -> BTreeMap<String, String> {
    let mut lines = GOLDEN.lines();
    let header = fields(lines.next().unwrap());
    let place = |name: &str| header.iter().position(|column| column == name).unwrap();
    let places: BTreeMap<&str, usize> = COLUMNS.iter().map(|&name| (name, place(name))).collect();
    let mut ends = BTreeMap::new();
    for line in lines {
        let row = fields(line);
        let cell = |name: &str| row[places[name]].as_str();
        let wanted = [("preset", "classic"), ("about", "order"), ("prior", "nothing")];
        if wanted.iter().any(|(name, value)| cell(name) != *value) || cell("mode") != mode {
            continue;
        }
        let mut said = vec![cell("document"), cell("delivery"), cell("payment")];
        if cell("bin") == "true" {
            said.push("bin");
        }
        // A status without a tab leaves the one of the unpaid order.
        said.push(if cell("tab").is_empty() { "unpaid" } else { cell("tab") });
        let mut said: Vec<String> = said.into_iter().map(str::to_owned).collect();
        said.extend(cell("attentions").split_whitespace().map(|name| format!("!{name}")));
        let before = ends.insert(cell("status").to_owned(), said.join(" "));
        assert!(before.is_none(), "{} stands in the table twice", cell("status"));
    }
    assert_eq!(ends.len(), 22);
    ends
}

/// The cells of a line of CSV; quotes only hold commas together.
fn fields(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

/// One unpaid order for each status, which it then gets.
async fn place_all(app: &App, statuses: impl Iterator<Item = String>) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    for status in statuses {
        ids.insert(status, app.place("GAYO-250", 1, false).unwrap());
    }
    app.advance(60);
    for (status, id) in &ids {
        if status != "100" {
            app.set_status(id, status).unwrap();
        }
    }
    ids
}

async fn ends(app: &App, ids: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut ends = BTreeMap::new();
    for (status, id) in ids {
        ends.insert(status.clone(), app.said(id).await.unwrap());
    }
    ends
}

fn only_in(mode: &str, facts: &[String]) -> bool {
    !facts.is_empty() && facts.iter().all(|fact| fact.ends_with(mode))
}

#[tokio::test]
async fn heard_by_itself() {
    both(Setup { early: true, ..Setup::of("tokopedia") }, async |app| {
        app.stock("GAYO-250", 100).await.unwrap();
        let expected = expected("realtime");
        let ids = place_all(app, expected.keys().cloned()).await;
        app.pull().await.unwrap();
        assert_eq!(ends(app, &ids).await, expected);
        for id in ids.values() {
            assert!(only_in("realtime", &app.facts(id).await.unwrap()));
        }
    })
    .await;
}

/// No webhook and no task: a person downloads the orders by their numbers.
#[tokio::test]
async fn downloaded() {
    let setup = Setup { early: true, webhooks: false, ..Setup::of("tokopedia") };
    both(setup, async |app| {
        app.stock("GAYO-250", 100).await.unwrap();
        app.pause_tasks().await.unwrap();
        let expected = expected("download");
        let ids = place_all(app, expected.keys().cloned()).await;
        app.pull().await.unwrap();
        assert!(app.orders(&ids["500"]).await.unwrap().is_empty());
        let numbers: Vec<String> = ids.values().cloned().collect();
        app.engine.download(app.org, app.shops[0], &numbers).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(ends(app, &ids).await, expected);
        for id in ids.values() {
            assert!(only_in("download", &app.facts(id).await.unwrap()));
        }
        assert!(app.task(app.shops[0], TaskKind::OrderPull).await.unwrap().paused);
    })
    .await;
}

/// A range of time is downloaded page by page, with the history of every order.
#[tokio::test]
async fn downloaded_by_a_range_of_time() {
    let setup = Setup { early: true, webhooks: false, ..Setup::of("tokopedia") };
    both(setup, async |app| {
        app.stock("GAYO-250", 100).await.unwrap();
        app.pause_tasks().await.unwrap();
        let expected = expected("download");
        let ids = place_all(app, expected.keys().cloned()).await;
        let from = app.engine.now();
        app.advance(3_600);
        let shop = app.shop(app.shops[0]).await.unwrap();
        let from = dermaga_domain::time::Time(from.0 - 120_000_000);
        let now = app.engine.now();
        let wish = Wish::Range { from, to: now };
        let download = app.begin_download(&shop, wish).await.unwrap();
        let counts = app.count_download(download).await.unwrap();
        let all = i64::try_from(ids.len()).unwrap();
        assert_eq!((counts.total, counts.of(Outcome::New)), (all, all));
        app.agree_download(download).await.unwrap();
        app.hear().await.unwrap();
        assert_eq!(ends(app, &ids).await, expected);
    })
    .await;
}
