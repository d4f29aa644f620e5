//! What an answer means for who asked.
//!
//! The channel answers errors with HTTP 200 and a code in the body; what stands before it (gateways,
//! proxies) answers with statuses and pages. Codes are texts, some of them numbers, and are told apart by
//! them alone.

use dermaga_channel::Error;
use dermaga_channel::http::{Answer, seconds_in_header};
use dermaga_domain::time::Span;
use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::{Flag, Text, read, read_object};

/// The longest message of the channel that is kept, in characters.
const MESSAGE_LENGTH_MAX: usize = 200;
/// How long a service that is switched off for a campaign is left alone; the channel tells no end.
const CAMPAIGN_WAIT: Span = Span::minutes(10);

/// Too many requests, in the channel's words: of one seller to one endpoint, of the app, of the server.
const LIMITED: [&str; 3] = ["ApiCallLimit", "AppCallLimit", "901"];
/// Trouble that passes, of which it is not said whether the request had its effect.
const TROUBLE: [&str; 7] =
    ["ServiceTimeout", "ServiceUnavailable", "15", "6", "1000", "40011", "513"];
/// The token is dead.
const TOKEN: &str = "IllegalAccessToken";
/// The app or the seller may not do this; only a person can change that.
const REFUSED: [&str; 8] = [
    "IncompleteSignature",
    "InvalidAppKey",
    "InvalidTimestamp",
    "AppNotSubscribed",
    "MissingPartner",
    "SellerNotVerified",
    "SellerNotActive",
    "Mp3SellerApiLimit",
];
/// Only the seller's consent helps.
const CONSENT: [&str; 3] = ["InvalidCode", "IllegalRefreshToken", "AUTH_TYPE_UNSUPPORTED"];
/// What is asked for is not there: an order, of one endpoint and of another.
const UNKNOWN: [&str; 2] = ["16", "700021"];
/// The service is switched off during a campaign.
const CAMPAIGN: &str = "998";
/// A product could not be changed; the rows are named in `detail`.
pub(super) const UPDATE_FAILED: &str = "501";

/// Whether a request that got no proper answer may have had an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It has none.
    Read,
    /// It may have had its effect.
    Write,
}

/// What stands around every answer.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default)]
    code: Text,
    #[serde(default)]
    message: Text,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
    #[serde(default, borrow)]
    result: Option<&'a RawValue>,
}

/// What newer endpoints put around their data; the documents and their samples spell it differently.
#[derive(Deserialize)]
struct Outcome<'a> {
    #[serde(default)]
    success: Option<Flag>,
    #[serde(default, rename = "errorCode", alias = "error_code")]
    code: Text,
    #[serde(default, rename = "errorMsg", alias = "error_msg")]
    message: Text,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
}

/// What an answer brings: its `data`, or what is inside its `result`.
///
/// # Errors
/// What the channel refuses, by what to do about it.
pub(super) fn data(answer: &Answer, kind: Kind) -> Result<Box<RawValue>, Error> {
    let envelope = envelope(answer, kind)?;
    let Some(result) = envelope.result else {
        return Ok(envelope.data.map_or_else(|| RawValue::NULL.to_owned(), ToOwned::to_owned));
    };
    // A few endpoints answer with a list or a number.
    let Ok(outcome) = read_object::<Outcome<'_>>("result", result.get().as_bytes()) else {
        return Ok(result.to_owned());
    };
    let code = outcome.code.some().filter(|code| code != "0");
    if outcome.success == Some(Flag(false)) {
        return Err(error_of(kind, code.unwrap_or_default(), &outcome.message.0));
    }
    Ok(outcome.data.unwrap_or(result).to_owned())
}

/// The whole of an answer whose fields stand beside its code.
///
/// # Errors
/// As [`data`].
pub(super) fn whole(answer: &Answer, kind: Kind) -> Result<Box<RawValue>, Error> {
    envelope(answer, kind)?;
    read::<&RawValue>("answer", &answer.body).map(ToOwned::to_owned)
}

fn envelope(answer: &Answer, kind: Kind) -> Result<Envelope<'_>, Error> {
    let status = answer.status;
    if status == StatusCode::TOO_MANY_REQUESTS {
        let retry_after = seconds_in_header(&answer.headers, "retry-after");
        return Err(Error::RateLimited { retry_after });
    }
    let unanswered = |what: &str| no_answer(kind, &format!("HTTP {}, {what}", status.as_u16()));
    if !status.is_success() {
        return Err(unanswered("from before the channel"));
    }
    let envelope: Envelope<'_> =
        read_object("answer", &answer.body).map_err(|_| unanswered("not JSON"))?;
    match envelope.code.0.as_str() {
        "0" => Ok(envelope),
        "" => Err(unanswered("without a code")),
        code => Err(error_of(kind, code.to_owned(), &envelope.message.0)),
    }
}

/// Something else answered, or nobody: a read is asked again, a write may have had its effect.
fn no_answer(kind: Kind, said: &str) -> Error {
    match kind {
        Kind::Read => Error::Temporary(said.to_owned()),
        Kind::Write => Error::Unknown(said.to_owned()),
    }
}

