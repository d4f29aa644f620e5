//! Connecting.

use dermaga_channel::Error;
use dermaga_domain::flow::{FlowFile, Preset};
use dermaga_domain::term::{About, ChannelStatus};
use serde_json::Value;

use crate::bench::entered;
use crate::every;

#[tokio::test]
async fn what_was_entered_is_accepted_or_refused() {
    every(async |bench| {
        let given = bench.control("GET", "credentials", &Value::Null);
        let token = bench.authorise(&bench.credentials).await.unwrap();
        assert!(token.expires_at > bench.now());

        let wrong = format!("{}0", bench.credentials.get(bench.profile.secret));
        let refused = entered(&given, Some((bench.profile.secret, &wrong)));
        let error = bench.authorise(&refused).await.unwrap_err();
        assert!(matches!(error, Error::AuthRefused { .. }), "{}: {error}", bench.profile.channel);

        // Nothing listens at port 1.
        let addresses = ["token_url", "site_url", "api_url"];
        let nowhere = addresses.into_iter().find(|name| {
            let asked = bench.channel.capabilities().credentials;
            asked.iter().any(|field| field.name == *name)
        });
        let nowhere = entered(&given, Some((nowhere.unwrap(), "http://127.0.0.1:1")));
        let error = bench.authorise(&nowhere).await.unwrap_err();
        assert!(matches!(error, Error::Temporary(_)), "{}: {error}", bench.profile.channel);
    })
    .await;
}

#[tokio::test]
async fn capabilities_are_complete_and_the_flow_knows_what_they_name() {
    every(async |bench| {
        let can = bench.channel.capabilities();
        let name = bench.profile.channel;
        assert!(can.orders_page_max > 0 && can.details_batch_max > 0, "{name}");
        assert!(can.rate.per_second > 0 && can.rate.burst > 0, "{name}");
        assert!(can.stock_batch_max != Some(0), "{name}");
        let worded = can.before.iter().chain([&can.shop_id]);
        let worded =
            worded.chain(can.credentials.iter().flat_map(|field| [&field.label, &field.help]));
        for words in worded {
            assert!(!words.english.is_empty() && !words.indonesian.is_empty(), "{name}: {words:?}");
        }
        let file = FlowFile::parse(name, bench.channel.flow_file()).unwrap();
        let flow = file.flow(Preset::Classic);
        assert_eq!(flow.channel.as_str(), name);
        for offer in can.offers {
            for status in offer.from {
                let known = flow.position(About::Order, &ChannelStatus::new(status));
                assert!(known.is_some(), "{name}: {} from {status}", offer.kind);
            }
        }
        for one in bench.profile.tries {
            assert!(can.offer(one.kind).is_some(), "{name}: {}", one.kind);
        }
    })
    .await;
}

#[tokio::test]
async fn over_tls_the_authority_of_the_shops_own_is_trusted_only_where_it_was_entered() {
    every(async |bench| {
        let Some(url) = bench.sandbox.secure_channel_url(bench.profile.channel) else { return };
        let given = bench.control("GET", "credentials", &Value::Null);
        let with = |authority: &str, secret: Option<&str>| {
            let mut given = given.clone();
            given["site_url"] = Value::from(url.as_str());
            given["certificate_authority"] = Value::from(authority);
            entered(&given, secret.map(|secret| (bench.profile.secret, secret)))
        };
        let authority = bench.sandbox.certificate_authority();
        let cases = [
            (with(authority, None), "ok"),
            (with("", None), "temporary"),
            (with("-----BEGIN NOTHING-----", None), "auth_refused"),
            (with(authority, Some("wrong")), "auth_refused"),
            // The other client is kept by its authority: what was trusted there is not trusted here.
            (with("", None), "temporary"),
        ];
        for (credentials, wanted) in cases {
            let told = bench.authorise(&credentials).await;
            let name = told.as_ref().map_or_else(Error::name, |_| "ok");
            assert_eq!(name, wanted, "{}: {told:?}", bench.profile.channel);
        }
    })
    .await;
}
