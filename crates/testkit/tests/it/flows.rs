//! Flows that are edited while orders are open.

use dermaga_domain::flow::{Effect, Flow, FlowFile, Preset};
use dermaga_domain::id::FlowVersionId;
use dermaga_store::apply::{Batch, Heard};
use dermaga_store::{NewFlowVersion, Shop};
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

const SKU: &str = "GAYO-250";

fn classic(app: &App) -> Flow {
    let channel = app.engine.registry().find("tokopedia").unwrap();
    FlowFile::parse("flow.toml", channel.flow_file()).unwrap().flow(Preset::Classic)
}

/// Saves an edit: new orders are judged by it.
async fn save(app: &App, flow: &Flow) -> FlowVersionId {
    let new = NewFlowVersion {
        channel: "tokopedia".to_owned(),
        preset: None,
        body: flow.to_toml(),
        by: None,
    };
    let store = app.engine.store();
    let version = store.create_flow_version(app.org, app.shops[0], new).await.unwrap();
    let shop = app.shop(app.shops[0]).await.unwrap();
    let shop = Shop { flow_version: version, ..shop };
    app.engine.change_shop(app.org, &shop).await.unwrap();
    version
}

/// A documented status without a rule is a mistake: such an edit is not kept.
async fn refused(app: &App, flow: &Flow) {
    let before = app.shop(app.shops[0]).await.unwrap().flow_version;
    let body = flow.to_toml();
    let new = NewFlowVersion { channel: "tokopedia".to_owned(), preset: None, body, by: None };
    let kept = app.engine.store().create_flow_version(app.org, app.shops[0], new).await;
    let reason = kept.unwrap_err().to_string();
    assert!(reason.contains("no rule covers \"400\""), "{reason}");
    assert_eq!(app.shop(app.shops[0]).await.unwrap().flow_version, before);
}

/// Judges an order by another version from now on.
async fn judge_by(app: &App, id: &str, version: FlowVersionId) {
    let mut heard = Heard::of(app.shops[0], id);
    heard.flow_version = Some(version);
    let batch = Batch { heard: vec![heard], ..Batch::new(app.org) };
    app.engine.store().apply(batch).await.unwrap();
    app.engine.settle().await.unwrap();
}

async fn shipped(app: &App) -> String {
    let id = app.place(SKU, 2, true).unwrap();
    for act in ["accept", "ship"] {
        app.advance(60);
        app.at_channel(&id, act, &json!({})).unwrap();
    }
    app.hear().await.unwrap();
    id
}

#[tokio::test]
async fn an_edit_judges_new_orders_and_those_that_are_named() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let open = shipped(app).await;
        let left = shipped(app).await;
        assert_eq!(app.said(&open).await.unwrap(), "invoice sent unpaid in_delivery");

        // In this shop, what is shipped is paid.
        let mut flow = classic(app);
        let rule = flow.rules.iter_mut().find(|rule| rule.status.as_str() == "500").unwrap();
        rule.ensures = rule.ensures.with(Effect::Paid);
        let version = save(app, &flow).await;
        let new = shipped(app).await;
        assert_eq!(app.said(&new).await.unwrap(), "invoice sent paid in_delivery");
        assert_eq!(app.said(&open).await.unwrap(), "invoice sent unpaid in_delivery");

        judge_by(app, &open, version).await;
        assert_eq!(app.said(&open).await.unwrap(), "invoice sent paid in_delivery");
        assert_eq!(app.order(&open).await.unwrap().flow_version, version);
        assert_eq!(app.said(&left).await.unwrap(), "invoice sent unpaid in_delivery");
        assert_eq!(app.level(SKU).await.unwrap(), (4, 0, 0, 0));

        // And back: judging again is a person's act, so a payment may fall.
        let back = save(app, &classic(app)).await;
        judge_by(app, &open, back).await;
        assert_eq!(app.said(&open).await.unwrap(), "invoice sent unpaid in_delivery");
        let documents = app.documents(&open).await.unwrap();
        assert_eq!(documents, ["delivery live", "invoice live", "payment withdrawn"]);
    })
    .await;
}

#[tokio::test]
async fn a_status_without_a_rule_is_unknown_and_stops_nothing() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let mut flow = classic(app);
        flow.rules.retain(|rule| rule.status.as_str() != "400");
        refused(app, &flow).await;
        for list in &mut flow.documented {
            list.statuses.retain(|status| status.as_str() != "400");
        }
        let removed = save(app, &flow).await;
        let id = app.place(SKU, 2, true).unwrap();
        app.hear().await.unwrap();
        app.advance(60);
        app.at_channel(&id, "accept", &json!({})).unwrap();
        app.hear().await.unwrap();
        let said = app.said(&id).await.unwrap();
        assert_eq!(said, "sales_order unsent unpaid new_order !unknown_status");
        assert_eq!(app.order(&id).await.unwrap().flow_version, removed);

        let again = save(app, &classic(app)).await;
        judge_by(app, &id, again).await;
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 2, 0, 0));
    })
    .await;
}

/// An order is first heard of in a status that nobody documented.
#[tokio::test]
async fn an_unknown_status_first() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, false).unwrap();
        app.advance(60);
        app.set_status(&id, "698").unwrap();
        app.hear().await.unwrap();
        let said = app.said(&id).await.unwrap();
        assert!(said.starts_with("none unsent unpaid"), "{said}");
        assert!(said.ends_with("!unknown_status"), "{said}");
        app.advance(60);
        app.set_status(&id, "400").unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid ready_to_ship");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 2, 0, 0));
    })
    .await;
}

/// An order that cannot be judged leaves nothing behind: its message waits as a dead letter.
#[tokio::test]
async fn what_cannot_be_judged_is_not_half_kept() {
    both(Setup::of("tokopedia"), async |app| {
        let mut heard = Heard::of(app.shops[0], "123");
        heard.flow_version = Some(FlowVersionId(7));
        let fact = dermaga_domain::order::Fact::of_order(
            "400",
            None,
            dermaga_domain::term::Mode::Realtime,
        );
        heard.facts = vec![fact];
        let batch = Batch { heard: vec![heard], ..Batch::new(app.org) };
        app.engine.store().apply(batch).await.unwrap_err();
        assert!(app.orders("123").await.unwrap().is_empty());
    })
    .await;
}
