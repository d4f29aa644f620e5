//! A seller is asked at the channel's page, and the browser comes back.

use axum::http::StatusCode;
use dermaga_domain::id::ConnectionId;
use dermaga_domain::time::Time;
use dermaga_store::Connection;
use dermaga_store::read::accounts::BearerToken;

use crate::hub::{Answer, Hub};
use crate::shy::{CODE, OTHER_CODE};

async fn connections(hub: &Hub) -> Vec<Connection> {
    let all = hub.store.connections(hub.org, None).await.unwrap();
    all.into_iter().filter(|one| one.channel == "shy").collect()
}

/// The state in the address of the channel's page, as a hub's page links it.
fn state(page: &Answer) -> String {
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("https://shy.example.test/allow?app=3&"), "{}", page.body);
    let (_, rest) = page.body.split_once("state=").unwrap();
    rest.chars().take_while(char::is_ascii_alphanumeric).collect()
}

async fn ask(hub: &Hub) -> String {
    let form = "channel=shy&set.secret=abc";
    state(&hub.post("/shops/connect/consent", "same-origin", form).await)
}

async fn consented(hub: &Hub) -> ConnectionId {
    let back = hub.page(&format!("/consent?state={}&code={CODE}", ask(hub).await)).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    connections(hub).await.last().unwrap().id
}

#[tokio::test]
async fn a_shop_is_connected_with_the_sellers_consent() {
    let hub = Hub::start().await;
    let form = hub.page("/shops/connect?channel=shy").await;
    assert!(form.body.contains("/shops/connect/consent"), "{}", form.body);
    assert!(!form.body.contains("name=\"channel_shop_id\""), "no shop can be chosen yet");
    let lacking = hub.post("/shops/connect/consent", "same-origin", "channel=shy").await;
    assert_eq!(lacking.status, StatusCode::BAD_REQUEST);
    assert!(lacking.body.contains("#c-secret"), "{}", lacking.body);

    let state = ask(&hub).await;
    assert_eq!(state.len(), 64, "hard to guess");
    assert!(connections(&hub).await.is_empty(), "nothing is kept before the seller consents");
    let back = hub.page(&format!("/consent/{state}?code={CODE}")).await;
    let to = back.header("location").to_owned();
    assert!(to.starts_with("/shops/connect?channel=shy&connection=con_"), "{to} {}", back.body);
    let choose = hub.page(&to).await;
    for word in ["Toko satu (satu)", "Toko tiga (tiga)", "name=\"connection\""] {
        assert!(choose.body.contains(word), "{word}");
    }
    assert!(!choose.body.contains("set.secret"), "nothing is entered twice");

    let id = connections(&hub).await[0].id;
    let form = format!(
        "channel=shy&connection={id}&channel_shop_id=satu&name=Baru&warehouse=Gudang\
         &zone=Asia/Jakarta&preset=classic&from=&channel_warehouse="
    );
    let done = hub.post("/shops/connect", "same-origin", &form).await;
    assert!(done.header("location").ends_with("/first"), "{}", done.body);
    let choose = hub.page(&to).await;
    assert!(!choose.body.contains("Toko satu") && choose.body.contains("Toko tiga"));
    let shop = done.header("location").trim_end_matches("/first").to_owned();
    let page = hub.page(&shop).await;
    assert!(page.body.contains("penjual harus memberi izin lagi"), "{}", page.body);
    // The connection is there for a further shop, without asking again.
    let further = hub.page("/shops/connect?channel=shy").await;
    assert!(further.body.contains(&format!("channel=shy&connection={id}")), "{}", further.body);
}

#[tokio::test]
async fn an_answer_is_taken_once_and_where_it_was_asked_for() {
    let hub = Hub::start().await;
    let back = async |state: &str, code: &str| {
        hub.page(&format!("/consent?state={state}&code={code}")).await
    };
    let refused = |answer: &Answer, status: StatusCode, code: &str| {
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.body.contains(code), "{}", answer.body);
    };
    refused(&back("0123", CODE).await, StatusCode::NOT_FOUND, "DMG-0210");
    refused(&hub.page("/consent").await, StatusCode::NOT_FOUND, "DMG-0210");

    // The channel takes no such code; the state is gone with it.
    let state = ask(&hub).await;
    refused(&back(&state, "tidak").await, StatusCode::BAD_REQUEST, "DMG-0209");
    refused(&back(&state, CODE).await, StatusCode::NOT_FOUND, "DMG-0210");
    assert!(connections(&hub).await.is_empty());

    // Somebody else's session brings it back: a seller could be made to connect another's shop.
    let state = ask(&hub).await;
    let mine = hub.store.find_session(&BearerToken::new(hub.org, [3; 32])).await.unwrap();
    let account = mine.unwrap().account.id;
    let token = BearerToken::new(hub.org, [9; 32]);
    let until = Time(1_795_143_600_000_000);
    hub.store.create_session(&token, account, until).await.unwrap();
    let cookie = format!("dermaga={}", token.reveal());
    let other = hub.page_as(&cookie, &format!("/consent?state={state}&code={CODE}")).await;
    refused(&other, StatusCode::NOT_FOUND, "DMG-0210");
    assert!(connections(&hub).await.is_empty());
}

#[tokio::test]
async fn a_seller_is_asked_again_and_only_the_same_one_is_taken() {
    let hub = Hub::start().await;
    let id = consented(&hub).await;
    let form = format!(
        "channel=shy&connection={id}&channel_shop_id=tiga&name=Tiga&warehouse=Gudang\
         &zone=Asia/Jakarta&preset=classic&from=&channel_warehouse="
    );
    let done = hub.post("/shops/connect", "same-origin", &form).await;
    let shop = done.header("location").trim_end_matches("/first").to_owned();
    let settings = hub.page(&format!("{shop}/settings")).await;
    assert!(settings.body.contains(&format!("{shop}/consent")), "{}", settings.body);
    let ask =
        async |form: &str| state(&hub.post(&format!("{shop}/consent"), "same-origin", form).await);
    hub.store.set_trouble(hub.org, id, Some("DMG-0209")).await.unwrap();

    let state = ask("set.secret=xyz").await;
    let other = hub.page(&format!("/consent?state={state}&code={OTHER_CODE}")).await;
    assert!(other.body.contains("DMG-0210"), "{}", other.body);
    let kept = connections(&hub).await.remove(0);
    assert_eq!(kept.trouble.as_deref(), Some("DMG-0209"));
    assert!(kept.credentials.0.contains("abc"), "nothing of it is kept");

    let state = ask("set.secret=xyz").await;
    let same = hub.page(&format!("/consent?state={state}&code={CODE}")).await;
    assert_eq!(same.header("location"), format!("{shop}?told=shop-consented"), "{}", same.body);
    let kept = connections(&hub).await.remove(0);
    assert_eq!((kept.id, kept.trouble), (id, None));
    assert!(kept.credentials.0.contains("xyz") && kept.token.is_some());
    assert_eq!(connections(&hub).await.len(), 1);
}
