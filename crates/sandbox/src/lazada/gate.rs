//! What stands before an endpoint: faults, parameters, signature, token, rate.

use super::Lazada;
use super::books::{ACCOUNTS, APP_KEY, APP_SECRET};
use super::errors::{self, Error};
use super::routes::{Ask, Endpoint};
use super::sign;
use crate::calls::Call;
use crate::clock::SECOND_US;
use crate::faults::Fault;
use crate::lock;
use crate::rates::Limit;
use crate::serve::{Answer, Fate};

/// How far the caller's clock may be off.
const SKEW_US: i64 = 7_200 * SECOND_US;
/// Calls a second of one seller to one endpoint. The channel publishes almost none: this one is invented.
const LIMIT: Limit = Limit { per_second: 20, burst: 20 };
/// The same for price and stock, which is documented.
const STOCK_LIMIT: Limit = Limit { per_second: 50, burst: 50 };

/// What stands before the channel while it is looked after.
const MAINTENANCE: &str = "<html><body><h1>Sedang dalam pemeliharaan</h1></body></html>";

fn ended(fate: Fate) -> Answer {
    let mut answer = Answer::json(200, "");
    answer.fate = fate;
    answer
}

impl Lazada {
    fn refuse(&self, error: &Error, call: &mut Call) -> Answer {
        call.error_code = error.code.to_owned();
        Answer::json(200, error.body(&self.request_id()).to_string())
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
            return Some(Answer::html(200, MAINTENANCE));
        }
        let error = if fires(Fault::ServerError) {
            errors::timed_out()
        } else if fires(Fault::RateLimitedBare) {
            errors::too_many_bare()
        } else if fires(Fault::RateLimited) {
            errors::too_many(self.desk.faults.ban(call))
        } else {
            return None;
        };
        Some(self.refuse(&error, call))
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
            call.faults.push(Fault::ServerErrorAfter.name());
            answer = self.refuse(&errors::timed_out(), call);
        }
        answer
    }

    /// The shop that a call's token speaks for in the country that it asks; 0 if for none.
    pub(super) fn shop_of(&self, ask: &Ask<'_>) -> i64 {
        let Some(country) = ask.country else { return 0 };
        let Some(token) = ask.param("access_token") else { return 0 };
        let now_us = self.desk.clock.now_us();
        let account = lock(&self.floor).tokens.account(token, now_us);
        let account = ACCOUNTS.iter().find(|known| Some(known.id) == account);
        let mut shops = account.into_iter().flat_map(|account| account.shops);
        shops.find(|(name, _)| *name == country.name).map_or(0, |(_, shop_id)| *shop_id)
    }

    /// Whether who asks may.
    pub(super) fn admit(&self, ask: &Ask<'_>, call: &mut Call) -> Result<(), Error> {
        for name in ["app_key", "timestamp", "sign_method", "sign"] {
            ask.needed(name)?;
        }
        if ask.param("app_key") != Some(APP_KEY) {
            return Err(errors::app_key());
        }
        let now_us = self.desk.clock.now_us();
        let told_us = ask.param("timestamp").and_then(|text| text.parse::<i64>().ok());
        let told_us = told_us.and_then(|millis| millis.checked_mul(1_000));
        if told_us.is_none_or(|told_us| told_us.abs_diff(now_us) > SKEW_US.unsigned_abs()) {
            return Err(errors::timestamp());
        }
        let wanted = sign::of_request(APP_SECRET, ask.path, &ask.params);
        if ask.param("sign_method") != Some("sha256") || ask.param("sign") != Some(&wanted) {
            return Err(errors::signature());
        }
        if ask.is_of_tokens() {
            return Ok(());
        }
        let token = ask.needed("access_token")?;
        if self.desk.faults.fires(ask.shop_id, Fault::TokenExpiry) {
            lock(&self.floor).tokens.expire(token);
            call.faults.push(Fault::TokenExpiry.name());
            return Err(errors::access_token());
        }
        if ask.shop_id == 0 {
            return Err(errors::access_token());
        }
        let stock = matches!(ask.endpoint, Endpoint::PriceQuantity | Endpoint::SellableUpdate);
        let limit = self.desk.config.rates.keep(if stock { STOCK_LIMIT } else { LIMIT });
        let key = (ask.name, ask.shop_id);
        if limit.is_some_and(|limit| !self.desk.buckets.take(key, limit, now_us).passes) {
            return Err(errors::too_many(1));
        }
        Ok(())
    }
}
