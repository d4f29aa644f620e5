//! Lists: pages by a token, and windows of whole seconds.

use serde_json::Value;

use super::errors::{self, Error};
use super::routes::Ask;
use crate::clock::SECOND_US;
use crate::faults::{Fault, Faults};

/// Which rows of a list are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    skip: usize,
    take: usize,
}

/// What a page's token begins with: nothing is to be read out of it.
const TOKEN: &str = "sbxpage";

impl Cut {
    /// `sizes`: the smallest and the largest page.
    pub(super) fn read(
        ask: &Ask<'_>,
        sizes: (usize, usize),
        usual: Option<usize>,
    ) -> Result<Self, Error> {
        let take = match ask.param("page_size") {
            None => usual.ok_or_else(|| errors::parameter("page_size"))?,
            Some(text) => text.parse().map_err(|_| errors::parameter("page_size"))?,
        };
        if !(sizes.0..=sizes.1).contains(&take) {
            return Err(errors::parameter("page_size"));
        }
        let skip = match ask.param("page_token") {
            None => 0,
            Some(token) => token
                .strip_prefix(TOKEN)
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| errors::parameter("page_token"))?,
        };
        Ok(Self { skip, take })
    }

    /// A page after the first, now and then, as if a row before it had just left the list.
    pub(super) fn drifting(self, faults: &Faults, shop_id: i64) -> Self {
        let drifts = self.skip > 0 && faults.fires(shop_id, Fault::PageDrift);
        Self { skip: self.skip + usize::from(drifts), ..self }
    }

    /// The rows of this page, and the token of the next; "" at the end.
    pub(super) fn of<T>(self, rows: &[T]) -> (&[T], String) {
        let from = self.skip.min(rows.len());
        let to = (from + self.take).min(rows.len());
        let next = if to < rows.len() { format!("{TOKEN}{to}") } else { String::new() };
        (rows.get(from..to).unwrap_or_default(), next)
    }
}

/// A window of a body: `{name}_ge` and `{name}_lt`, in seconds; the second is left out.
pub(super) fn window(body: &Value, name: &str) -> Result<(i64, i64), Error> {
    let second = |end: &str, open: i64| match body.get(format!("{name}_{end}")) {
        None | Some(Value::Null) => Ok(open),
        Some(value) => value.as_i64().filter(|at| *at >= 0).ok_or_else(|| errors::parameter(name)),
    };
    let (from, to) = (second("ge", i64::MIN)?, second("lt", i64::MAX)?);
    if from > to {
        return Err(errors::parameter(name));
    }
    Ok((from, to))
}

/// The texts of a list in a body; none if it is left out.
pub(super) fn texts(body: &Value, name: &str) -> Option<Vec<String>> {
    let rows = body.get(name)?.as_array()?;
    Some(rows.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// A moment in whole seconds.
pub(super) fn second(at_us: i64) -> i64 {
    at_us.div_euclid(SECOND_US)
}
