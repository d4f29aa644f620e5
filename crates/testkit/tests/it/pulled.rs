//! Orders that are only pulled.

use dermaga_testkit::{App, Backend};
use serde_json::json;

#[tokio::test]
async fn an_order_is_pulled_from_paid_to_finished() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = App::start(backend, "tokopedia").await.unwrap();
        let placed = app
            .control(
                "POST",
                "/control/tokopedia/orders",
                &json!({"lines": [{"sku": "GAYO-250", "quantity": 2}], "paid": true}),
            )
            .unwrap();
        let id = placed["order_id"].as_str().map_or_else(|| placed["order_id"].to_string(), str::to_owned);
        app.advance(600);
        app.engine.settle().await.unwrap();
        eprintln!("{placed} {id}");
        for act in ["accept", "ship", "deliver", "complete"] {
            app.control("POST", &format!("/control/tokopedia/orders/{id}/{act}"), &json!({})).unwrap();
            app.advance(900);
            app.engine.settle().await.unwrap();
        }
        let tasks = app.engine.store().tasks(app.org, None).await.unwrap();
        for task in tasks { eprintln!("{task:?}"); }
        let calls = app.control("GET", "/control/tokopedia/calls", &json!(null)).unwrap();
        eprintln!("{}", calls["calls"].as_array().unwrap().iter().map(|c| format!("{c}\n")).collect::<String>());
        panic!("{:?}", app.engine.store().open_orders(app.org, app.shops[0]).await);
    }
}
