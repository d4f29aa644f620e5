//! Small pieces of markup that templates call by name.

use askama::filters::Safe;
use qrcode::{Color, QrCode};

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

/// A text as a picture that a camera reads, with the quiet zone that it needs; nothing for a text that
/// is too long for one. The label is a word of ours.
pub(crate) fn qr(text: &str, label: impl std::fmt::Display) -> Safe<String> {
    const QUIET: usize = 4;
    let Ok(code) = QrCode::new(text) else { return Safe(String::new()) };
    let width = code.width();
    let side = width + 2 * QUIET;
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (at % width + QUIET, at / width + QUIET);
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    Safe(format!(
        "<svg class=\"qr\" role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 {side} {side}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"></path>\
         <path fill=\"#000\" d=\"{path}\"></path></svg>"
    ))
}
