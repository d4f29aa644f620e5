//! What stands before an endpoint: faults, token, FS id, rate and shop link.

use std::time::Instant;

use super::answers::{ended, refuse, too_many, with_rate};
use super::errors::{self, Error};
use super::routes::{Ask, Endpoint};
use super::{Tokopedia, books};
use crate::calls::Call;
use crate::clock::SECOND_US;
use crate::faults::{EVERY_SHOP, Fault};
use crate::lock;
use crate::rates::Verdict;
use crate::serve::{Answer, Fate};

impl Tokopedia {
    /// What goes wrong before the channel does anything.
    pub(super) fn fails_before(
        &self,
        ask: &Ask<'_>,
        call: &mut Call,
        begun: Instant,
    ) -> Option<Answer> {
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
            let error = ask.endpoint.upstream();
            call.error_code = error.code.to_owned();
            return Some(refuse(error, begun));
        }
        if fires(Fault::RateLimitedBare) {
            return Some(too_many(begun));
        }
        if fires(Fault::RateLimited) {
            let seconds = i64::from(self.desk.faults.ban(call));
            // It tells when one more may pass, which is before all may.
            call.wait_us -= 815_000;
            let verdict = Verdict {
                limit: ask.endpoint.limit(),
                passes: false,
                remaining: 0,
                reset_after_us: call.wait_us,
                full_reset_after_us: seconds * SECOND_US,
            };
            return Some(with_rate(too_many(begun), &verdict));
        }
        None
    }

    /// What goes wrong after the channel has done it.
    pub(super) fn fails_after(
        &self,
        mut answer: Answer,
        ask: &Ask<'_>,
        call: &mut Call,
        begun: Instant,
    ) -> Answer {
        let faults = &self.desk.faults;
        if faults.fires(call.shop_id, Fault::TimeoutAfter) {
            answer.fate = Fate::Hang(faults.profile(call.shop_id).timeout_ms);
            call.faults.push(Fault::TimeoutAfter.name());
        } else if faults.fires(call.shop_id, Fault::CutBody) {
            answer.fate = Fate::Cut;
            call.faults.push(Fault::CutBody.name());
        } else if faults.fires(call.shop_id, Fault::ServerErrorAfter) {
            let error = ask.endpoint.upstream();
            call.error_code = error.code.to_owned();
            call.faults.push(Fault::ServerErrorAfter.name());
            answer = refuse(error, begun);
        }
        answer
    }

    /// Token, FS id, rate and shop link.
    pub(super) fn admit(
        &self,
        ask: &Ask<'_>,
        call: &mut Call,
        headers: &mut Option<Verdict>,
    ) -> Result<(), Error> {
        if ask.endpoint == Endpoint::Token {
            return Ok(());
        }
        let bearer =
            ask.request.header("authorization").and_then(|text| text.strip_prefix("Bearer "));
        if self.desk.faults.fires(call.shop_id, Fault::TokenExpiry) {
            self.tokens.expire();
            call.faults.push(Fault::TokenExpiry.name());
        }
        let now_us = self.desk.clock.now_us();
        if !bearer.is_some_and(|token| self.tokens.holds(token, now_us)) {
            return Err(errors::UNAUTHORIZED);
        }
        match ask.fs.parse::<i64>() {
            Ok(books::FS_ID) => {}
            Ok(_) => return Err(errors::UNLINKED),
            Err(_) if ask.fs.is_empty() => return Err(errors::FS_EMPTY),
            Err(_) => return Err(errors::FS_BAD),
        }
        let limit = self.desk.config.rates.keep(ask.endpoint.limit());
        if let Some(limit) = limit.filter(|_| !ask.endpoint.counts_rows()) {
            let key = (ask.endpoint.name(), books::FS_ID);
            let verdict = self.desk.buckets.take(key, limit, now_us);
            *headers = Some(verdict);
            if !verdict.passes {
                return Err(errors::TOO_MANY);
            }
        }
        let linked = lock(&self.desk.books).shops.get(&call.shop_id).map(|shop| shop.linked);
        if call.shop_id != EVERY_SHOP && linked != Some(true) {
            let refuses_cancel = ask.endpoint == Endpoint::RejectCancel;
            return Err(if refuses_cancel { errors::SHOP_NOT_LINKED } else { errors::UNLINKED });
        }
        Ok(())
    }

    /// What is left of the rate of an endpoint whose rows are counted; None if rates are lifted.
    pub(super) fn look_at_rate(&self, ask: &Ask<'_>) -> Option<Verdict> {
        let limit = self.desk.config.rates.keep(ask.endpoint.limit())?;
        let key = (ask.endpoint.name(), books::FS_ID);
        Some(self.desk.buckets.look(key, limit, self.desk.clock.now_us()))
    }
}
