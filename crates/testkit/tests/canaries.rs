//! Secrets and buyer data that come in are found again by those who may see them, and by nobody else:
//! not in logs, metrics, answers, addresses, nor in the files of the database.
//!
//! Alone in its program, because it keeps everything that the process logs.
#![expect(clippy::unwrap_used, reason = "a story ends at the first surprise")]

use dermaga_channel::http::Client;
use dermaga_channel::sign::hmac_sha256;
use dermaga_domain::id::MessageId;
use dermaga_domain::order::Buyer;
use dermaga_domain::time::Span;
use dermaga_engine::Connect;
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::read::accounts::{BearerToken, READ};
use dermaga_store::stock::{OpeningRow, parse_opening};
use dermaga_store::{Connection, Secret};
use dermaga_testkit::canaries::{PLANTED, search};
use dermaga_testkit::{App, Backend, Failure, Logs, ROLE_PASSWORD, Setup, WEBHOOK_SECRET, fields};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _, LineEnding};
use serde_json::{Value, json};

const NAME: &str = "Kenari Rahasia";
const PHONE: &str = "6281200000777";
const EMAIL: &str = "kenari@pembeli.example.test";
const ADDRESS: &str = "Jl. Contoh 77";
const NOTE: &str = "titip di warung Bu Kenari";
const LOGIN: &str = "pemilik";
const PASSWORD: &str = "the-password-of-a-test";
const WRONG: &str = "kenari-that-nobody-knows";
const API_KEY: [u8; 32] = *b"kenari-secret-of-an-api-key-here";
const SESSION: [u8; 32] = *b"kenari-secret-of-a-session-here!";
/// In clear by its nature: what a search that works finds.
const CONTROL: &str = "KENARI-TERBUKA";
/// The app's key that a channel encrypts buyers for; invented.
const PRIVATE_KEY: &str =
    include_str!("../../channels/src/tokopedia/fixtures/invented_key_pkcs8.pem");

/// Everything that must be found nowhere.
fn canaries() -> Vec<String> {
    let own = [NAME, PHONE, EMAIL, ADDRESS, NOTE, PASSWORD, WRONG, WEBHOOK_SECRET, ROLE_PASSWORD];
    let mut all: Vec<String> = own.iter().chain(&PLANTED).map(|&text| text.to_owned()).collect();
    for secret in [API_KEY, SESSION] {
        all.push(String::from_utf8_lossy(&secret).into_owned());
    }
    // Each line of the key, as it stands in the file.
    all.extend(PRIVATE_KEY.lines().filter(|line| line.len() == 64).map(str::to_owned));
    all
}

/// Somebody who asks over HTTP, with what they were answered.
struct Visitor {
    client: Client,
    url: String,
    answers: String,
}

impl Visitor {
    async fn ask(&mut self, method: &str, path: &str, with: &[(&str, &str)], body: &str) -> u16 {
        let url = format!("{}{path}", self.url);
        let mut request = self.client.request(method.parse().unwrap(), &url);
        for (name, value) in with {
            request = request.header(*name, *value);
        }
        let answer = request.body(body.to_owned()).send().await.unwrap();
        let status = answer.status().as_u16();
        if path != "/live" {
            self.answers.push_str(&answer.text().await.unwrap());
        }
        status
    }

    async fn get(&mut self, path: &str, with: (&str, &str)) -> u16 {
        self.ask("GET", path, &[with], "").await
    }
}

/// A buyer places an order with everything of theirs in it; the hub reads it.
async fn order(app: &App) -> String {
    let buyer = json!({"name": NAME, "phone": PHONE, "email": EMAIL, "address": ADDRESS});
    let lines = json!([{"sku": "GAYO-250", "quantity": 1, "note": NOTE}]);
    let placed = app.channel("POST", "orders", &json!({"lines": lines, "buyer": buyer})).unwrap();
    app.hear().await.unwrap();
    app.pull().await.unwrap();
    placed["order_id"].as_str().unwrap().to_owned()
}

