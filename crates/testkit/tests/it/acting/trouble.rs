//! Each kind of command through each kind of trouble on the way to the channel and back.

use dermaga_domain::term::{CommandKind, CommandState};
use dermaga_testkit::{Power, Setup, both};
use serde_json::json;

use super::{
    KINDS, alone, at_channel, at_most_once, begin, calls_so_far, give, newest, order_for, powered,
    see_through,
};

/// A trouble by the sandbox's name of it, and whether the hub can know that the command had no effect.
const TROUBLES: [(&str, bool); 10] = [
    ("timeout_before", false),
    ("timeout_after", false),
    ("server_error", false),
    ("server_error_after", false),
    ("connect_drop", false),
    ("cut_body", false),
    ("html_body", false),
    ("rate_limited", true),
    ("rate_limited_bare", true),
    ("token_expiry", true),
];

/// What a command ends as when it met a trouble once.
fn wanted(kind: CommandKind, harmless: bool) -> CommandState {
    // The one that shows nowhere, and that the buyer would hear twice.
    if kind == CommandKind::Partial && !harmless {
        return CommandState::NeedsPerson;
    }
    CommandState::Done
}

#[tokio::test]
async fn every_command_comes_to_its_end_through_every_trouble() {
    both(alone(), async |app| {
        begin(app).await;
        for (trouble, harmless) in TROUBLES {
            for (nth, kind) in (1_u64..).zip(KINDS) {
                let since = calls_so_far(app);
                let id = order_for(app, kind).await;
                give(app, &id, kind).await;
                app.set_faults(&json!({
                    "shop_id": 480_001, "probability": {trouble: 1}, "limit": {trouble: nth},
                    "timeout_ms": 10,
                }))
                .unwrap();
                let ended = see_through(app, &id).await;
                app.set_faults(&json!({"shop_id": 480_001})).unwrap();
                let story = format!("{trouble} once");
                assert_eq!(ended.state, wanted(kind, harmless), "{kind}, {story}: {ended:?}");
                at_most_once(app, since, &id, &ended, &story).await;
                let told = app.channel("GET", "faults", &json!(null)).unwrap();
                assert_eq!(told["fired"][trouble], json!(nth), "{kind}, {story}");
            }
        }
    })
    .await;
}

/// Somebody else was first, the channel says no, and the order cannot be read: the "no" may be a yes.
#[tokio::test]
async fn a_no_that_cannot_be_looked_into_is_looked_into_later() {
    let power = Power::default();
    let setup = Setup { power: Some(power.clone()), registry: powered(&power), ..alone() };
    both(setup, async |app| {
        begin(app).await;
        let id = order_for(app, CommandKind::Accept).await;
        give(app, &id, CommandKind::Accept).await;
        app.at_channel(&id, "accept", &json!({})).unwrap();
        power.lose("before the read");
        app.engine.run_commands(app.org).await.unwrap();
        let (lost, _) = power.restore();
        assert!(lost.iter().any(|step| step == "before the read"), "{lost:?}");
        assert_eq!(newest(app, &id).await.state, CommandState::Unknown);
        let ended = see_through(app, &id).await;
        assert_eq!((ended.state, ended.code), (CommandState::Done, None));
    })
    .await;
}

#[tokio::test]
async fn a_channel_that_stays_silent_is_left_to_a_person_and_nothing_is_done_twice() {
    both(alone(), async |app| {
        begin(app).await;
        for kind in KINDS {
            let since = calls_so_far(app);
            let id = order_for(app, kind).await;
            give(app, &id, kind).await;
            app.set_faults(&json!({"shop_id": 480_001, "probability": {"server_error_after": 1}}))
                .unwrap();
            let ended = see_through(app, &id).await;
            app.set_faults(&json!({"shop_id": 480_001})).unwrap();
            assert_eq!(ended.state, CommandState::NeedsPerson, "{kind}: {ended:?}");
            assert_eq!(ended.code.as_deref(), Some("DMG-0703"), "{kind}");
            let told = at_channel(app, since, &id, kind);
            let most = if kind == CommandKind::Label { 7 } else { 1 };
            // What a partial needs to know of the order first could not be read.
            let least = usize::from(kind != CommandKind::Partial);
            assert!((least..=most).contains(&told.effects), "{kind}: {told:?}");
        }
    })
    .await;
}
