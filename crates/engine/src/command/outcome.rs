//! What came of a try, and what is kept of it.

use dermaga_channel::{Error as ChannelError, Paper};
use dermaga_domain::command::{Came, Next, Standing};
use dermaga_domain::term::CommandState;
use dermaga_domain::time::Time;
use dermaga_store::command::{Command, Ended, NewPaper};
use dermaga_store::work::{FETCH, Mark, Modes};
use dermaga_store::{NewExchange, NewMessage};

use crate::access::Told;

/// The channel refuses the command.
const REFUSED: &str = "DMG-0702";
/// Nobody can tell whether it had its effect, or it failed too often.
const NEEDS_PERSON: &str = "DMG-0703";

/// One try of a command.
pub(super) struct Tried {
    pub(super) came: Came,
    pub(super) next: Next,
    /// What the channel said: its code and words where it refuses.
    answer: Option<String>,
    paper: Option<Paper>,
    pub(super) exchanges: Vec<NewExchange>,
    pub(super) messages: Vec<NewMessage>,
}

impl Tried {
    pub(super) const fn of(came: Came) -> Self {
        Self {
            came,
            next: Next::Refused,
            answer: None,
            paper: None,
            exchanges: Vec::new(),
            messages: Vec::new(),
        }
    }

    /// What the channel's answer means.
    pub(super) fn told(told: Result<Told, ChannelError>) -> Self {
        let error = match told {
            Ok(Told::Done(done)) => {
                let tried = Self::of(Came::Done);
                return Self { answer: Some(done.answer), paper: done.paper, ..tried };
            }
            Ok(_) => ChannelError::Unsupported("an answer of another kind"),
            Err(error) => error,
        };
        let came = match &error {
            ChannelError::RateLimited { retry_after } => Came::NotSent { wait: *retry_after },
            ChannelError::AuthExpired
            | ChannelError::AuthRefused { .. }
            | ChannelError::ConsentNeeded { .. } => Came::NotSent { wait: None },
            // Trouble behind an endpoint may come after its effect.
            ChannelError::Temporary(_) | ChannelError::Unknown(_) | ChannelError::Malformed(_) => {
                Came::Unknown
            }
            ChannelError::Rejected { .. }
            | ChannelError::NotFound
            | ChannelError::Unsupported(_) => Came::Refused(Standing::Past),
        };
        Self { answer: Some(error.to_string()), ..Self::of(came) }
    }

    /// Where the command stands after it.
    pub(super) const fn state(&self) -> CommandState {
        match self.next {
            Next::Done => CommandState::Done,
            Next::Refused => CommandState::Refused,
            Next::Send(_) => CommandState::Waiting,
            Next::Read(_) => CommandState::Unknown,
            Next::NeedsPerson => CommandState::NeedsPerson,
        }
    }

    /// The row.
    pub(super) fn ended(&self, command: &Command, now: Time) -> Ended {
        let run_at = match self.next {
            Next::Send(at) | Next::Read(at) => at,
            Next::Done | Next::Refused | Next::NeedsPerson => now,
        };
        let code = match self.next {
            Next::Refused => Some(REFUSED.to_owned()),
            Next::NeedsPerson => Some(NEEDS_PERSON.to_owned()),
            Next::Done | Next::Send(_) | Next::Read(_) => None,
        };
        let already =
            matches!(self.came, Came::Refused(Standing::Done) | Came::Read(Standing::Done))
                || matches!(self.came, Came::ReadAtOnce(Standing::Done));
        let answer = if already { None } else { self.answer.clone() };
        let paper = self.paper.as_ref().map(|paper| NewPaper {
            media_type: paper.media_type.clone(),
            body: paper.body.to_vec(),
        });
        Ended {
            id: command.id,
            order: command.order,
            state: self.state(),
            run_at,
            code,
            answer: answer.or_else(|| command.answer.clone()),
            paper,
        }
    }

    /// The order is read soon after anything that may have changed it.
    pub(super) fn fetch(&self, command: &Command, now: Time) -> Option<Mark> {
        let changed = matches!(self.came, Came::Done) && self.paper.is_none();
        changed.then(|| Mark {
            kind: FETCH,
            scope: command.shop.0,
            subject: command.channel_order_id.clone(),
            modes: Modes::REALTIME,
            due_at: now,
        })
    }
}
