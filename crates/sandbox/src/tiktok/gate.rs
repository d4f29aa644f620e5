//! What stands before an endpoint: faults, app, time, signature, token, shop and rate.

use super::TikTok;
use super::books::{APP_KEY, APP_SECRET, cipher};
use super::errors::{self, Error};
use super::routes::{Ask, Endpoint};
use super::sign;
use crate::calls::Call;
use crate::clock::SECOND_US;
use crate::faults::{EVERY_SHOP, Fault};
use crate::rates::Limit;
use crate::serve::{Answer, Fate};
use crate::{Rates, lock};

/// Requests a second to one endpoint for one app and shop.
const RATE: Limit = Limit { per_second: 50, burst: 50 };
/// How old a request may be, and how far ahead, in seconds.
const OLD_MAX_S: i64 = 300;
const AHEAD_MAX_S: i64 = 30;

fn ended(fate: Fate) -> Answer {
    let mut answer = Answer::json(500, "");
    answer.fate = fate;
    answer
}

impl TikTok {
    /// The shop a call is about, for its faults and the log; 0 if it names none.
    pub(super) fn shop_named(&self, ask: &Ask<'_>) -> i64 {
        let Some(given) = ask.param("shop_cipher") else { return EVERY_SHOP };
        let books = lock(&self.desk.books);
        let mut ids = books.shops.keys().copied();
        ids.find(|id| cipher(*id) == given).unwrap_or(EVERY_SHOP)
    }

    /// What goes wrong before the channel does anything.
    pub(super) fn fails_before(&self, endpoint: Endpoint, call: &mut Call) -> Option<Answer> {
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
            let error = errors::internal(endpoint);
            call.error_code = error.code.to_string();
            return Some(error.answer());
        }
        if fires(Fault::RateLimitedBare) {
            return Some(errors::too_many().answer());
        }
        if fires(Fault::RateLimited) {
            let seconds = self.desk.faults.ban(call).to_string();
            return Some(errors::too_many().answer().with_header("retry-after", &seconds));
        }
        None
    }

    /// What goes wrong after the channel has done it.
    pub(super) fn fails_after(
        &self,
        endpoint: Endpoint,
        mut answer: Answer,
        call: &mut Call,
    ) -> Answer {
        let faults = &self.desk.faults;
        if faults.fires(call.shop_id, Fault::TimeoutAfter) {
            answer.fate = Fate::Hang(faults.profile(call.shop_id).timeout_ms);
            call.faults.push(Fault::TimeoutAfter.name());
        } else if faults.fires(call.shop_id, Fault::CutBody) {
            answer.fate = Fate::Cut;
            call.faults.push(Fault::CutBody.name());
        } else if faults.fires(call.shop_id, Fault::ServerErrorAfter) {
            let error = errors::internal(endpoint);
            call.error_code = error.code.to_string();
            call.faults.push(Fault::ServerErrorAfter.name());
            answer = error.answer();
        }
        answer
    }

    /// Whether who asks may.
    pub(super) fn admit(&self, ask: &Ask<'_>, call: &mut Call) -> Result<(), Error> {
        if ask.endpoint.is_open() {
            return Ok(());
        }
        if ask.param("app_key") != Some(APP_KEY) {
            return Err(errors::wrong_app());
        }
        let now_us = self.desk.clock.now_us();
        let now_s = now_us.div_euclid(SECOND_US);
        let at: Option<i64> = ask.param("timestamp").and_then(|text| text.parse().ok());
        let timely = |at: &i64| (now_s - OLD_MAX_S..=now_s + AHEAD_MAX_S).contains(at);
        at.filter(timely).ok_or_else(errors::wrong_time)?;
        let given = ask.param("sign").ok_or_else(errors::no_sign)?;
        if given != sign::of_request(APP_SECRET, ask.request) {
            return Err(errors::wrong_sign());
        }
        if self.desk.faults.fires(call.shop_id, Fault::TokenExpiry) {
            lock(&self.consents).expire(now_us);
            call.faults.push(Fault::TokenExpiry.name());
        }
        let token = ask.request.header("x-tts-access-token").ok_or_else(errors::no_token)?;
        lock(&self.consents).admit(token, ask.endpoint.scope(), now_us)?;
        self.admit_shop(ask, call)?;
        let limited = self.desk.config.rates == Rates::Documented;
        let key = (ask.endpoint.name(), call.shop_id);
        if limited && !self.desk.buckets.take(key, RATE, now_us).passes {
            return Err(errors::too_many());
        }
        Ok(())
    }

    /// Whether the shop is named where it must be, nowhere else, and by one whom the token speaks for.
    fn admit_shop(&self, ask: &Ask<'_>, call: &Call) -> Result<(), Error> {
        match (ask.endpoint == Endpoint::Shops, ask.param("shop_cipher")) {
            (true, None) => return Ok(()),
            (true, Some(_)) => return Err(errors::unexpected_cipher()),
            (false, None) => return Err(errors::no_cipher()),
            (false, Some(_)) => {}
        }
        let linked = lock(&self.desk.books).shops.get(&call.shop_id).map(|shop| shop.linked);
        if linked == Some(true) { Ok(()) } else { Err(errors::other_shop()) }
    }
}
