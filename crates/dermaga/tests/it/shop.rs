//! `dermaga shop`, `user` and `key`.

use dermaga::commands::shown::moment;
use dermaga_store::read::accounts::BearerToken;

use crate::terminal::Terminal;

#[tokio::test]
async fn channels_say_what_they_ask_for() {
    let terminal = Terminal::start().await;
    let said = terminal.ok(&["shop", "channels"]).await;
    let line = said.lines().find(|line| line.starts_with("tokopedia")).unwrap();
    assert!(line.contains("client_secret") && line.contains("3 days"), "{line}");
}

#[tokio::test]
async fn another_shop_is_connected_through_the_same_connection() {
    let terminal = Terminal::start().await;
    let connect = [
        "shop",
        "connect",
        "tokopedia",
        "--shop",
        "480003",
        "--name",
        "Toko Baru",
        "--warehouse",
        "Gudang Baru=341799",
        "--number-by-invoice",
        "--preset",
        "recommended",
    ];
    let said = terminal.ok(&connect).await;
    assert!(said.starts_with("Toko Baru is connected as shp_"), "{said}");
    let list = terminal.ok(&["shop", "list"]).await;
    let line = list.lines().find(|line| line.contains("480003")).unwrap();
    assert!(line.contains("recommended"), "{line}");
    let store = terminal.app.engine.store();
    assert_eq!(store.connections(terminal.app.org, None).await.unwrap().len(), 1);
    let again = terminal.refused(&connect).await;
    assert!(again.starts_with("the shop 480003 is connected already"), "{again}");
}

#[tokio::test]
async fn settings_pauses_and_cursors_are_set_and_seen() {
    let terminal = Terminal::start().await;
    let shop = terminal.app.shops[0];
    let set = [
        "shop",
        "set",
        "480001",
        "--order-sync",
        "off",
        "--from",
        "2026-11-19",
        "--number-by-invoice",
        "yes",
        "--name",
        "Kopi",
    ];
    terminal.ok(&set).await;
    let store = terminal.app.engine.store();
    let kept = store.shops(terminal.app.org, Some(shop)).await.unwrap().pop().unwrap();
    assert!(!kept.order_sync && kept.number_by_invoice && kept.name == "Kopi");
    assert_eq!(kept.order_sync_from.map(moment).unwrap(), "2026-11-18T17:00:00Z");
    let shown = terminal.ok(&["shop", "cursor", "Kopi", "order_pull"]).await;
    assert_eq!(shown, "Kopi order_pull: 2026-11-18T17:00:00Z\n");
    let at = "2026-11-20T00:00:00Z";
    let moved = terminal.ok(&["shop", "cursor", "Kopi", "order_pull", at]).await;
    assert_eq!(moved, format!("Kopi order_pull: {at}\n"));
    terminal.ok(&["shop", "pause", &shop.to_string()]).await;
    let tasks = terminal.ok(&["shop", "tasks", "Kopi"]).await;
    assert_eq!(tasks.lines().count(), 1 + dermaga_engine::TaskKind::ALL.len(), "{tasks}");
    assert!(tasks.lines().skip(1).all(|line| line.contains("paused")), "{tasks}");
    terminal.ok(&["shop", "resume", "Kopi"]).await;
    assert!(!terminal.ok(&["shop", "tasks", "Kopi"]).await.contains("paused"));
}

#[tokio::test]
async fn an_owner_and_a_key_are_made() {
    let mut terminal = Terminal::start().await;
    let made = terminal.ok(&["user", "create-owner", "a@example.test", "--name", "Ani"]).await;
    assert!(made.contains("\npassword  "), "{made}");
    let taken =
        terminal.refused(&["user", "create-owner", "a@example.test", "--name", "Ani"]).await;
    assert!(taken.contains("already"), "{taken}");
    let with_input =
        ["user", "create-owner", "b@example.test", "--name", "Budi", "--password-stdin"];
    terminal.given.input = Some("short\n".to_owned());
    assert!(terminal.refused(&with_input).await.contains("too short"));
    terminal.given.input = Some("rahasia-contoh-1\n".to_owned());
    assert_eq!(terminal.ok(&with_input).await, "b@example.test can log in.\n");
    let key = terminal.ok(&["key", "create", "reports"]).await;
    let token = BearerToken::parse(key.trim()).unwrap();
    let found = terminal.app.engine.store().find_api_key(&token).await.unwrap().unwrap();
    assert_eq!(found.name, "reports");
}

#[tokio::test]
async fn a_shop_is_told_what_is_left_by_who_has_seen_what_that_changes() {
    let terminal = Terminal::stocked().await;
    // The listings are pulled.
    terminal.app.engine.settle().await.unwrap();
    terminal.app.count("GAYO-250", 5).await.unwrap();
    let preview = terminal.ok(&["shop", "push", "480001"]).await;
    assert!(preview.contains("GAYO-250") && preview.contains("listings would change"), "{preview}");
    let seen = preview.trim_end().rsplit(' ').next().unwrap().to_owned();

    let unseen = terminal.refused(&["shop", "push", "480001", "--on", "00000000"]).await;
    assert!(unseen.contains("DMG-0503"), "{unseen}");
    let on = terminal.ok(&["shop", "push", "480001", "--on", &seen]).await;
    assert!(on.contains("is told from now on"), "{on}");
    let off = terminal.ok(&["shop", "push", "480001", "--off"]).await;
    assert!(off.contains("is no longer told"), "{off}");
    let log = terminal.ok(&["shop", "push", "480001", "--log", "10"]).await;
    assert!(log.starts_with("at"), "{log}");
}
