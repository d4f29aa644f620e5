//! What waits for a seller's answer: taken once, where it was asked for, and in time.

use dermaga_domain::id::SessionId;
use dermaga_domain::time::Span;

use super::{Org, on_both};
use crate::{AskedConsent, Secret};

const HERE: SessionId = SessionId(7);

fn asked() -> AskedConsent {
    AskedConsent {
        session: HERE,
        connection: None,
        channel: "toy".to_owned(),
        name: "Toko".to_owned(),
        credentials: Secret(r#"{"secret":"rahasia"}"#.to_owned()),
    }
}

#[tokio::test]
async fn a_consent_is_taken_once_in_its_session_and_in_time() {
    on_both(async |org: Org| {
        let take = async |hash: &str, session| {
            org.store.take_consent(org.org, session, hash).await.unwrap()
        };
        for hash in ["once", "elsewhere", "late"] {
            org.store.keep_consent(org.org, hash, &asked()).await.unwrap();
        }
        let taken = take("once", HERE).await.unwrap();
        assert_eq!(taken.credentials, asked().credentials);
        assert_eq!((taken.channel.as_str(), taken.connection), ("toy", None));
        assert!(take("once", HERE).await.is_none(), "once");

        assert!(take("elsewhere", SessionId(8)).await.is_none(), "not in another session");
        assert!(take("elsewhere", HERE).await.is_none(), "and it is gone");

        org.clock.advance(Span::minutes(31));
        assert!(take("late", HERE).await.is_none(), "in time");
        assert!(take("never", HERE).await.is_none());
    })
    .await;
}
