//! The names that channels sell under, as pages show them and filters offer them.

use dermaga_store::read::orders::Order;
use dermaga_ui::Choice;

use crate::App;

/// The name that an order was sold under, to stand beside its channel's; none where that says it already.
/// A key that its channel does not know is shown as it is.
pub(crate) fn beside_channel(app: &App, order: &Order) -> Option<String> {
    let key = order.sub_platform.as_deref()?;
    let channel = app.engine().registry().find(&order.channel);
    let known = channel.map_or(&[][..], |channel| channel.capabilities().sub_platforms);
    let name = known.iter().find(|known| known.key == key).map_or(key, |known| known.name);
    (name != app.channel_link(&order.channel).name).then(|| name.to_owned())
}

/// The names to choose from, each with its channel's where that is another and the only one; and the one that
/// is set, also when no channel knows it.
pub(crate) fn choices(app: &App, set: &str) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for (channel, client) in app.engine().registry().iter() {
        let channel = app.channel_link(channel).name;
        for known in client.capabilities().sub_platforms {
            let label = if known.name == channel {
                channel.clone()
            } else {
                format!("{} · {channel}", known.name)
            };
            match choices.iter_mut().find(|choice| choice.value == known.key) {
                // Of several channels: it finds the orders of all of them.
                Some(choice) => known.name.clone_into(&mut choice.label),
                None => choices.push(Choice { value: known.key.to_owned(), label }),
            }
        }
    }
    if !set.is_empty() && choices.iter().all(|choice| choice.value != set) {
        choices.push(Choice { value: set.to_owned(), label: set.to_owned() });
    }
    choices
}
