//! The channel's envelopes and headers.

use std::time::Instant;

use serde_json::json;

use super::errors::{self, Error};
use super::routes::Reply;
use crate::rates::{Verdict, seconds_text};
use crate::serve::{Answer, Fate};

pub(super) fn ended(fate: Fate) -> Answer {
    let mut answer = Answer::json(500, "");
    answer.fate = fate;
    answer
}

pub(super) fn too_many(begun: Instant) -> Answer {
    refuse(errors::TOO_MANY, begun)
}

pub(super) fn render(reply: Reply, begun: Instant) -> Answer {
    match reply {
        Reply::Html(page) => Answer::html(200, page),
        Reply::Raw(status, body) => Answer::json(status, body.to_string()),
        Reply::Data(data) | Reply::Already(data) => {
            let words = "Your request has been processed successfully";
            let head = json!({"process_time": begun.elapsed().as_secs_f64(), "messages": words});
            let mut body = format!(r#"{{"header":{head},"data":"#).into_bytes();
            body.extend_from_slice(&data);
            body.push(b'}');
            Answer::json(200, body)
        }
    }
}

pub(super) fn refuse(error: Error, begun: Instant) -> Answer {
    let words = if error.status >= 500 {
        "Our server encounters an error, please try again later"
    } else {
        "We could not process your request due to malformed request, please check again"
    };
    let head = json!({
        "process_time": begun.elapsed().as_secs_f64(), "messages": words,
        "reason": error.reason, "error_code": error.code,
    });
    Answer::json(error.status, json!({"header": head, "data": null}).to_string())
}

/// Adds the four rate headers.
pub(super) fn with_rate(answer: Answer, verdict: &Verdict) -> Answer {
    let limit = verdict.limit;
    let reset = if verdict.reset_after_us == 0 {
        "-0.000000".to_owned()
    } else {
        seconds_text(verdict.reset_after_us)
    };
    answer
        .with_header(
            "x-ratelimit-limit",
            &format!("{} req/s (burst {})", limit.per_second, limit.burst),
        )
        .with_header("x-ratelimit-remaining", &verdict.remaining.to_string())
        .with_header("x-ratelimit-reset-after", &reset)
        .with_header("x-ratelimit-full-reset-after", &seconds_text(verdict.full_reset_after_us))
}
