//! What a person must look at and is not of one order: gaps that no pull can close, and the like.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use dermaga_domain::id::NoticeId;
use dermaga_store::Notice as Stored;
use dermaga_store::command::Giver;
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use super::key::{Actor, Reader};
use super::shapes::told;
use crate::App;

/// What a person must look at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Notice {
    /// `ntc_…`.
    id: String,
    /// The shop it is about: `shp_…`; none = the whole business.
    shop: Option<String>,
    /// The code of the page that explains it, under `docs/errors/`.
    code: String,
    /// What exactly.
    detail: String,
    /// When it was raised.
    at: String,
}

impl From<Stored> for Notice {
    fn from(notice: Stored) -> Self {
        Self {
            id: notice.id.to_string(),
            shop: notice.shop.map(|shop| shop.to_string()),
            code: notice.code,
            detail: notice.detail,
            at: told(notice.at),
        }
    }
}

/// What is open and not of one order, the oldest first, at most 200.
#[utoipa::path(get, path = "/api/v1/notices", tag = "attention",
    responses((status = 200, body = Vec<Notice>), (status = "default", body = Problem)))]
pub(crate) async fn list(
    State(app): State<App>,
    Reader(scope): Reader,
) -> Result<Json<Vec<Notice>>, Problem> {
    let open = app.store().notices(&scope).await?;
    Ok(Json(open.into_iter().map(Notice::from).collect()))
}

/// Says that somebody saw to it.
#[utoipa::path(post, path = "/api/v1/notices/{id}/close", tag = "attention",
    params(("id" = String, Path, description = "ntc_…")),
    responses((status = 204), (status = "default", body = Problem)))]
pub(crate) async fn close(
    State(app): State<App>,
    Actor { scope, key, .. }: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id: NoticeId = id.parse().map_err(|_| Problem::not_found())?;
    if app.store().close_notice(&scope, id, Giver::Key(key)).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found())
    }
}
