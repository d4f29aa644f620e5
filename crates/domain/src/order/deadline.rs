//! Times that follow from the state: by when somebody must act, and until when the order is read again.

use crate::order::{Head, State};
use crate::term::{Returned, Tab};
use crate::time::{Span, Time};

/// How long after its last change a finished order is still read again now and then.
pub const FINAL_AFTER: Span = Span::days(30);
/// "Until it is finished": the last microsecond of the year 9999.
pub const UNTIL_FINISHED: Time = Time(253_402_300_799_000_000);

impl State {
    /// By when somebody here must do something: accept a new order, hand over one that is ready.
    #[must_use]
    pub fn due_at(&self, head: Option<&Head>) -> Option<Time> {
        let head = head?;
        match self.tab? {
            Tab::NewOrder => head.accept_by.into_iter().chain(head.ship_by).min(),
            Tab::ReadyToShip => head.ship_by,
            Tab::Unpaid
            | Tab::InDelivery
            | Tab::Completed
            | Tab::Cancelled
            | Tab::Complained
            | Tab::FailedDelivery => None,
        }
    }

    /// Until when the order is read again by itself: some time after it ended, and without end while
    /// a return or a wish to cancel is open.
    #[must_use]
    pub fn reread_until(&self, head: Option<&Head>, now: Time) -> Time {
        let ended = matches!(self.tab, Some(Tab::Completed | Tab::Cancelled));
        let open =
            self.returned == Returned::Open || head.is_some_and(|head| head.cancel_requested);
        if ended && !open {
            self.status_at.unwrap_or(now).plus(FINAL_AFTER)
        } else {
            UNTIL_FINISHED
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Flow;
    use crate::order::{Acts, Case, judge};
    use crate::term::{Cancellation, ChannelKind};

    const NOW: Time = Time(7);

    fn state(tab: Tab) -> State {
        State { tab: Some(tab), ..nothing_heard() }
    }

    fn nothing_heard() -> State {
        let flow = Flow {
            channel: ChannelKind::new("quay"),
            cancellation: Cancellation::Final,
            documented: Vec::new(),
            rules: Vec::new(),
        };
        let acts = Acts::default();
        judge(Case { flow: &flow, facts: &[], lines: None, cancel_requested: false, acts })
    }

    #[test]
    fn whoever_must_act_has_a_deadline() {
        let head = Head { accept_by: Some(Time(5)), ship_by: Some(Time(9)), ..Head::default() };
        let due = |tab| state(tab).due_at(Some(&head));
        assert_eq!(due(Tab::NewOrder), Some(Time(5)));
        assert_eq!(due(Tab::ReadyToShip), Some(Time(9)));
        assert_eq!(due(Tab::InDelivery), None);
        assert_eq!(state(Tab::NewOrder).due_at(None), None);
        assert_eq!(nothing_heard().due_at(Some(&head)), None);
    }

    #[test]
    fn an_ended_order_is_read_for_a_month_unless_something_is_open() {
        let ended = State { status_at: Some(Time(1)), ..state(Tab::Completed) };
        assert_eq!(ended.reread_until(None, NOW), Time(1).plus(FINAL_AFTER));
        assert_eq!(state(Tab::Cancelled).reread_until(None, NOW), NOW.plus(FINAL_AFTER));
        assert_eq!(state(Tab::InDelivery).reread_until(None, NOW), UNTIL_FINISHED);
        let returning = State { returned: Returned::Open, ..ended.clone() };
        assert_eq!(returning.reread_until(None, NOW), UNTIL_FINISHED);
        let asked = Head { cancel_requested: true, ..Head::default() };
        assert_eq!(ended.reread_until(Some(&asked), NOW), UNTIL_FINISHED);
    }
}
