//! How a shop fares, sign by sign, with what to do.

use dermaga_domain::silence::silence;
use dermaga_domain::time::{Span, Time};
use dermaga_store::read::health::Health;
use dermaga_store::work::Task;
use dermaga_store::{Connection, Shop};
use dermaga_ui::{Light, Sentence, Value, Vital, VitalSign};

use super::tasks::outcome;

/// What waits for longer than this is worth a look.
const OLDEST_MAX: Span = Span::minutes(10);
/// A task that has not run for so many of its intervals is late.
const LATE_INTERVALS: i64 = 3;
/// From so many errors in a thousand requests on it is worth a look, and from so many it is bad.
const ERRORS_LOOK: i64 = 50;
const ERRORS_BAD: i64 = 250;
/// Fewer requests than this say nothing.
const ASKED_MIN: i64 = 20;

/// Messages that are less than this apart are told as several a minute.
const OFTEN: Span = Span::minutes(1);
/// A seller's consent that ends within this is worth a look.
const CONSENT_LOOK: Span = Span::days(14);

/// What is known of a shop.
pub(super) struct Seen<'a> {
    pub(super) shop: &'a Shop,
    pub(super) connection: Option<&'a Connection>,
    pub(super) health: Option<&'a Health>,
    pub(super) pull: Option<&'a Task>,
    pub(super) can_push: bool,
    pub(super) asks_seller: bool,
    pub(super) now: Time,
}

fn sign(vital: Vital, light: Light, value: Sentence) -> VitalSign {
    VitalSign { vital, light, value, note: None, code: None }
}

/// How often a shop is heard: one every so long, or in other words where it is oftener than a minute.
fn usually(usual: Span, (seldom, often): (&'static str, &'static str)) -> Sentence {
    if usual < OFTEN {
        return Sentence::new(often);
    }
    Sentence::new(seldom).with_span("usual", usual.0)
}