/// The order is complained about in the buyer's words.
async fn complain(app: &App, id: &str) {
    for act in ["accept", "ship", "deliver"] {
        app.advance(60);
        app.at_channel(id, act, &json!({})).unwrap();
    }
    let words = format!("rusak, hubungi {NAME} {PHONE}, {ADDRESS}");
    app.at_channel(id, "return", &json!({"reason": words})).unwrap();
    app.hear().await.unwrap();
    app.pull().await.unwrap();
}

async fn connection(app: &App) -> Connection {
    app.engine.store().connections(app.org, None).await.unwrap().remove(0)
}

/// From now on the channel encrypts buyers for the app's key, which the hub has.
async fn encrypt(app: &App) {
    let connection = connection(app).await;
    let mut given: Value = serde_json::from_str(&connection.credentials.0).unwrap();
    given["private_key"] = json!(PRIVATE_KEY);
    let store = app.engine.store();
    store
        .set_credentials(app.org, connection.id, (&Secret(given.to_string()), None), Giver::Machine)
        .await
        .unwrap();
    let key = RsaPrivateKey::from_pkcs8_pem(PRIVATE_KEY).unwrap().to_public_key();
    let key = key.to_public_key_pem(LineEnding::LF).unwrap();
    let form = format!(
        "--xyz\r\nContent-Disposition: form-data; name=\"public_key\"; filename=\"k.pem\"\r\n\r\n\
         {key}\r\n--xyz--\r\n"
    );
    let token: Value = serde_json::from_str(&connection.token.unwrap().0).unwrap();
    let url = format!("{}/v1/fs/14999/register?upload=1", given["api_url"].as_str().unwrap());
    let request = Client::build().unwrap().request("POST".parse().unwrap(), &url);
    let request = request.bearer_auth(token["shared"]["access"].as_str().unwrap()).body(form);
    assert!(request.send().await.unwrap().status().is_success());
}

