//! What a person says about a document outranks the channel, until they let go of it.

use dermaga_domain::order::ActKind;
use dermaga_testkit::{App, Setup, both};
use serde_json::json;

const SKU: &str = "GAYO-250";

async fn accepted(app: &App) -> String {
    app.stock(SKU, 10).await.unwrap();
    let id = app.place(SKU, 3, true).unwrap();
    app.hear().await.unwrap();
    app.advance(60);
    app.at_channel(&id, "accept", &json!({})).unwrap();
    app.hear().await.unwrap();
    app.advance(60);
    id
}

#[tokio::test]
async fn a_void_holds_against_new_facts_until_it_is_released() {
    both(Setup::of("tokopedia"), async |app| {
        let id = accepted(app).await;
        app.person(&id, ActKind::Void).await.unwrap();
        let said = app.said(&id).await.unwrap();
        assert_eq!(said, "invoice unsent unpaid bin ready_to_ship !differs_from_channel");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 0, 0));

        app.at_channel(&id, "ship", &json!({})).unwrap();
        app.hear().await.unwrap();
        let order = app.order(&id).await.unwrap();
        assert!(order.bin, "the person's word stands");
        assert!(order.attentions.iter().any(|word| word.as_str() == "differs_from_channel"));

        app.person(&id, ActKind::Release).await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "invoice sent unpaid in_delivery");
        assert_eq!(app.level(SKU).await.unwrap(), (7, 0, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn an_invoice_that_the_channel_cancelled_can_be_taken_out_of_the_bin() {
    both(Setup::of("tokopedia"), async |app| {
        let id = accepted(app).await;
        app.at_channel(&id, "cancel", &json!({"by": "buyer"})).unwrap();
        app.hear().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid bin cancelled");

        app.person(&id, ActKind::Restore).await.unwrap();
        let said = app.said(&id).await.unwrap();
        assert_eq!(said, "invoice unsent unpaid cancelled !differs_from_channel");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 3, 0, 0));
        // Reading the order again changes nothing about it.
        app.pull().await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), said);

        app.person(&id, ActKind::Release).await.unwrap();
        assert_eq!(app.said(&id).await.unwrap(), "invoice unsent unpaid bin cancelled");
        assert_eq!(app.level(SKU).await.unwrap(), (10, 0, 0, 0));
    })
    .await;
}