/// A code of the channel's, as what to do about it.
fn error_of(kind: Kind, code: String, message: &str) -> Error {
    let is = |codes: &[&str]| codes.contains(&code.as_str());
    let message: String = message.chars().take(MESSAGE_LENGTH_MAX).collect();
    if is(&LIMITED) {
        return Error::RateLimited { retry_after: ban(&message) };
    }
    if code == CAMPAIGN {
        return Error::RateLimited { retry_after: Some(CAMPAIGN_WAIT) };
    }
    if code == TOKEN {
        return Error::AuthExpired;
    }
    if is(&TROUBLE) {
        return no_answer(kind, &code);
    }
    if is(&UNKNOWN) {
        return Error::NotFound;
    }
    if is(&CONSENT) {
        return Error::ConsentNeeded { code, message };
    }
    if is(&REFUSED) {
        return Error::AuthRefused { code, message };
    }
    let code = if code.is_empty() { "unnamed".to_owned() } else { code };
    Error::Rejected { code, message }
}

/// How long a ban lasts, as its text says: "this ban will last 1 seconds".
fn ban(message: &str) -> Option<Span> {
    let (_, after) = message.split_once("will last ")?;
    let (seconds, _) = after.split_once(" second")?;
    seconds.trim().parse().ok().filter(|&seconds: &i64| seconds >= 0).map(Span::seconds)
}

/// A row of a failed change of products.
#[derive(Deserialize)]
pub(super) struct FailedRow {
    #[serde(default)]
    pub(super) sku_id: Text,
    #[serde(default)]
    code: Text,
    #[serde(default)]
    message: Text,
}

impl FailedRow {
    /// What is wrong with it, in the channel's words.
    pub(super) fn said(&self) -> String {
        let message: String = self.message.0.chars().take(MESSAGE_LENGTH_MAX).collect();
        if message.is_empty() { self.code.0.clone() } else { message }
    }
}

/// The rows that a failed change of products names.
pub(super) fn failed_rows(answer: &Answer) -> Vec<FailedRow> {
    #[derive(Deserialize)]
    struct Failed {
        #[serde(default)]
        detail: Vec<FailedRow>,
    }
    read_object::<Failed>("answer", &answer.body)
        .map_or_else(|_| Vec::new(), |failed| failed.detail)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() }
    }

    fn names(status: u16, body: &str) -> [&'static str; 2] {
        let name =
            |kind| data(&answer(status, body), kind).map_or_else(|error| error.name(), |_| "ok");
        [name(Kind::Read), name(Kind::Write)]
    }

    fn code(code: &str) -> String {
        format!(r#"{{"code":"{code}","type":"ISV","message":"m","request_id":"0ba2"}}"#)
    }

    #[test]
    fn codes_say_what_to_do_whatever_the_status_of_http() {
        let both = |name| [name, name];
        let unclear = ["temporary", "unknown"];
        let cases = [
            ("0", both("ok")),
            ("ApiCallLimit", both("rate_limited")),
            ("AppCallLimit", both("rate_limited")),
            ("901", both("rate_limited")),
            ("998", both("rate_limited")),
            ("IllegalAccessToken", both("auth_expired")),
            ("IncompleteSignature", both("auth_refused")),
            ("InvalidAppKey", both("auth_refused")),
            ("SellerNotActive", both("auth_refused")),
            ("IllegalRefreshToken", both("consent_needed")),
            ("InvalidCode", both("consent_needed")),
            ("AUTH_TYPE_UNSUPPORTED", both("consent_needed")),
            ("ServiceTimeout", unclear),
            ("6", unclear),
            ("1000", unclear),
            ("40011", unclear),
            ("16", both("not_found")),
            ("700021", both("not_found")),
            ("700026", both("rejected")),
            ("4170", both("rejected")),
            ("MissingParameter", both("rejected")),
        ];
        for (said, wanted) in cases {
            assert_eq!(names(200, &code(said)), wanted, "{said}");
        }
        let others = [
            (429, String::new(), both("rate_limited")),
            (502, "<html>".to_owned(), unclear),
            (200, "<html>".to_owned(), unclear),
            (200, r#"{"data":{}}"#.to_owned(), unclear),
            (200, code("0").chars().take(20).collect(), unclear),
        ];
        for (status, body, wanted) in others {
            assert_eq!(names(status, &body), wanted, "{status} {body}");
        }
    }

    #[test]
    fn newer_answers_have_their_outcome_inside() {
        let json = |result: &str| {
            let body = format!(r#"{{"code":"0","result":{result},"request_id":"0ba2"}}"#);
            data(&answer(200, &body), Kind::Write)
        };
        let good = r#"{"success":true,"errorCode":null,"errorMsg":null,"data":{"x":1}}"#;
        assert_eq!(json(good).unwrap().get(), r#"{"x":1}"#);
        let without = r#"{"success":true,"page_no":1,"items":[]}"#;
        assert_eq!(json(without).unwrap().get(), without);
        for spelt in [("errorCode", "errorMsg"), ("error_code", "error_msg")] {
            let failed = format!(
                r#"{{"success":false,"{}":"700027","{}":"fulfilled by the channel"}}"#,
                spelt.0, spelt.1
            );
            let Error::Rejected { code, message } = json(&failed).unwrap_err() else { panic!() };
            assert_eq!((&*code, &*message), ("700027", "fulfilled by the channel"));
        }
        assert_eq!(json(r#"{"success":"false"}"#).unwrap_err().name(), "rejected");
    }

    #[test]
    fn a_ban_lasts_as_long_as_its_text_says() {
        let said = "Api access frequency exceeds the limit. this ban will last 3 seconds";
        assert_eq!(ban(said), Some(Span::seconds(3)));
        assert_eq!(ban("Limit service request speed in server side temporarily."), None);
    }
}
