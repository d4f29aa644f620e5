//! A hub that loses its power at one step of its work: from then on nothing reaches its database or
//! its channels any more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dermaga_store::{Pulse, Step};

/// The power of a hub under test. Cheap to clone; every clone is the same power.
#[derive(Debug, Clone, Default)]
pub struct Power(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    watched: bool,
    /// After so many steps there is no power; none = it stays.
    lasts: Option<usize>,
    /// At this step there is no power; none = at no particular one.
    at: Option<&'static str>,
    /// This step alone has none, once.
    lost: Option<&'static str>,
    passed: Vec<String>,
    out: bool,
    /// Statements of the write that runs now.
    statements: Vec<&'static str>,
}

impl Power {
    /// What the store asks.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        let power = self.clone();
        Pulse::new(move |step| power.write(step))
    }

    /// From now on steps are told and counted, and after so many of them there is no power.
    pub fn watch(&self, lasts: usize) {
        *self.state() = State { watched: true, lasts: Some(lasts), ..State::default() };
    }

    /// From now on there is power up to the first step of this name.
    pub fn cut_at(&self, step: &'static str) {
        *self.state() = State { watched: true, at: Some(step), ..State::default() };
    }

    /// The next step of this name has no power, and those after it have.
    pub fn lose(&self, step: &'static str) {
        *self.state() = State { watched: true, lost: Some(step), ..State::default() };
    }

    /// There is power again. Gives the steps that were reached, the one without power last, and
    /// whether it went out.
    #[must_use]
    pub fn restore(&self) -> (Vec<String>, bool) {
        let state = std::mem::take(&mut *self.state());
        (state.passed, state.out)
    }

    /// Whether there is still power for a step.
    #[must_use]
    pub fn holds(&self, step: &str) -> bool {
        self.state().holds(step.to_owned())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, step: Step) -> bool {
        let mut state = self.state();
        match step {
            Step::Statement(name) => {
                state.statements.push(name);
                state.holds(format!("before {name}"))
            }
            Step::Commit => {
                let written = state.written();
                state.holds(format!("before the commit of {written}"))
            }
            Step::Committed => {
                let written = state.written();
                state.statements.clear();
                state.holds(format!("after the commit of {written}"))
            }
        }
    }
}

impl State {
    fn holds(&mut self, step: String) -> bool {
        if !self.watched || self.out {
            return !self.out;
        }
        if self.lost.take_if(|lost| *lost == step).is_some() {
            self.passed.push(step);
            return false;
        }
        let ends = self.at.is_some_and(|at| at == step);
        self.passed.push(step);
        self.out = ends || self.lasts.is_some_and(|lasts| self.passed.len() > lasts);
        !self.out
    }

    /// What a write is called by: its first statement on a command, or else its last.
    fn written(&self) -> &'static str {
        let of_command = self.statements.iter().find(|name| name.starts_with("command."));
        of_command.or(self.statements.last()).copied().unwrap_or("nothing")
    }
}