/// Webhooks that are no use: malformed, unsigned, to nowhere.
async fn knock(app: &App) {
    let cut = format!(r#"{{"shop_id": 480001, "customer": {{"name": "{NAME}", "phone": "{PHONE}""#);
    let odd = format!(r#"{{"shop_id": 480001, "order_id": ["{NAME}"], "{ADDRESS}": "{PHONE}"}}"#);
    for body in [cut.as_str(), odd.as_str()] {
        let signature = hex::encode(hmac_sha256(WEBHOOK_SECRET.as_bytes(), body.as_bytes()));
        let signed = [("authorization-hmac", signature.as_str())];
        assert_eq!(app.post("order_status", &signed, body.as_bytes()).await.unwrap(), 200);
        let wrong = [("authorization-hmac", WRONG)];
        assert_eq!(app.post("order_status", &wrong, body.as_bytes()).await.unwrap(), 401);
    }
    let pending = app.engine.store().pending(app.org, MessageId(i64::MIN), 10).await.unwrap();
    let kept =
        |body: &str| pending.iter().any(|kept| kept.body.as_deref().ok() == Some(body.as_bytes()));
    assert!(kept(&cut) && kept(&odd), "they were kept to the byte");
    app.engine.settle().await.unwrap();
}

/// Everything goes wrong once: answers, tokens, credentials, an address where nobody is.
async fn trouble(app: &App) {
    for fault in ["server_error", "html_body", "cut_body", "rate_limited", "token_expiry"] {
        let profile = json!({"shop_id": 480001, "probability": {fault: 1}, "limit": {fault: 3}});
        app.set_faults(&profile).unwrap();
        app.pull().await.unwrap();
    }
    app.set_faults(&json!({"shop_id": 480001})).unwrap();
    let given = app.channel("GET", "credentials", &Value::Null).unwrap();
    for (field, value) in
        [("client_secret", WRONG), ("_url", "http://127.0.0.1:1/the-password-of-a-test")]
    {
        let mut fields = fields(&given);
        let changed = fields.iter_mut().filter(|(name, _)| name.ends_with(field));
        changed.for_each(|(_, secret)| secret.0 = value.to_owned());
        let new = Connect { channel: "tokopedia".to_owned(), name: "Toko".to_owned(), fields };
        let refused = app.engine.connect(app.org, new).await.unwrap_err();
        assert!(refused.code().is_some() && !refused.to_string().contains(value), "{refused}");
    }
    app.advance(Span::days(1).0.div_euclid(1_000_000).try_into().unwrap());
    app.pull().await.unwrap();
}

/// Opening stock with a person's data in the wrong columns.
async fn stock_taken_from_a_strange_file(app: &App) {
    app.stock(CONTROL, 1).await.unwrap();
    let text =
        format!("sku,name,warehouse,quantity\nA,{NAME},Gudang,{PHONE}x\nB,{NAME},{ADDRESS},1\n");
    let file = parse_opening(&text);
    assert_eq!((file.errors.len(), file.rows.len()), (1, 1));
    let rows: Vec<OpeningRow> = file.rows;
    let opened = app.engine.store().import_opening(app.org, rows, None).await.unwrap();
    assert!(matches!(opened[0], dermaga_store::stock::Opened::Refused(_)), "{opened:?}");
}

/// Every page and every address of the API, by the owner, by a program, and by strangers.
async fn visit(app: &App, orders: &[String]) -> String {
    let store = app.engine.store();
    let hash = dermaga_web::hash_password(PASSWORD).unwrap();
    let account = store.create_owner(app.org, LOGIN, "Pemilik", &hash).await.unwrap();
    let (key, session) = (BearerToken::new(app.org, API_KEY), BearerToken::new(app.org, SESSION));
    store.create_api_key(&key, "uji", READ).await.unwrap();
    store.create_session(&session, account, app.engine.now().plus(Span::days(1))).await.unwrap();
    let cookie = format!("__Host-dermaga={}", session.reveal());
    let bearer = format!("Bearer {}", key.reveal());
    let wrong = format!("Bearer {}", BearerToken::new(app.org, [7; 32]).reveal());
    let (url, client) = (app.public_url(), Client::build().unwrap());
    let mut visitor = Visitor { client, url, answers: String::new() };

    let mut pages: Vec<String> = ["/orders", "/orders?tab=completed", "/bin", "/stock"]
        .into_iter()
        .chain(["/flows/tokopedia", "/log", "/live", "/login", "/healthz", "/readyz", "/metrics"])
        .map(str::to_owned)
        .collect();
    let mut api: Vec<String> =
        ["/openapi.json", "/orders", "/stock-levels", "/exchanges", "/flows/tokopedia", "/feed"]
            .map(str::to_owned)
            .to_vec();
    for order in orders {
        let id = app.order(order).await.unwrap().id;
        pages.push(format!("/orders/{id}"));
        api.extend(["", "/documents", "/explain"].map(|part| format!("/orders/{id}{part}")));
    }
    for page in &pages {
        let status = visitor.get(page, ("cookie", &cookie)).await;
        assert!(status == 200 || (page == "/login" && status == 303), "{page}: {status}");
        visitor.get(page, ("cookie", "__Host-dermaga=dmg_1_x")).await;
    }
    assert!(visitor.answers.contains("K*** R***"), "the owner sees the buyer masked");
    for path in &api {
        let path = format!("/api/v1{path}");
        assert_eq!(visitor.get(&path, ("authorization", &bearer)).await, 200, "{path}");
        visitor.get(&path, ("authorization", &wrong)).await;
        visitor.get(&path, ("authorization", &format!("Basic {WRONG}"))).await;
    }
    log_in(&mut visitor).await;
    let answers = std::mem::take(&mut visitor.answers);
    stray(&mut visitor, &cookie).await;
    answers
}

/// The right password, then wrong ones.
async fn log_in(visitor: &mut Visitor) {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let site = ("sec-fetch-site", "same-origin");
    let right = format!("account={LOGIN}&password={PASSWORD}");
    assert_eq!(visitor.ask("POST", "/login", &[form, site], &right).await, 303);
    let wrong = format!("account={LOGIN}&password={WRONG}");
    assert_eq!(visitor.ask("POST", "/login", &[form, site], &wrong).await, 401);
}

/// Addresses that hold what they should not. A page may repeat to who asked what they asked for, so
/// these answers are not searched; what is left of them elsewhere is.
async fn stray(visitor: &mut Visitor, cookie: &str) {
    let phone = format!("/{PHONE}");
    for path in [
        "/webhooks/kenari-that-nobody-knows/6281200000777",
        "/api/v1/orders?cursor=kenari-that-nobody-knows",
        "/api/v1/feed?after=kenari-that-nobody-knows&token=the-password-of-a-test",
        "/orders?q=6281200000777",
        "/orders?q=Kenari%20Rahasia&tab=Jl.%20Contoh%2077",
        "/orders/kenari-that-nobody-knows",
        "/log?after=6281200000777",
        "/flows/kenari-that-nobody-knows",
        "/login?next=/x%3Ftoken=the-password-of-a-test",
        phone.as_str(),
    ] {
        for method in ["GET", "POST"] {
            let status = visitor.ask(method, path, &[("cookie", cookie)], WRONG).await;
            assert!(status < 500, "{method} {path}: {status}");
        }
    }
}

/// Whoever may see them finds every one of them.
async fn all_came_in(app: &App, orders: &[String]) {
    let scope = Scope::all(app.org);
    for order in orders {
        let id = app.order(order).await.unwrap().id;
        let buyer: Buyer =
            app.engine.store().buyers(&scope, &[id]).await.unwrap().remove(&id).unwrap();
        let said = [&buyer.name, &buyer.phone, &buyer.email, &buyer.address, &buyer.note];
        assert_eq!(said, [NAME, PHONE, EMAIL, ADDRESS, NOTE], "order {order}");
    }
    let connection = connection(app).await;
    let given: Value = serde_json::from_str(&connection.credentials.0).unwrap();
    assert_eq!(given["webhook_secret"], WEBHOOK_SECRET);
    assert_eq!(given["client_secret"], "sandbox-secret-not-a-real-one");
    assert_eq!(given["private_key"], PRIVATE_KEY);
    assert!(connection.token.unwrap().0.contains("c:SBXTOKEN"));
}

/// What was left in a folder that should not have been.
fn searched(app: &App, logs: &str, answers: &str) -> Result<Vec<String>, Failure> {
    let left = tempfile::TempDir::new()?;
    app.leave(left.path())?;
    std::fs::write(left.path().join("logs"), logs)?;
    std::fs::write(left.path().join("answers"), answers)?;
    let calls = app.channel("GET", "calls?limit=10000", &Value::Null)?;
    std::fs::write(left.path().join("addresses"), calls.to_string())?;
    assert!(logs.contains(r#""level":"TRACE""#), "everything that can be logged is logged");
    let open = search(left.path(), [CONTROL])?;
    assert!(open.len() >= 2, "what lies open is found in the database and in an answer: {open:?}");
    for part in ["logs", "addresses", "metrics"] {
        assert!(std::fs::metadata(left.path().join(part))?.len() > 100, "{part} is empty");
    }
    let mut places = search(left.path(), canaries().iter().map(String::as_str))?;
    let tells = |line: &&str| canaries().iter().any(|canary| line.contains(canary));
    places.extend(logs.lines().filter(tells).take(5).map(str::to_owned));
    Ok(places)
}

async fn story(backend: Backend, logs: &Logs) {
    let setup = Setup { token_seconds: 3_600, ..Setup::of("tokopedia") };
    let app = App::start_as(backend, setup).await.unwrap();
    app.stock("GAYO-250", 10).await.unwrap();
    stock_taken_from_a_strange_file(&app).await;
    let in_clear = order(&app).await;
    complain(&app, &in_clear).await;
    encrypt(&app).await;
    let encrypted = order(&app).await;
    knock(&app).await;
    trouble(&app).await;
    let orders = [in_clear, encrypted];
    all_came_in(&app, &orders).await;
    let answers = visit(&app, &orders).await;
    let places = searched(&app, &logs.text(), &answers).unwrap();
    assert!(places.is_empty(), "{backend:?}: in clear:\n{}", places.join("\n"));
}

#[tokio::test]
async fn what_is_secret_lies_nowhere_in_clear() {
    let logs = Logs::keep_all().unwrap();
    for backend in Backend::ALL {
        story(backend, &logs).await;
    }
}
