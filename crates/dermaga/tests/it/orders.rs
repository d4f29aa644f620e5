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
    assert!(said.starts_with("1 orders"), "{said}");
    assert!(terminal.ok(&["explain", &one]).await.contains("Download"));
    terminal.refused(&["explain", &two]).await;
    let from = "2026-11-20T02:00:00Z";
    let said = terminal.ok(&["download", "480001", "--from", from]).await;
    assert!(said.starts_with("2 orders"), "{said}");
    assert!(terminal.ok(&["explain", &two]).await.contains("Download"));
    terminal.ok(&["shop", "pause", "480001"]).await;
    let paused = terminal.refused(&["download", "480001", "--orders", &one]).await;
    assert!(paused.contains("dermaga shop resume"), "{paused}");
}
