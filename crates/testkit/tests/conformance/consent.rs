//! Consent: a seller lets the hub in with the browser, once for each code; tokens are renewed.

use dermaga_channel::{Asked, Error, Returned};
use dermaga_domain::time::Span;
use secrecy::ExposeSecret as _;

use crate::bench::Bench;
use crate::every;

/// The same law for the channels that ask the seller.
async fn every_asking(law: impl AsyncFn(&Bench, &dyn dermaga_channel::Consent)) {
    every(async |bench| {
        if let Some(consent) = bench.channel.consent() {
            law(bench, consent).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_is_taken_once_and_opens_the_sellers_shops() {
    every_asking(async |bench, consent| {
        let name = bench.profile.channel;
        let returned = bench.consented(consent, &bench.credentials).unwrap();
        let grant = bench.exchange(consent, &bench.credentials, &returned).await.unwrap();
        assert!(grant.shops.iter().any(|shop| shop.channel_shop_id == bench.shop), "{name}");
        let again = bench.exchange(consent, &bench.credentials, &returned).await.unwrap_err();
        assert!(matches!(again, Error::ConsentNeeded { .. }), "{name}: {again}");
        let nothing = Returned::new();
        let refused = bench.exchange(consent, &bench.credentials, &nothing).await.unwrap_err();
        assert!(matches!(refused, Error::ConsentNeeded { .. }), "{name}: {refused}");
    })
    .await;
}

#[tokio::test]
async fn without_what_is_entered_there_is_no_page() {
    every_asking(async |bench, consent| {
        let asked =
            Asked { back: "https://hub.example.test/consent", state: "s", now: bench.now() };
        let none = dermaga_channel::Credentials::default();
        let refused = consent.page(&none, &asked).unwrap_err();
        assert!(matches!(refused, Error::AuthRefused { .. }), "{}", bench.profile.channel);
    })
    .await;
}

#[tokio::test]
async fn a_token_is_renewed_until_the_seller_must_be_asked_again() {
    every_asking(async |bench, _| {
        let name = bench.profile.channel;
        let first = bench.token().await;
        assert!(first.renewable_until.is_some_and(|until| until > first.expires_at), "{name}");
        bench.advance(60);
        let second = bench.renew(&first).await.unwrap();
        assert_ne!(first.access.expose_secret(), second.access.expose_secret(), "{name}");
        assert!(second.expires_at > first.expires_at, "{name}");

        let call = bench
            .ask_with(&bench.credentials, None, async |call| bench.channel.authorise(call).await);
        let unasked = call.await.unwrap_err();
        assert!(matches!(unasked, Error::ConsentNeeded { .. }), "{name}: {unasked}");

        let until = second.renewable_until.unwrap();
        let left = until.since(bench.now()).0 / Span::seconds(1).0 + 1;
        bench.advance(u32::try_from(left).unwrap());
        let ended = bench.renew(&second).await.unwrap_err();
        assert!(matches!(ended, Error::ConsentNeeded { .. }), "{name}: {ended}");
    })
    .await;
}
