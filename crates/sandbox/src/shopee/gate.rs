//! What stands before an endpoint: faults, parameters, time, signature, token, shop and rate.

use super::Shopee;
use super::books::{PARTNER_ID, PARTNER_KEY};
use super::errors::{self, Error};
use super::routes::{Ask, Endpoint, Whose};
use super::sign;
use crate::calls::Call;
use crate::clock::SECOND_US;
use crate::faults::{EVERY_SHOP, Fault};
use crate::lock;
use crate::rates::Limit;
use crate::serve::{Answer, Fate};

/// Requests a second to one endpoint of one shop. The channel publishes none; this one is ours.
const RATE: Limit = Limit { per_second: 10, burst: 10 };
/// How far a request's time may be off, in seconds.
const OFF_MAX_S: i64 = 300;

fn ended(fate: Fate) -> Answer {
    let mut answer = Answer::json(500, "");
    answer.fate = fate;
    answer
}

impl Shopee {
    /// The shop a call is about, for its faults and the log; 0 if it names none.
    pub(super) fn shop_named(&self, ask: &Ask<'_>) -> i64 {
        let given: Option<i64> = ask.param("shop_id").and_then(|text| text.parse().ok());
        let known = given.filter(|id| lock(&self.desk.books).shops.contains_key(id));
        known.unwrap_or(EVERY_SHOP)
    }

    /// What goes wrong before the channel does anything.
    pub(super) fn fails_before(&self, call: &mut Call) -> Option<Answer> {
        let shop_id = call.shop_id;
        let mut fires = |fault: Fault| {
            let fired = self.desk.faults.fires(shop_id, fault);
            if fired {
                call.faults.push(fault.name());
            }
            fired
        };
        if fires(Fault::ConnectDrop) {
            return Some(ended(Fate::Drop));
        }
        if fires(Fault::TimeoutBefore) {
            return Some(ended(Fate::Hang(self.desk.faults.profile(shop_id).timeout_ms)));
        }
        if fires(Fault::HtmlBody) {
            let page = "<html><body><h1>Sedang dalam pemeliharaan</h1></body></html>";
            return Some(Answer::html(200, page));
        }
        if fires(Fault::ServerError) {
            errors::internal().code.clone_into(&mut call.error_code);
            return Some(errors::internal().answer());
        }
        if fires(Fault::RateLimitedBare) {
            return Some(errors::too_many().answer());
        }
        if fires(Fault::RateLimited) {
            let answer = errors::too_many_by_status().answer();
            return Some(
                answer.with_header("retry-after", &self.desk.faults.ban(call).to_string()),
            );
        }
        None
    }

    /// What goes wrong after the channel has done it.
    pub(super) fn fails_after(&self, mut answer: Answer, call: &mut Call) -> Answer {
        let faults = &self.desk.faults;
        if faults.fires(call.shop_id, Fault::TimeoutAfter) {
            answer.fate = Fate::Hang(faults.profile(call.shop_id).timeout_ms);
            call.faults.push(Fault::TimeoutAfter.name());
        } else if faults.fires(call.shop_id, Fault::CutBody) {
            answer.fate = Fate::Cut;
            call.faults.push(Fault::CutBody.name());
        } else if faults.fires(call.shop_id, Fault::ServerErrorAfter) {
            errors::internal().code.clone_into(&mut call.error_code);
            call.faults.push(Fault::ServerErrorAfter.name());
            answer = errors::internal().answer();
        }
        answer
    }

    /// Whether who asks may.
    pub(super) fn admit(&self, ask: &Ask<'_>, call: &mut Call) -> Result<(), Error> {
        let of_shop = match ask.endpoint.whose() {
            Whose::Browser => return Ok(()),
            Whose::App => ("", ""),
            Whose::Shop => (needed(ask, "access_token")?, needed(ask, "shop_id")?),
        };
        self.admit_app(ask, of_shop)?;
        let now_us = self.desk.clock.now_us();
        if ask.endpoint.whose() == Whose::Shop {
            if self.desk.faults.fires(call.shop_id, Fault::TokenExpiry) {
                lock(&self.consents).expire();
                call.faults.push(Fault::TokenExpiry.name());
            }
            let linked = lock(&self.desk.books).shops.get(&call.shop_id).map(|shop| shop.linked);
            if linked == Some(false) {
                return Err(errors::not_linked());
            }
            if linked.is_none() || !lock(&self.consents).holds(of_shop.0, call.shop_id, now_us) {
                return Err(errors::token_ended());
            }
        }
        self.stands(call.shop_id, "")?;
        // Of a batch of labels each row is refused by itself.
        if ask.endpoint != Endpoint::PaperMake {
            self.stands(call.shop_id, ask.endpoint.name())?;
        }
        let key = (ask.endpoint.name(), call.shop_id);
        match self.desk.config.rates.keep(RATE) {
            Some(limit) if !self.desk.buckets.take(key, limit, now_us).passes => {
                Err(errors::too_many())
            }
            _ => Ok(()),
        }
    }

    /// Whether the app asks, in time, and signs; also of the page.
    pub(super) fn admit_app(&self, ask: &Ask<'_>, of_shop: (&str, &str)) -> Result<(), Error> {
        let [partner, timestamp, given] =
            ["partner_id", "timestamp", "sign"].map(|name| needed(ask, name));
        let (partner, timestamp, given) = (partner?, timestamp?, given?);
        if partner != PARTNER_ID {
            return Err(errors::wrong_partner());
        }
        let now_s = self.desk.clock.now_us().div_euclid(SECOND_US);
        let at: Option<i64> = timestamp.parse().ok();
        if at.is_none_or(|at| (now_s - at).abs() > OFF_MAX_S) {
            return Err(errors::wrong_time());
        }
        let wanted =
            sign::of_request(PARTNER_KEY, (partner, &ask.request.path, timestamp), of_shop);
        if given == wanted { Ok(()) } else { Err(errors::wrong_sign()) }
    }
}

fn needed<'a>(ask: &'a Ask<'_>, name: &str) -> Result<&'a str, Error> {
    ask.param(name).ok_or_else(|| errors::missing(name))
}
