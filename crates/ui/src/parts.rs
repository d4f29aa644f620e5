//! Small pieces of markup that templates call by name.

use askama::filters::Safe;

use crate::assets::ICONS_SVG;

/// A sign from the sprite; decoration, so hidden from screen readers.
pub(crate) fn icon(name: &str) -> Safe<String> {
    Safe(format!(
        "<svg class=\"i\" aria-hidden=\"true\"><use href=\"{ICONS_SVG}#{name}\"></use></svg>"
    ))
}

/// The same, small.
pub(crate) fn small_icon(name: &str) -> Safe<String> {
    Safe(format!(
        "<svg class=\"i s\" aria-hidden=\"true\"><use href=\"{ICONS_SVG}#{name}\"></use></svg>"
    ))
}
