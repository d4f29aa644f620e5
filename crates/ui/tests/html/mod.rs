//! A strict reader of HTML: stricter than browsers, so that what it takes is sound.

/// An element with what stands in it.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// Its text, that of its children included.
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// A page, read.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) elements: Vec<Element>,
    pub(crate) text: String,
}

const VOID: [&str; 6] = ["meta", "link", "input", "br", "hr", "img"];
/// What may not hold block content.
const PHRASING_ONLY: [&str; 6] = ["p", "span", "h1", "h2", "h3", "button"];
const BLOCK: [&str; 12] =
    ["div", "p", "ul", "ol", "dl", "table", "section", "form", "h1", "h2", "h3", "details"];

impl Document {
    /// Reads a page, or says what is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut rest = text.strip_prefix("<!DOCTYPE html>").ok_or("no doctype")?;
        let mut document = Self { text: text.to_owned(), ..Self::default() };
        let mut open: Vec<usize> = Vec::new();
        while let Some(at) = rest.find('<') {
            document.say(&open, &rest[..at])?;
            let end =
                tag_end(&rest[at..]).ok_or_else(|| format!("open tag: {}", near(rest, at)))?;
            let tag = &rest[at + 1..at + end];
            rest = &rest[at + end + 1..];
            if let Some(name) = tag.strip_prefix('/') {
                let inner = open.pop().ok_or_else(|| format!("</{name}> closes nothing"))?;
                let opened = &document.elements[inner].name;
                if opened != name {
                    return Err(format!("</{name}> closes <{opened}> before {}", near(rest, 0)));
                }
            } else {
                let element = element(tag)?;
                document.nest(&open, &element)?;
                let is_void = VOID.contains(&element.name.as_str());
                document.elements.push(element);
                if !is_void {
                    open.push(document.elements.len() - 1);
                }
            }
        }
        document.say(&open, rest)?;
        if open.is_empty() { Ok(document) } else { Err("elements left open".to_owned()) }
    }

    fn say(&mut self, open: &[usize], text: &str) -> Result<(), String> {
        if text.contains('>') {
            return Err(format!("a stray > in {text}"));
        }
        for part in text.split('&').skip(1) {
            let name = part.split(';').next().unwrap_or_default();
            if !part.contains(';') || name.len() > 6 || name.contains(' ') {
                return Err(format!("a stray & in {text}"));
            }
        }
        for each in open {
            self.elements[*each].text.push_str(text);
        }
        Ok(())
    }

    fn nest(&self, open: &[usize], element: &Element) -> Result<(), String> {
        let Some(parent) = open.last().map(|at| self.elements[*at].name.as_str()) else {
            return Ok(());
        };
        let name = element.name.as_str();
        let wrong = (PHRASING_ONLY.contains(&parent) && BLOCK.contains(&name))
            || (matches!(parent, "ul" | "ol") && name != "li")
            || (parent == "tr" && !matches!(name, "td" | "th"))
            || (parent == "dl" && !matches!(name, "dt" | "dd" | "div"))
            || (matches!(name, "a" | "button")
                && open
                    .iter()
                    .any(|at| matches!(self.elements[*at].name.as_str(), "a" | "button")));
        if wrong { Err(format!("<{name}> in <{parent}>")) } else { Ok(()) }
    }
}

fn near(text: &str, at: usize) -> String {
    text[at..].chars().take(60).collect()
}

/// Where a tag ends: the first `>` outside quotes.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '>') => return Some(at),
            _ => {}
        }
    }
    None
}

fn element(tag: &str) -> Result<Element, String> {
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return Err(format!("a tag named {name}"));
    }
    let mut attributes: Vec<(String, String)> = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let end = rest.find(['=', ' ', '\n']).unwrap_or(rest.len());
        let name = &rest[..end];
        rest = &rest[end..];
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let quote = quote.ok_or_else(|| format!("{name} is not quoted in {tag}"))?;
            let close = after[1..].find(quote).ok_or_else(|| format!("{name} is not closed"))?;
            value = &after[1..=close];
            rest = &after[close + 2..];
            if !(rest.is_empty() || rest.starts_with(char::is_whitespace)) {
                return Err(format!("no space after {name} in {tag}"));
            }
        }
        if attributes.iter().any(|(each, _)| each == name) {
            return Err(format!("{name} twice in {tag}"));
        }
        attributes.push((name.to_owned(), value.to_owned()));
    }
    Ok(Element { name: name.to_owned(), attributes, text: String::new() })
}

#[test]
fn the_reader_refuses_what_is_not_sound() {
    for unsound in [
        "<p><div></div></p>",
        "<ul><p></p></ul>",
        "<a href=x></a>",
        "<b><i></b></i>",
        "<p>",
        "a & b",
        "<p id=\"a\" id=\"b\"></p>",
        "<a href=\"/\"><button>x</button></a>",
    ] {
        assert!(Document::read(&format!("<!DOCTYPE html>{unsound}")).is_err(), "{unsound}");
    }
    assert!(Document::read("<!DOCTYPE html><p>a &amp; b<br>c</p>").is_ok());
}