impl Seen<'_> {
    /// Every sign, in the order in which a person looks.
    pub(super) fn signs(&self) -> Vec<VitalSign> {
        let nothing = Health::default();
        let health = self.health.unwrap_or(&nothing);
        let mut signs = vec![
            self.token(),
            self.webhook(health),
            self.pull(),
            self.backlog(health),
            self.errors(health),
        ];
        if self.can_push {
            let (light, value) = match (self.shop.push, self.shop.paused) {
                (true, false) => (Light::Fine, "vital-told"),
                _ => (Light::Off, "vital-not-told"),
            };
            signs.push(sign(Vital::Stock, light, Sentence::new(value)));
        }
        signs
    }

    fn token(&self) -> VitalSign {
        let connection = self.connection;
        if let Some(code) = connection.and_then(|one| one.trouble.clone()) {
            let refused = sign(Vital::Token, Light::Bad, Sentence::new("vital-refused"));
            let note = Some(Sentence::new("vital-refused-note"));
            return VitalSign { note, code: Some(code), ..refused };
        }
        if self.asks_seller {
            return self.consent();
        }
        let ends = connection.and_then(|one| one.token_expires_at);
        let renews = Some(Sentence::new("vital-renews"));
        let Some(ends) = ends else {
            return sign(Vital::Token, Light::Off, Sentence::new("vital-none-yet"));
        };
        let left = ends.since(self.now).0;
        let value = if left > 0 {
            Sentence::new("vital-left").with_span("span", left)
        } else {
            Sentence::new("vital-ended")
        };
        VitalSign { note: renews, ..sign(Vital::Token, Light::Fine, value) }
    }

    /// How long the seller's consent holds: what renews itself needs no look, this does.
    fn consent(&self) -> VitalSign {
        let until = self.connection.and_then(|one| one.renewable_until);
        let Some(until) = until else {
            let holds = sign(Vital::Token, Light::Fine, Sentence::new("vital-consent"));
            return VitalSign { note: Some(Sentence::new("vital-renews")), ..holds };
        };
        let left = until.since(self.now);
        let light = if left < CONSENT_LOOK { Light::Look } else { Light::Fine };
        let value = if left.0 > 0 {
            Sentence::new("vital-left").with_span("span", left.0)
        } else {
            Sentence::new("vital-ended")
        };
        VitalSign {
            note: Some(Sentence::new("vital-consent-note")),
            ..sign(Vital::Token, light, value)
        }
    }

    fn webhook(&self, health: &Health) -> VitalSign {
        let Some(silence) = silence(&health.heard, self.now) else {
            let never = sign(Vital::Webhook, Light::Look, Sentence::new("vital-never"));
            return VitalSign { note: Some(Sentence::new("vital-never-note")), ..never };
        };
        if silence.is_strange && self.shop.order_sync && !self.shop.paused {
            let span = self.now.since(silence.since).0;
            let value = Sentence::new("vital-silent").with_span("span", span);
            let words = ("vital-silent-note", "vital-silent-often-note");
            let note = silence.usual.map(|usual| usually(usual, words));
            let code = Some("DMG-0208".to_owned());
            return VitalSign { note, code, ..sign(Vital::Webhook, Light::Look, value) };
        }
        let value = Sentence::new("vital-ago").with_ago("ago", silence.since.0);
        let words = ("vital-usual", "vital-usual-often");
        let note = silence.usual.map(|usual| usually(usual, words));
        VitalSign { note, ..sign(Vital::Webhook, Light::Fine, value) }
    }

    fn pull(&self) -> VitalSign {
        if !self.shop.order_sync {
            let off = sign(Vital::Pull, Light::Off, Sentence::new("shop-orders-off"));
            return VitalSign { note: Some(Sentence::new("vital-pull-off")), ..off };
        }
        let Some((task, last)) = self.pull.and_then(|task| Some((task, task.last_run_at?))) else {
            return sign(Vital::Pull, Light::Off, Sentence::new("vital-none-yet"));
        };
        let value = Sentence::new("vital-ago").with_ago("ago", last.0);
        let (said, is_well) = outcome(task.outcome.as_deref().unwrap_or("ok"));
        let late = self.now.since(last).0 > task.interval.0.saturating_mul(LATE_INTERVALS);
        let (light, note) = if !is_well {
            let word = Value::Word(said.key);
            let note = Sentence::new("vital-pull-failed").with("outcome", word);
            (Light::Look, note.with_time("next", task.next_run_at.0))
        } else if late && !self.shop.paused && !task.paused {
            (Light::Look, Sentence::new("vital-pull-late"))
        } else {
            let next = task.next_run_at.0;
            (Light::Fine, Sentence::new("vital-pull-note").with_time("next", next))
        };
        VitalSign { note: Some(note), ..sign(Vital::Pull, light, value) }
    }

    fn backlog(&self, health: &Health) -> VitalSign {
        let value = Sentence::new("vital-waiting").with("n", health.backlog());
        let waits = health.oldest.map(|oldest| self.now.since(oldest));
        if let Some(waits) = waits.filter(|waits| *waits > OLDEST_MAX) {
            let note = Sentence::new("vital-oldest-note").with_span("span", waits.0);
            return VitalSign { note: Some(note), ..sign(Vital::Backlog, Light::Look, value) };
        }
        let note = Sentence::new("vital-waiting-note")
            .with("messages", health.waiting)
            .with("fetches", health.fetches)
            .with("pushes", health.pushes);
        let note = (health.backlog() > 0).then_some(note);
        VitalSign { note, ..sign(Vital::Backlog, Light::Fine, value) }
    }

    fn errors(&self, health: &Health) -> VitalSign {
        let (asked, failed) = (health.asked(), health.failed());
        if asked == 0 {
            return sign(Vital::Errors, Light::Off, Sentence::new("vital-rate-none"));
        }
        let thousandths = failed.saturating_mul(1_000) / asked;
        let light = match thousandths {
            _ if asked < ASKED_MIN => Light::Fine,
            ERRORS_BAD.. => Light::Bad,
            ERRORS_LOOK.. => Light::Look,
            _ => Light::Fine,
        };
        let note = Sentence::new("vital-rate-note").with("failed", failed).with("asked", asked);
        let value = Sentence::new("vital-rate")
            .with("whole", thousandths / 10)
            .with("part", thousandths % 10);
        VitalSign { note: Some(note), ..sign(Vital::Errors, light, value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_that_is_heard_several_times_a_minute_is_told_so() {
        let words = ("vital-usual", "vital-usual-often");
        for often in [Span(0), Span::seconds(7), Span(Span::minutes(1).0 - 1)] {
            assert_eq!(usually(often, words), Sentence::new("vital-usual-often"));
        }
        let seldom = Span::minutes(1);
        let told = Sentence::new("vital-usual").with_span("usual", seldom.0);
        assert_eq!(usually(seldom, words), told);
    }
}
