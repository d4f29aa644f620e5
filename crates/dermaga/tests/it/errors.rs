//! Every error is one line that says what to do.

use crate::terminal::Terminal;
use clap::CommandFactory as _;

#[tokio::test]
async fn a_from_date_too_old_names_the_earliest_and_keeps_nothing() {
    let terminal = Terminal::start().await;
    let earliest = "the earliest date is 2026-11-17T02:05:00Z (DMG-0204)";
    let too_old = "2026-11-17T02:04:59Z";
    let set = terminal.refused(&["shop", "set", "480001", "--from", too_old]).await;
    assert!(set.ends_with(earliest), "{set}");
    let connect = [
        "shop",
        "connect",
        "tokopedia",
        "--shop",
        "480003",
        "--name",
        "Toko Baru",
        "--warehouse",
        "Gudang Baru",
        "--from",
        "2026-10-01",
        "--set",
        "fs_id=1",
    ];
    let connect = terminal.refused(&connect).await;
    assert!(connect.ends_with(earliest), "{connect}");
    let cursor = terminal.refused(&["shop", "cursor", "480001", "order_pull", too_old]).await;
    assert!(cursor.ends_with(earliest), "{cursor}");
    let download = terminal.refused(&["download", "480001", "--from", too_old]).await;
    assert!(download.ends_with(earliest), "{download}");

    let store = terminal.app.engine.store();
    let org = terminal.app.org;
    assert_eq!(store.connections(org, None).await.unwrap().len(), 1);
    assert_eq!(store.warehouses(org).await.unwrap().len(), 2);
    let shops = store.shops(org, None).await.unwrap();
    assert!(shops.iter().all(|shop| shop.order_sync_from.is_none()));
    terminal.ok(&["shop", "set", "480001", "--from", "2026-11-17T02:05:00Z"]).await;
}

#[tokio::test]
async fn what_is_not_there_is_named_with_where_to_look() {
    let terminal = Terminal::stocked().await;
    let expected = [
        (vec!["explain", "123"], "dermaga download"),
        (vec!["explain", "1", "--lang", "fr"], "write id or en"),
        (vec!["order", "void", "ord_0000000000001"], "there is no order"),
        (vec!["shop", "pause", "nobody"], "`dermaga shop list`"),
        (vec!["flow", "show", "nowhere"], "tokopedia"),
        (vec!["stock", "receive", "NONE", "x", "1"], "there is no SKU \"NONE\""),
        (vec!["stock", "receive", "GAYO-250", "x", "1"], "Toko Kopi Contoh"),
        (vec!["stock", "adjust", "GAYO-250", "Toko Kopi Contoh", "-401"], "400 are on hand"),
        (vec!["stock", "bundle", "B", "b", "GAYO-250"], "write code=quantity"),
        (vec!["shop", "cursor", "480001", "sku_pull"], "order_pull or return_pull"),
        (vec!["shop", "set", "480001", "--from", "soon"], "\"soon\" is no time"),
        (
            vec!["shop", "connect", "shoppee", "--shop", "1", "--name", "x", "--warehouse", "y"],
            "`dermaga shop channels`",
        ),
        (
            vec![
                "shop",
                "connect",
                "tokopedia",
                "--shop",
                "1",
                "--name",
                "x",
                "--warehouse",
                "y",
                "--set",
                "fs_id=1",
            ],
            "--set client_id=",
        ),
    ];
    for (args, part) in expected {
        let error = terminal.refused(&args).await;
        assert!(error.contains(part), "{args:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{args:?}: {error}");
    }
}

#[test]
fn the_arguments_fit_together() {
    dermaga::Cli::command().debug_assert();
}
