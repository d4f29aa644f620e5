//! The hub loses its power at every step of every command: none takes effect twice, none is lost, and
//! none stays unknown.
//!
//! A run in which the power lasts for one step more follows each that was cut, until one is not.

use std::collections::BTreeMap;

use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_testkit::{App, Power, Setup, both};
use serde_json::json;

use super::{
    alone, at_most_once, begin, calls_so_far, give, newest, order_for, powered, see_through,
};

/// What happens to the request before the power goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// It is answered.
    Answered,
    /// It never arrives, and the hub cannot know.
    LostBefore,
    /// It has its effect, and the answer is lost.
    LostAfter,
    /// The hub has died before, with the request under way, and died so again and again.
    FoundSending,
}

impl Course {
    const ALL: [Self; 4] = [Self::Answered, Self::LostBefore, Self::LostAfter, Self::FoundSending];

    fn fault(self) -> Option<&'static str> {
        match self {
            Self::Answered | Self::FoundSending => None,
            Self::LostBefore => Some("connect_drop"),
            Self::LostAfter => Some("cut_body"),
        }
    }

    /// Steps that must have been reached; others may come and go.
    fn named(self, kind: CommandKind) -> Vec<&'static str> {
        let sends = [
            "before command.claim",
            "before the commit of command.claim",
            "after the commit of command.claim",
            "before the send",
            "after the send",
        ];
        let records = [
            "before inbox.insert_exchanges",
            "before command.end",
            "before the commit of command.end",
            "after the commit of command.end",
        ];
        let reads = ["before the read", "after the read"];
        let mut named = records.to_vec();
        match self {
            Self::Answered => {
                named.extend(sends);
                // With the record stands what it brought, or that the order is to be fetched.
                named.push(if kind == CommandKind::Label {
                    "before command.insert_papers"
                } else {
                    "before dirty.mark"
                });
            }
            Self::LostBefore | Self::LostAfter => {
                named.extend(sends);
                if kind != CommandKind::Label {
                    named.extend(reads);
                }
            }
            Self::FoundSending => {
                named.extend(sends.into_iter().filter(|step| step.contains("command.claim")));
                named.extend(reads);
            }
        }
        named
    }
}

/// How often each step was the last.
type Cuts = BTreeMap<String, usize>;

async fn cut_everywhere(kind: CommandKind) {
    let power = Power::default();
    let setup = Setup { power: Some(power.clone()), registry: powered(&power), ..alone() };
    both(setup, async |app| {
        begin(app).await;
        let mut all = Cuts::new();
        // The statements are the same on both: the longer round is made on the quicker.
        let sqlite = app.engine.store().is_embedded();
        let courses = if sqlite { &Course::ALL[..] } else { &Course::ALL[2..] };
        for &course in courses {
            let mut cuts = Cuts::new();
            for lasts in 0.. {
                if !cut(app, &power, kind, course, lasts, &mut cuts).await {
                    break;
                }
            }
            for step in course.named(kind) {
                assert!(cuts.contains_key(step), "{kind} {course:?}: {step:?} not in {cuts:?}");
            }
            cuts.into_iter().for_each(|(step, times)| *all.entry(step).or_default() += times);
        }
        tell(kind, &all);
    })
    .await;
}

#[expect(clippy::print_stdout, reason = "how much was tried is what the proof is worth")]
fn tell(kind: CommandKind, cuts: &Cuts) {
    let points: usize = cuts.values().sum();
    println!("{kind}: the power went out {points} times, at {} different steps", cuts.len());
    for (step, times) in cuts {
        println!("  {times} {step}");
    }
}

/// One command and one cut; false when the power lasted to the end.
async fn cut(
    app: &mut App,
    power: &Power,
    kind: CommandKind,
    course: Course,
    lasts: usize,
    cuts: &mut Cuts,
) -> bool {
    let since = calls_so_far(app);
    let id = order_for(app, kind).await;
    give(app, &id, kind).await;
    if course == Course::FoundSending {
        die_sending(app, power).await;
        assert_eq!(newest(app, &id).await.state, CommandState::Sending);
    }
    if let Some(fault) = course.fault() {
        let told = app.control("GET", "/control/tokopedia/faults", &json!(null)).unwrap();
        let once = told["fired"][fault].as_u64().unwrap() + 1;
        let faults = json!({"probability": {fault: 1}, "limit": {fault: once}, "shop_id": 480_001});
        app.set_faults(&faults).unwrap();
    }
    power.watch(lasts);
    // What is left of the process ends with an error, or with nothing left to do.
    let ended = app.engine.run_commands(app.org).await;
    let (mut steps, out) = power.restore();
    app.set_faults(&json!({"shop_id": 480_001})).unwrap();
    let story = format!("{course:?}, cut after {lasts} steps, {:?}", steps.last());
    if out {
        *cuts.entry(steps.pop().unwrap()).or_default() += 1;
        restart(app, power).await;
    } else {
        ended.unwrap();
    }
    let ended = see_through(app, &id).await;
    at_most_once(app, since, &id, &ended, &story).await;
    out
}

/// The power goes out when the request has left and before it is known what came of it.
async fn die_sending(app: &mut App, power: &Power) {
    power.cut_at("after the send");
    drop(app.engine.settle().await);
    let (steps, out) = power.restore();
    assert!(out, "nothing was sent: {steps:?}");
    restart(app, power).await;
}

async fn restart(app: &mut App, power: &Power) {
    app.restart(powered(power)).await.unwrap();
    // Past the leases of the one that died.
    app.advance(61);
}

macro_rules! stories {
    ($($name:ident: $kind:ident,)*) => {$(
        #[tokio::test]
        async fn $name() {
            cut_everywhere(CommandKind::$kind).await;
        }
    )*};
}

stories! {
    accept_survives_a_cut_at_every_step: Accept,
    partial_survives_a_cut_at_every_step: Partial,
    reject_survives_a_cut_at_every_step: Reject,
    cancel_survives_a_cut_at_every_step: Cancel,
    agree_cancel_survives_a_cut_at_every_step: AgreeCancel,
    refuse_cancel_survives_a_cut_at_every_step: RefuseCancel,
    pickup_survives_a_cut_at_every_step: Pickup,
    ship_survives_a_cut_at_every_step: Ship,
    label_survives_a_cut_at_every_step: Label,
}
