//! What stands before an endpoint: faults, keys and their permissions.

use super::WooCommerce;
use super::books::{Rights, SHOP_ID};
use super::errors::{self, Error};
use super::oauth;
use super::routes::Ask;
use crate::calls::Call;
use crate::clock::SECOND_US;
use crate::faults::Fault;
use crate::lock;
use crate::serve::{Answer, Fate};

/// What a host answers in the shop's place while it is looked after.
const MAINTENANCE: &str = "<html><body><h1>Situs sedang dalam pemeliharaan</h1></body></html>";

fn ended(fate: Fate) -> Answer {
    let mut answer = Answer::json(500, "");
    answer.fate = fate;
    answer
}

/// The shop without its database.
fn broken() -> Error {
    Error::new(500, "wp_die", "<h1>Error establishing a database connection</h1>")
}

impl WooCommerce {
    /// What goes wrong before the shop does anything.
    pub(super) fn fails_before(&self, call: &mut Call) -> Option<Answer> {
        let mut fires = |fault: Fault| {
            let fired = self.desk.faults.fires(SHOP_ID, fault);
            if fired {
                call.faults.push(fault.name());
            }
            fired
        };
        if fires(Fault::ConnectDrop) {
            return Some(ended(Fate::Drop));
        }
        if fires(Fault::TimeoutBefore) {
            return Some(ended(Fate::Hang(self.desk.faults.profile(SHOP_ID).timeout_ms)));
        }
        if fires(Fault::HtmlBody) {
            return Some(Answer::html(200, MAINTENANCE));
        }
        if fires(Fault::ServerError) {
            call.error_code = broken().code.to_owned();
            return Some(broken().answer());
        }
        if fires(Fault::RateLimitedBare) {
            return Some(Answer::html(429, "<html><body>Too Many Requests</body></html>"));
        }
        if fires(Fault::RateLimited) {
            let page = Answer::html(429, "<html><body>Too Many Requests</body></html>");
            return Some(page.with_header("retry-after", &self.desk.faults.ban(call).to_string()));
        }
        None
    }

    /// What goes wrong after the shop has done it.
    pub(super) fn fails_after(&self, mut answer: Answer, call: &mut Call) -> Answer {
        let faults = &self.desk.faults;
        if faults.fires(SHOP_ID, Fault::TimeoutAfter) {
            answer.fate = Fate::Hang(faults.profile(SHOP_ID).timeout_ms);
            call.faults.push(Fault::TimeoutAfter.name());
        } else if faults.fires(SHOP_ID, Fault::CutBody) {
            answer.fate = Fate::Cut;
            call.faults.push(Fault::CutBody.name());
        } else if faults.fires(SHOP_ID, Fault::ServerErrorAfter) {
            call.error_code = broken().code.to_owned();
            call.faults.push(Fault::ServerErrorAfter.name());
            answer = broken().answer();
        }
        answer
    }

    /// Whether who asks may.
    pub(super) fn admit(&self, ask: &Ask<'_>) -> Result<(), Error> {
        let now_s = self.desk.clock.now_us().div_euclid(SECOND_US);
        let rights = oauth::admit(&mut lock(&self.site), ask.request, now_s)?;
        match rights {
            None => Err(errors::may_not(401, ask.deed())),
            Some(Rights::Nothing) => Err(errors::may_not(403, ask.deed())),
            Some(Rights::Reads) if ask.writes() => Err(errors::no_permission("write")),
            Some(Rights::Writes) if !ask.writes() => Err(errors::no_permission("read")),
            Some(Rights::All | Rights::Reads | Rights::Writes) => Ok(()),
        }
    }
}
