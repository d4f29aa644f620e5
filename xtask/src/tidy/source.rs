//! Just enough reading of Rust to tell code from comments and text.

/// The same source with the content of comments, strings and characters replaced by spaces; lines
/// stay where they are.
#[must_use]
pub fn code_only(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    let mut before = ' ';
    while let Some(next) = rest.chars().next() {
        let skipped = skipped_length(rest, before);
        let length = if skipped > 0 { skipped } else { next.len_utf8() };
        let (piece, after) = rest.split_at(length);
        if skipped > 0 {
            code.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        } else {
            code.push(next);
        }
        before = piece.chars().last().unwrap_or(' ');
        rest = after;
    }
    code
}

/// How many bytes at the start of `rest` are a comment, string or character; 0 when they are code.
fn skipped_length(rest: &str, before: char) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_length(rest);
    }
    if let Some(text) = rest.strip_prefix('"') {
        return 1 + quoted_length(text, '"');
    }
    if rest.starts_with('r') && !is_word(before) {
        return raw_string_length(rest);
    }
    if rest.starts_with('\'') { character_length(rest) } else { 0 }
}

/// Block comments nest.
fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Up to and with the closing quote; a backslash takes the next character with it.
fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#` and so on; 0 when the `r` begins a name.
fn raw_string_length(rest: &str) -> usize {
    let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
    let open = 1 + hashes;
    if !rest[open..].starts_with('"') {
        return 0;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    let body = &rest[open + 1..];
    body.find(&close).map_or(rest.len(), |at| open + 1 + at + close.len())
}

/// `'x'` or `'\n'`; 0 for a lifetime.
fn character_length(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => 1 + quoted_length(&rest[1..], '\''),
        Some(_) => match chars.next() {
            Some((at, '\'')) => at + 1,
            Some(_) | None => 0,
        },
        None => 0,
    }
}

/// Whether the character can be part of a name.
#[must_use]
pub fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The names a piece of code declares: what follows `fn`, `struct`, `let` and so on, and fields and
/// parameters (what stands before a single colon). Code, not source: see [`code_only`].
#[must_use]
pub fn declared(code: &str) -> Vec<&str> {
    const KEYWORDS: [&str; 12] = [
        "fn", "struct", "enum", "union", "trait", "mod", "type", "const", "static", "let", "mut",
        "as",
    ];
    let mut names = Vec::new();
    let mut previous = "";
    let mut at = 0;
    while let Some(start) = code[at..].find(is_word).map(|found| at + found) {
        let end = code[start..].find(|c| !is_word(c)).map_or(code.len(), |found| start + found);
        let name = &code[start..end];
        let after = code[end..].trim_start();
        let before = code[..start].trim_end();
        let is_field =
            after.starts_with(':') && !after.starts_with("::") && !before.ends_with("::");
        if KEYWORDS.contains(&previous) || is_field {
            names.push(name);
        }
        previous = name;
        at = end;
    }
    names
}

/// The words a name is made of, in small letters: `HttpClient` and `http_client` are both
/// `http`, `client`.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut was_small = false;
    for c in name.chars() {
        if c == '_' {
            was_small = false;
            words.push(String::new());
            continue;
        }
        if words.is_empty() || (c.is_uppercase() && was_small) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        was_small = c.is_lowercase() || c.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_blank() {
        let check = |source: &str, expect: &str| {
            let code = code_only(source);
            assert_eq!(code.split_whitespace().collect::<Vec<_>>().join(" "), expect, "{source}");
            assert_eq!(code.matches('\n').count(), source.matches('\n').count(), "{source}");
        };
        check("a // b\nc", "a c");
        check("a /* b /* c */ d */ e", "a e");
        check(r#"a "b \" c" d"#, "a d");
        check("a r#\"b \" c\"# d", "a d");
        check("for_r\"x\" b", "for_r b");
        check("'a' b '\\'' c", "b c");
        check("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)");
    }

    #[test]
    fn declarations_are_found_and_uses_are_not() {
        let code = "mod a; use tower::util::X; fn b<T>(c: D) { let mut e = f::g(h); } x.i(j)";
        assert_eq!(declared(code), ["a", "b", "c", "mut", "e"]);
    }

    #[test]
    fn names_split_into_words() {
        let check = |name: &str, expect: &[&str]| assert_eq!(words(name), expect, "{name}");
        check("HttpClient", &["http", "client"]);
        check("http_client", &["http", "client"]);
        check("BATCH_MAX", &["batch", "max"]);
        check("_x", &["x"]);
    }
}
