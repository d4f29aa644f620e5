//! Requests: how they are put together and signed, and what comes back.

use dermaga_channel::http::Answer;
use dermaga_channel::{Call, Credentials, Error};
use http::{Method, header};
use secrecy::ExposeSecret;
use serde_json::value::RawValue;

use super::errors::{self, Kind};
use super::hosts;
use super::sign::{self, Params};

/// The media type of the parameters of a POST.
const FORM: &str = "application/x-www-form-urlencoded";

/// What a request says besides what every request says.
pub(super) type Said<'a> = &'a [(&'static str, &'a str)];

/// Asks for one shop.
pub(super) struct Client<'a> {
    pub(super) call: &'a Call<'a>,
    /// The address of its country, with `/rest`.
    base: String,
}

impl<'a> Client<'a> {
    pub(super) fn new(call: &'a Call<'a>) -> Result<Self, Error> {
        Ok(Self { call, base: hosts::of_shop(call)? })
    }

    /// Reads. It has no effect, so that one without an answer can be repeated.
    pub(super) async fn get(
        &self,
        endpoint: &'static str,
        path: &str,
        said: Said<'_>,
    ) -> Result<Box<RawValue>, Error> {
        let asked = (endpoint, Method::GET, path);
        let answer = self.send(asked, said).await.map_err(harmless)?;
        self.understood(&answer, Kind::Read)
    }

    /// Does something. Some of these are GET requests at this channel; none is ever repeated here.
    pub(super) async fn act(
        &self,
        asked: (&'static str, Method, &str),
        said: Said<'_>,
    ) -> Result<Box<RawValue>, Error> {
        let answer = self.send(asked, said).await?;
        self.understood(&answer, Kind::Write)
    }

    /// The same, and the answer as it came.
    pub(super) async fn send(
        &self,
        (endpoint, method, path): (&'static str, Method, &str),
        said: Said<'_>,
    ) -> Result<Answer, Error> {
        let token = Some(self.call.bearer()?);
        let params = signed(self.call, path, token, said)?;
        send(self.call, (endpoint, method, &format!("{}{path}", self.base)), &params).await
    }

    /// What an answer brings; one that did not go well is kept for the log.
    pub(super) fn understood(&self, answer: &Answer, kind: Kind) -> Result<Box<RawValue>, Error> {
        errors::data(answer, kind).inspect_err(|error| {
            self.call.http.note_outcome(error, Some(answer.body.clone()));
        })
    }
}

/// The parameters of a request with its signature. Blank ones are left out: the channel's own libraries
/// do not agree whether they are signed.
fn signed(
    call: &Call<'_>,
    path: &str,
    token: Option<&str>,
    said: Said<'_>,
) -> Result<Params, Error> {
    let (key, secret) = app(call.credentials)?;
    let millis = call.now.0.div_euclid(1_000).to_string();
    let every = [("app_key", key), ("timestamp", &*millis), ("sign_method", "sha256")];
    let token = token.map(|token| ("access_token", token));
    let all = every.into_iter().chain(token).chain(said.iter().copied());
    let filled = all.filter(|(_, value)| !value.is_empty());
    let mut params: Params = filled.map(|(name, value)| (name, value.to_owned())).collect();
    params.insert("sign", sign::sign(secret, path, &params));
    Ok(params)
}

/// The app's key and secret.
pub(super) fn app(credentials: &Credentials) -> Result<(&str, &str), Error> {
    let (key, secret) = (credentials.get("app_key").trim(), credentials.get("app_secret").trim());
    if key.is_empty() || secret.is_empty() {
        let message = "app_key and app_secret are needed".to_owned();
        return Err(Error::AuthRefused { code: "app_key".to_owned(), message });
    }
    Ok((key, secret))
}

async fn send(
    call: &Call<'_>,
    (endpoint, method, url): (&'static str, Method, &str),
    params: &Params,
) -> Result<Answer, Error> {
    let text = sign::encoded(params);
    let request = if method == Method::GET {
        call.http.request(method, &format!("{url}?{text}"))
    } else {
        call.http.request(method, url).header(header::CONTENT_TYPE, FORM).body(text)
    };
    call.http.send(endpoint, request).await
}

/// Asks for tokens: signed like every request, without a token, at a host of its own.
pub(super) async fn ask_tokens(
    call: &Call<'_>,
    path: &str,
    said: Said<'_>,
) -> Result<Box<RawValue>, Error> {
    let params = signed(call, path, None, said)?;
    let url = format!("{}/rest{path}", hosts::of_tokens(call.credentials));
    let answer = send(call, ("token", Method::POST, &url), &params).await.map_err(harmless)?;
    // The answer holds tokens, so that none of it is kept.
    errors::whole(&answer, Kind::Read).inspect_err(|error| call.http.note_outcome(error, None))
}

/// What renews the token of this call.
pub(super) fn renewing<'a>(call: &'a Call<'_>) -> Option<&'a str> {
    call.token?.refresh.as_ref().map(ExposeSecret::expose_secret)
}

/// A request without effect that got no answer: it can be repeated.
pub(super) fn harmless(error: Error) -> Error {
    if let Error::Unknown(why) = error { Error::Temporary(why) } else { error }
}
