//! `dermaga flow`.

use crate::terminal::Terminal;

#[tokio::test]
async fn the_classic_flow_of_tokopedia_is_printed_as_csv() {
    let terminal = Terminal::start().await;
    let csv = terminal.ok(&["flow", "show", "tokopedia", "--format", "csv"]).await;
    insta::assert_snapshot!("tokopedia_classic", csv);
    let by_name = ["flow", "show", "tokopedia", "--preset", "classic", "--format", "csv"];
    assert_eq!(terminal.ok(&by_name).await, csv);
    let of_shop = ["flow", "show", "tokopedia", "--shop", "480001", "--format", "csv"];
    assert_eq!(terminal.ok(&of_shop).await, csv);
}

#[tokio::test]
async fn json_and_table_have_a_row_for_each_rule() {
    let terminal = Terminal::start().await;
    let csv = terminal.ok(&["flow", "show", "lazada", "--format", "csv"]).await;
    let json = terminal.ok(&["flow", "show", "lazada", "--format", "json"]).await;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let table = terminal.ok(&["flow", "show", "lazada", "--format", "table"]).await;
    assert_eq!(csv.lines().count(), rows.len() + 1);
    assert_eq!(table.lines().count(), rows.len() + 1);
    assert!(rows.iter().all(|row| row["realtime"].is_boolean()));
}

/// The shop's flow with one cell changed: what was shipped is paid as well.
async fn edited(terminal: &Terminal) -> String {
    let show = ["flow", "show", "tokopedia", "--shop", "480001", "--format", "toml"];
    let toml = terminal.ok(&show).await;
    let at = toml.find("status = \"500\"").unwrap();
    let (before, after) = toml.split_at(at);
    let after = after.replacen("\"sent\"", "\"sent\", \"paid\"", 1);
    format!("{before}{after}")
}

#[tokio::test]
async fn an_edit_is_tried_first_and_then_kept_for_new_or_open_orders() {
    let mut terminal = Terminal::stocked().await;
    let order = terminal.order(2).await;
    terminal.act(&order, "accept").await;
    terminal.act(&order, "ship").await;
    let toml = edited(&terminal).await;
    terminal.file("flow.toml", &toml);

    let tried = terminal.ok(&["flow", "edit", "480001", "--file", "flow.toml"]).await;
    assert!(tried.starts_with("1 of 1 orders of the last 30 days would end elsewhere."), "{tried}");
    assert!(tried.contains(&order) && tried.contains("Nothing was changed."), "{tried}");
    let paid = |text: &str| text.lines().next().unwrap().contains(", paid");
    assert!(!paid(&terminal.ok(&["explain", &order]).await));

    let dry =
        terminal.ok(&["flow", "dry-run", "480001", "--file", "flow.toml", "--days", "7"]).await;
    assert!(dry.starts_with("1 of 1 orders of the last 7 days"), "{dry}");

    let what_if = terminal.ok(&["explain", &order, "--what-if", "flow.toml"]).await;
    let said = "Under the flow.toml flow this order would be otherwise: Payment: Paid.";
    assert!(what_if.contains(said), "{what_if}");
    let same = terminal.ok(&["explain", &order, "--what-if", "classic"]).await;
    assert!(same.contains("Under the classic flow this order would be the same."), "{same}");

    let edit = ["flow", "edit", "480001", "--file", "flow.toml", "--apply-to"];
    let kept = terminal.ok(&[&edit[..], &["new"]].concat()).await;
    assert!(kept.contains("\n0 orders were judged again."), "{kept}");
    assert!(!paid(&terminal.ok(&["explain", &order]).await));

    let kept = terminal.ok(&[&edit[..], &["open"]].concat()).await;
    assert!(kept.contains("\n1 orders were judged again."), "{kept}");
    assert!(paid(&terminal.ok(&["explain", &order]).await));
    let again = terminal.ok(&[&edit[..], &["open"]].concat()).await;
    assert!(again.starts_with("0 of 1 orders"), "{again}");

    let doctor = terminal.ok(&["doctor", "--invariants"]).await;
    assert!(doctor.contains("0 found"), "{doctor}");
}

#[tokio::test]
async fn a_wrong_flow_names_file_line_and_page_and_changes_nothing() {
    let mut terminal = Terminal::start().await;
    let toml = edited(&terminal).await.replacen("\"sent\", \"paid\"", "\"sent\", \"payed\"", 1);
    terminal.file("flow.toml", &toml);
    let edit = ["flow", "edit", "480001", "--file", "flow.toml", "--apply-to", "new"];
    let error = terminal.refused(&edit).await;
    assert!(error.starts_with("flow.toml:") && error.ends_with("(DMG-0401)"), "{error}");
    assert!(error.contains("payed"), "{error}");
    assert!(terminal.ok(&["shop", "list"]).await.contains("classic"));
}

#[tokio::test]
async fn a_dry_run_of_a_preset_changes_nothing() {
    let terminal = Terminal::stocked().await;
    terminal.order(1).await;
    let before = terminal.ok(&["shop", "list"]).await;
    let dry = terminal.ok(&["flow", "dry-run", "480001", "--preset", "classic"]).await;
    assert_eq!(dry, "0 of 1 orders of the last 30 days would end elsewhere.\n");
    assert_eq!(terminal.ok(&["shop", "list"]).await, before);
}
