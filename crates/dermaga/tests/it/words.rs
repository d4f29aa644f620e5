//! What channels ask of people has words in both languages.

use dermaga_domain::command::Field;
use dermaga_ui::{Command, Language, Words};

#[test]
fn every_field_and_command_of_every_channel_has_its_words() {
    let mut asked = 0;
    for (key, channel) in dermaga_channels::all().iter() {
        for offer in channel.capabilities().offers {
            assert!(Command::from_key(offer.kind.as_str()).is_some(), "{key}: {:?}", offer.kind);
            let of_reasons = offer.reasons.iter().flat_map(|reason| reason.fields);
            let fields: Vec<&Field> = offer.fields.iter().chain(of_reasons).collect();
            for (field, language) in fields
                .into_iter()
                .flat_map(|field| Language::ALL.iter().map(move |it| (field, *it)))
            {
                asked += 1;
                let word = Words::of(language).find(&format!("field-{}", field.name), &[]);
                assert!(word.is_some(), "{key}: no word for {} in {language:?}", field.name);
            }
        }
    }
    assert!(asked > 0);
}
