//! The flow files of every channel, compiled in, and flows as text.

pub mod markdown;
pub mod render;

use dermaga_domain::flow::{FlowError, FlowFile};

/// The text of each channel's flow file, by the channel's name, in alphabetical order.
pub const FLOW_FILES: &[(&str, &str)] = &[
    ("lazada", include_str!("lazada/flow.toml")),
    ("pos", include_str!("pos/flow.toml")),
    ("shopee", include_str!("shopee/flow.toml")),
    ("tiktok", include_str!("tiktok/flow.toml")),
    ("tokopedia", include_str!("tokopedia/flow.toml")),
    ("woocommerce", include_str!("woocommerce/flow.toml")),
];

/// Reads the flow file of a channel; `None` if there is no channel of that name.
///
/// # Errors
/// When the file is wrong, which a test of this crate rules out for those compiled in.
pub fn flow_file(channel: &str) -> Option<Result<FlowFile, FlowError>> {
    let (name, text) = FLOW_FILES.iter().find(|(name, _)| *name == channel)?;
    Some(FlowFile::parse(&format!("{name}/flow.toml"), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flow_file_passes_the_checks_and_names_its_channel() {
        for (name, text) in FLOW_FILES {
            let file = FlowFile::parse(&format!("{name}/flow.toml"), text);
            let file = file.unwrap_or_else(|error| panic!("{error}"));
            let flow = file.flow(dermaga_domain::flow::Preset::Classic);
            assert_eq!(flow.channel.as_str(), *name);
            assert!(
                flow.rules.iter().all(|rule| rule.note.is_some()),
                "{name}: a rule without note"
            );
        }
    }

    #[test]
    fn the_channels_are_in_alphabetical_order() {
        assert!(FLOW_FILES.is_sorted_by(|one, two| one.0 < two.0));
    }
    #[test]
    fn a_cancellation_by_nobody_in_particular_is_left_to_a_person_where_a_buyers_is() {
        use dermaga_domain::flow::{Effect, Ensures, Preset};
        use dermaga_domain::term::{About, ChannelStatus, Mode};

        let file = flow_file("lazada").unwrap().unwrap();
        let canceled = ChannelStatus::new("canceled");
        for (preset, effect) in
            [(Preset::Classic, Effect::ManualVoid), (Preset::Recommended, Effect::Void)]
        {
            let flow = file.flow(preset);
            let ensured = flow.ensured(About::Order, &canceled, None, Mode::Realtime).unwrap();
            assert_eq!(ensured.ensures, Ensures::NOTHING.with(effect));
        }
    }

    #[test]
    fn every_flow_survives_its_own_text() {
        use dermaga_domain::flow::{Flow, Preset};

        for (name, text) in FLOW_FILES {
            let file = FlowFile::parse(name, text).unwrap();
            for preset in Preset::ALL {
                let flow = file.flow(*preset);
                assert_eq!(Flow::from_toml("shop", &flow.to_toml()).unwrap(), flow, "{name}");
            }
        }
    }
}
