//! The door of an application under a test: one address that outlives the engine behind it.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::Request;
use dermaga_engine::Engine;
use dermaga_web::App;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use crate::Failure;

/// What answers at the address now.
type Behind = Arc<RwLock<Router>>;

/// A listening address; dropped, it answers no more.
#[derive(Debug)]
pub(crate) struct Front {
    address: SocketAddr,
    behind: Behind,
    server: JoinHandle<()>,
}

impl Front {
    /// Listens at a free port of the loopback; nothing is behind it yet.
    pub(crate) async fn listen() -> Result<Self, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let behind = Behind::default();
        let now = Arc::clone(&behind);
        let pass = move |request: Request| {
            let router = now.read().unwrap_or_else(PoisonError::into_inner).clone();
            router.oneshot(request)
        };
        let server = tokio::spawn(async move {
            // It ends with the test.
            drop(axum::serve(listener, Router::new().fallback(pass)).await);
        });
        Ok(Self { address, behind, server })
    }

    /// The address, as channels are told it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets an engine answer from now on.
    pub(crate) fn lead_to(&self, engine: &Engine) {
        let app = App::new(engine.clone(), dermaga_web::Settings::default(), counted());
        *self.behind.write().unwrap_or_else(PoisonError::into_inner) = dermaga_web::router(app);
    }

    /// Lets nobody answer: whoever comes is told that nothing is there.
    pub(crate) fn lead_nowhere(&self) {
        *self.behind.write().unwrap_or_else(PoisonError::into_inner) = Router::new();
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.server.abort();
    }
}

thread_local! {
    /// What was counted on this thread. A test has a thread of its own, and everything of it runs
    /// there, so that tests beside it do not count for it.
    static COUNTED: PrometheusHandle = {
        let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
        let handle = recorder.handle();
        // In force as long as the thread lives.
        std::mem::forget(metrics::set_default_local_recorder(recorder));
        handle
    };
}

/// What was counted so far.
pub(crate) fn counted() -> PrometheusHandle {
    COUNTED.with(PrometheusHandle::clone)
}
