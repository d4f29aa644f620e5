//! The names and types of the fields in what the channels answer and push, held to short lists that were
//! written from the channels' documents.

mod kinds;
mod lazada;
mod list;
mod shopee;
mod tiktok;
mod tokopedia;
mod woocommerce;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use kinds::kind_of;
use list::{Field, Fields, Presence, join, read};

/// The lists of one channel, and what the answers held to them showed.
pub(crate) struct Lists {
    channel: &'static str,
    lists: BTreeMap<String, Fields>,
    asked: BTreeSet<String>,
    seen: BTreeSet<(String, String)>,
    complaints: Vec<String>,
}

impl Lists {
    /// The lists of a channel's file.
    pub(crate) fn of(channel: &'static str, text: &str) -> Self {
        let (asked, seen) = (BTreeSet::new(), BTreeSet::new());
        Self { channel, lists: read(text), asked, seen, complaints: Vec::new() }
    }

    /// Holds an answer to the list of an endpoint.
    pub(crate) fn hold(&mut self, endpoint: &str, answer: &Value) {
        let Some(fields) = self.lists.get(endpoint) else {
            panic!("{} has no list of {endpoint:?}", self.channel)
        };
        let mut check = Check { fields, seen: Vec::new(), complaints: Vec::new() };
        check.walk("", answer);
        let Check { seen, complaints, .. } = check;
        let found = complaints.into_iter().map(|what| format!("{endpoint}: {what}"));
        self.complaints.extend(found);
        self.seen.extend(seen.into_iter().map(|path| (endpoint.to_owned(), path)));
        self.asked.insert(endpoint.to_owned());
    }

    /// Fails with everything that differs: in the answers, and in the lists that no answer came to.
    pub(crate) fn finish(mut self) {
        let told: BTreeSet<usize> = self.seen.iter().map(|at| self.line(at)).collect();
        for (endpoint, fields) in &self.lists {
            if !self.asked.contains(endpoint) {
                self.complaints.push(format!("{endpoint}: was never asked"));
                continue;
            }
            for (path, field) in fields.iter().filter(|(_, field)| field.line > 0) {
                let here = self.seen.contains(&(endpoint.clone(), path.clone()));
                let always = field.presence == Presence::Always && !field.may_be_null();
                let seen = here || (!always || field.shared) && told.contains(&field.line);
                let wrong = match (field.presence, seen) {
                    (Presence::Never, true) => "is listed as never given and was given",
                    (Presence::Always | Presence::Sometimes, false) => "was never seen",
                    (Presence::Always | Presence::Sometimes, true) | (Presence::Never, false) => {
                        continue;
                    }
                };
                let line = field.line;
                self.complaints.push(format!("{endpoint}: {path} (line {line}) {wrong}"));
            }
        }
        let complaints: BTreeSet<_> = self.complaints.into_iter().collect();
        let all = complaints.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
        assert!(complaints.is_empty(), "{} differs from its lists:\n{all}", self.channel);
    }

    /// The line of the file that lists what was seen.
    fn line(&self, (endpoint, path): &(String, String)) -> usize {
        self.lists[endpoint][path].line
    }
}

/// One answer on its way through its list.
struct Check<'a> {
    fields: &'a Fields,
    seen: Vec<String>,
    complaints: Vec<String>,
}

impl Check<'_> {
    fn walk(&mut self, path: &str, value: &Value) {
        let Some(field) = self.fields.get(path) else {
            let found = kind_of(value);
            self.complaints.push(format!("{path} is not in the list ({found})"));
            return;
        };
        if !field.takes(value) {
            let (wanted, found) = (field.kinds.join("|"), short(value));
            self.complaints.push(format!("{path} should be {wanted} and is {found}"));
            return;
        }
        if !value.is_null() || field.kinds == ["null"] {
            self.seen.push(path.to_owned());
        }
        match value {
            Value::Object(members) => self.members(path, field, members),
            Value::Array(rows) => rows.iter().for_each(|row| self.walk(&format!("{path}[]"), row)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn members(&mut self, path: &str, field: &Field, members: &serde_json::Map<String, Value>) {
        for name in &field.members {
            let child = join(path, name);
            let needed = self.fields[&child].presence == Presence::Always;
            if needed && !members.contains_key(name) {
                self.complaints.push(format!("{child} is missing"));
            }
        }
        for (name, value) in members {
            if field.members.contains(name) || !field.open {
                self.walk(&join(path, name), value);
            }
        }
    }
}

/// A value for a message.
fn short(value: &Value) -> String {
    let text: String = value.to_string().chars().take(60).collect();
    format!("{} {text}", kind_of(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Lists;

    const LIST: &str = "
        [@price]
        value integer
        [orders]
        rows[].id integer
        rows[].at seconds
        rows[].note? string|null
        rows[].price @price
        rows[].meta object...
        rows[].gone?? string
        page.more boolean
    ";

    fn said(answer: &serde_json::Value) -> String {
        let held = std::panic::catch_unwind(|| {
            let mut lists = Lists::of("x", LIST);
            lists.hold("orders", answer);
            lists.finish();
        });
        held.err().map_or_else(String::new, |said| {
            let text = *said.downcast::<String>().unwrap();
            text.lines().skip(1).collect::<Vec<_>>().join("\n")
        })
    }

    fn answer() -> serde_json::Value {
        let row = json!({"id": 1, "at": 1_795_140_000, "note": "x", "price": {"value": 5},
                         "meta": {"any": [1, {"thing": 2}]}});
        json!({"rows": [row], "page": {"more": true}})
    }

    #[test]
    fn an_answer_like_its_list_passes_and_each_difference_is_named() {
        assert_eq!(said(&answer()), "");
        let with = |pointer: &str, value| {
            let mut changed = answer();
            *changed.pointer_mut(pointer).unwrap() = value;
            said(&changed)
        };
        let wrong = "orders: rows[].id (line 5) was never seen\n\
                     orders: rows[].id should be integer and is string \"1\"";
        assert_eq!(with("/rows/0/id", json!("1")), wrong);
        assert!(with("/rows/0/at", json!(1)).contains("rows[].at should be seconds"));
        let unknown = with("/rows/0/price", json!({"value": 5, "idr": 5}));
        assert_eq!(unknown, "orders: rows[].price.idr is not in the list (integer)");
        let missing = with("/page", json!({}));
        assert!(missing.contains("orders: page.more is missing"), "{missing}");
        let null = with("/rows/0/note", json!(null));
        assert_eq!(null, "orders: rows[].note (line 7) was never seen");
        let empty = with("/rows", json!([]));
        assert!(empty.contains("rows[].price.value (line 3) was never seen"), "{empty}");
    }

    #[test]
    fn what_is_listed_as_never_given_and_is_given_and_what_is_never_asked_fail() {
        let mut given = answer();
        given["rows"][0]["gone"] = json!("x");
        assert!(said(&given).contains("is listed as never given"), "{}", said(&given));
        let held = std::panic::catch_unwind(|| Lists::of("x", LIST).finish());
        let text = *held.unwrap_err().downcast::<String>().unwrap();
        assert!(text.contains("orders: was never asked"), "{text}");
    }
}
