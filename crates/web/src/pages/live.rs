//! Hints of what changed: ids only, so that a page reads itself again.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use dermaga_domain::access::Permission;
use dermaga_domain::id::OrderId;
use dermaga_store::Waker;
use dermaga_store::read::Scope;
use futures_util::stream;

use crate::App;
use crate::person::Person;
use crate::refusal::Refusal;

/// How often the feed is looked at although nothing woke us.
const TICK: Duration = Duration::from_secs(2);
/// Changes in one hint.
const HINT_MAX: i64 = 500;

struct Watch {
    app: App,
    scope: Scope,
    waker: Waker,
    position: i64,
}

pub(super) async fn stream(
    State(app): State<App>,
    person: Result<Option<Person>, Refusal>,
) -> Response {
    let Ok(Some(person)) = person else { return StatusCode::UNAUTHORIZED.into_response() };
    if !person.may(Permission::SeeOrders) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let waker = app.store().wakeups();
    let Ok(position) = app.store().feed_end(&person.scope).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let watch = Watch { app, scope: person.scope, waker, position };
    let hints = stream::unfold(watch, |mut watch| async move {
        let hint = watch.next().await;
        Some((Ok::<_, Infallible>(hint), watch))
    });
    Sse::new(hints).keep_alive(KeepAlive::default()).into_response()
}

impl Watch {
    /// The next hint, however long it takes.
    async fn next(&mut self) -> Event {
        loop {
            // Whoever sees only some shops would otherwise read what is not theirs again and again.
            let end = self.app.store().feed_end(&self.scope).await;
            let changes = self.app.store().feed(&self.scope, self.position, HINT_MAX).await;
            match changes {
                Ok(changes) if !changes.is_empty() => {
                    if let Some(last) = changes.last() {
                        self.position = last.position;
                    }
                    let ids: Vec<String> = changes
                        .iter()
                        .map(|change| OrderId(change.subject_id).to_string())
                        .collect();
                    return Event::default().id(self.position.to_string()).data(ids.join(" "));
                }
                Ok(_) => self.position = self.position.max(end.unwrap_or(self.position)),
                Err(error) => tracing::warn!(error = %error, "feed not read"),
            }
            tokio::select! {
                () = self.waker.woken() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }
}
