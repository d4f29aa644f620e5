//! `dermaga explain`, `order` and `download`.

use crate::terminal::Terminal;
use serde_json::json;

#[tokio::test]
async fn an_order_explains_itself_in_both_languages() {
    let terminal = Terminal::stocked().await;
    let order = terminal.order(2).await;
    terminal.act(&order, "accept").await;
    let english = terminal.ok(&["explain", &order]).await;
    let id = english.split(' ').next().unwrap().to_owned();
    assert!(id.starts_with("ord_"), "{english}");
    for part in [
        "Document",
        "Payment",
        "\nfacts\n",
        "\ntransitions\n",
        "400",
        "create_order",
        "convert_order_to_invoice",
        "Real time",
        "\nstock\n",
    ] {
        assert!(english.contains(part), "no {part:?} in\n{english}");
    }
    let indonesian = terminal.ok(&["explain", &id, "--lang", "id"]).await;
    assert!(indonesian.contains("Dokumen"), "{indonesian}");
    for told in [english, indonesian] {
        assert!(!told.contains('⟦'), "a word is missing in\n{told}");
    }
}

#[tokio::test]
async fn a_persons_acts_hold_until_released() {
    let terminal = Terminal::stocked().await;
    let order = terminal.order(2).await;
    terminal.act(&order, "accept").await;
    let steps = [
        ("paid", ", unsent, paid, "),
        ("unpaid", ", unsent, unpaid, "),
        ("sent", ", sent, unpaid, "),
        ("unsent", ", unsent, unpaid, "),
        ("void", ", in the recycle bin, "),
        ("restore", ", unsent, unpaid, tab"),
        ("release", ", unsent, unpaid, tab ready_to_ship\n"),
    ];
    for (act, expected) in steps {
        let said = terminal.ok(&["order", act, &order, "--note", "a test"]).await;
        assert!(said.contains(expected), "{act}: {said}");
    }
    let told = terminal.ok(&["explain", &order]).await;
    assert!(told.contains("\nacts\n") && told.contains("a test"), "{told}");
    let doctor = terminal.ok(&["doctor", "--invariants"]).await;
    assert!(doctor.contains("0 found"), "{doctor}");
}

#[tokio::test]
async fn a_person_downloads_by_number_and_by_time() {
    let terminal = Terminal::stocked().await;
    let body = json!({"lines": [{"sku": "GAYO-250", "quantity": 1}], "paid": true});
    let place = || {
        let placed = terminal.app.control("POST", "/control/tokopedia/orders", &body).unwrap();
        placed["order_id"].as_str().unwrap().to_owned()
    };
    let (one, two) = (place(), place());
    terminal.app.advance(60);
    let unknown = terminal.refused(&["explain", &one]).await;
    assert!(unknown.contains("dermaga download"), "{unknown}");
    let said = terminal.ok(&["download", "480001", "--orders", &one]).await;
    assert!(said.contains(" ready: 1 orders, 0 failed, 0 not_found, 0 changed, 1 new"), "{said}");
    terminal.refused(&["explain", &one]).await;
    let id = said.split(' ').next().unwrap().to_owned();
    let said = terminal.ok(&["download", "apply", &id]).await;
    assert!(said.contains(" done: 1 orders, 0 failed, 0 not_found, 0 changed, 1 new"), "{said}");
    assert!(terminal.ok(&["explain", &one]).await.contains("Download"));
    terminal.refused(&["explain", &two]).await;
    let from = "2026-11-20T02:00:00Z";
    let said = terminal.ok(&["download", "480001", "--from", from, "--yes"]).await;
    assert!(said.contains(" done: 2 orders"), "{said}");
    assert_eq!(terminal.ok(&["download", "list"]).await.lines().count(), 3);
    assert!(terminal.ok(&["explain", &two]).await.contains("Download"));
    terminal.ok(&["shop", "pause", "480001"]).await;
    let paused = terminal.refused(&["download", "480001", "--orders", &one]).await;
    assert!(paused.contains("dermaga shop resume"), "{paused}");
}

#[tokio::test]
async fn commands_go_to_the_channel_and_say_what_came_of_them() {
    let terminal = Terminal::stocked().await;
    let (one, two) = (terminal.order(2).await, terminal.order(1).await);
    let said = terminal.ok(&["order", "accept", &one]).await;
    assert!(
        said.starts_with(&format!("{one} ord_")) && said.ends_with(": accept: done\n"),
        "{said}"
    );
    assert!(terminal.ok(&["explain", &one]).await.contains("INV-"), "the order was read again");

    // What fails stands first, whatever the order of the arguments.
    let (said, error) = terminal.type_in(&["order", "accept", &two, &one, "nowhere"]).await;
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(error.as_deref(), Some("2 of 3 did not go well"), "{said}");
    assert!(lines[0].contains("status 400 does not allow it (DMG-0701)"), "{said}");
    assert!(lines[1].contains("there is no order nowhere"), "{said}");
    assert!(lines[2].starts_with(&two) && lines[2].ends_with("accept: done"), "{said}");

    let said = terminal.type_in(&["order", "cancel", &two, "--reason", "5"]).await;
    assert!(said.0.contains("reason_text is needed (DMG-0704)") && said.1.is_some(), "{said:?}");
    let words = ["--reason", "5", "--set", "reason_text=Barang rusak"];
    let said = terminal.ok(&[&["order", "cancel", &two], &words[..]].concat()).await;
    assert!(said.ends_with("cancel: done\n"), "{said}");

    let said = terminal.ok(&["order", "pickup", &one, "--no-wait"]).await;
    assert!(said.ends_with("pickup: waiting\n"), "{said}");
    terminal.ok(&["order", "label", &one, "--out", "label.html"]).await;
    let file = terminal.app.folder.path().join("label.html");
    let label = std::fs::read_to_string(&file).unwrap();
    // It names the buyer where the person wanted it; nothing else that is left behind may.
    std::fs::remove_file(file).unwrap();
    assert!(label.contains(&one), "{label}");
}

#[tokio::test]
async fn lines_are_named_with_their_quantities() {
    let terminal = Terminal::stocked().await;
    let order = terminal.order(3).await;
    let line = terminal.app.detail(&order).await.unwrap().order.lines.remove(0).id;
    let too_many = format!("{line}=4");
    let (said, _) = terminal.type_in(&["order", "partial", &order, "--line", &too_many]).await;
    assert!(said.contains("a line or quantity is not of this order (DMG-0704)"), "{said}");
    let fewer = format!("{line}=1");
    let said = terminal.ok(&["order", "partial", &order, "--line", &fewer]).await;
    assert!(said.ends_with("partial: done\n"), "{said}");
    let wrong = terminal.refused(&["order", "partial", &order, "--line", "lin_1=many"]).await;
    assert!(wrong.contains("\"many\" is no quantity"), "{wrong}");
}
