//! Complaints: the documents stay, and a person is told to look.

use dermaga_domain::term::Returned;
use dermaga_testkit::{Setup, both};
use serde_json::json;

const SKU: &str = "GAYO-250";

#[tokio::test]
async fn a_return_leaves_the_documents_as_they_are() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        for act in ["accept", "ship", "deliver"] {
            app.advance(60);
            app.at_channel(&id, act, &json!({})).unwrap();
        }
        app.hear().await.unwrap();
        let documents = app.order(&id).await.unwrap().documents;
        app.advance(60);
        app.at_channel(&id, "return", &json!({"reason": "Barang rusak"})).unwrap();
        app.pull().await.unwrap();
        let order = app.order(&id).await.unwrap();
        let said = dermaga_testkit::said_of(&order);
        assert_eq!(said, "invoice sent unpaid complained !return_edit");
        assert_eq!(order.returned, Returned::Open);
        assert_eq!(order.documents, documents);
        assert_eq!(app.level(SKU).await.unwrap(), (8, 0, 0, 0));

        app.advance(60);
        app.at_channel(&id, "complete", &json!({})).unwrap();
        app.hear().await.unwrap();
        let order = app.order(&id).await.unwrap();
        assert!(dermaga_testkit::said_of(&order).starts_with("invoice sent paid"));
    })
    .await;
}

#[tokio::test]
async fn a_complaint_that_is_closed_lets_the_order_go_back_to_its_tab() {
    both(Setup::of("tokopedia"), async |app| {
        app.stock(SKU, 10).await.unwrap();
        let id = app.place(SKU, 2, true).unwrap();
        for act in ["accept", "ship", "deliver"] {
            app.advance(60);
            app.at_channel(&id, act, &json!({})).unwrap();
        }
        app.hear().await.unwrap();
        app.advance(60);
        app.at_channel(&id, "return", &json!({"reason": "Barang rusak"})).unwrap();
        app.pull().await.unwrap();
        assert_eq!(app.order(&id).await.unwrap().returned, Returned::Open);

        // Days later nothing is heard of the ticket but that it was closed.
        app.advance(3 * 86_400);
        app.at_channel(&id, "complete", &json!({})).unwrap();
        app.advance(60);
        app.pull().await.unwrap();
        let order = app.order(&id).await.unwrap();
        assert_eq!(order.returned, Returned::Closed);
        assert_eq!(dermaga_testkit::said_of(&order), "invoice sent paid completed");
        assert_eq!(app.level(SKU).await.unwrap(), (8, 0, 0, 0));
    })
    .await;
}
