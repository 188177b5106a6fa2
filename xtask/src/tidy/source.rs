//! A Rust file as the checks see it: its tokens in order, its functions with their lengths, and what of it is a test.
//!
//! The tokens come from the compiler's own lexer by way of `proc_macro2`, so that strings and comments that look like
//! code mislead nobody. Types are not known here; a check that wants them guesses from names and says so.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// One token; a delimiter is a token of its own.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    /// From 1.
    pub(crate) line: usize,
    /// Inside an item that is compiled for tests only.
    pub(crate) test: bool,
}

impl Token {
    /// The characters of a string literal, escapes left as they are written; nothing for any other token.
    pub(crate) fn string(&self) -> Option<&str> {
        let plain = self.text.strip_prefix('r').map_or(self.text.as_str(), |raw| raw.trim_matches('#'));
        plain.strip_prefix('"')?.strip_suffix('"')
    }

    /// Whether this is an identifier or keyword.
    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(|first: char| first.is_alphabetic() || first == '_') && self.string().is_none()
    }

    /// Whether this is a number with a fraction or an exponent, or one that says that it is a float.
    pub(crate) fn is_float(&self) -> bool {
        let number = self.text.starts_with(|first: char| first.is_ascii_digit());
        let prefixed = ["0x", "0b", "0o"].iter().any(|prefix| self.text.starts_with(prefix));
        number && !prefixed && self.text.contains(['.', 'e', 'E', 'f']) && !self.text.ends_with("size")
    }
}

/// One function with a body.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// Lines from `fn` to the closing brace, both counted.
    pub(crate) length: usize,
    pub(crate) test: bool,
}

/// What the checks know of one file.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) tokens: Vec<Token>,
    pub(crate) functions: Vec<Function>,
    /// Lines of items that are compiled for tests only.
    pub(crate) test_lines: usize,
    /// Modules in other files that this file declares for tests only.
    pub(crate) test_modules: Vec<String>,
}

impl Source {
    /// Reads a file; the error is a sentence with the line.
    pub(crate) fn parse(text: &str) -> Result<Self, (usize, String)> {
        let stream: TokenStream =
            text.parse().map_err(|error: proc_macro2::LexError| (line(error.span()), format!("{error}")))?;
        let mut source = Self::default();
        source.walk(stream, false);
        Ok(source)
    }

    fn walk(&mut self, stream: TokenStream, mut test: bool) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        // The line on which an item marked as a test began, until the item ends.
        let mut item: Option<usize> = None;
        let mut index = 0;
        while let Some(tree) = trees.get(index) {
            let at = line(tree.span());
            if let Some((width, attribute)) = attribute(trees.get(index..).unwrap_or_default()) {
                if attribute == Attribute::TestFile {
                    test = true;
                } else if attribute == Attribute::Test {
                    item = item.or(Some(at));
                }
                index += width;
                continue;
            }
            if let Some(function) = function(trees.get(index..).unwrap_or_default(), test || item.is_some()) {
                self.functions.push(function);
            }
            let ends = match tree {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                TokenTree::Punct(punct) => punct.as_char() == ';',
                TokenTree::Ident(_) | TokenTree::Literal(_) => false,
            };
            if ends && item.is_some() && is(tree, ";") {
                self.test_modules.extend(module_before(&trees, index));
            }
            self.push(tree, test || item.is_some());
            if ends && let Some(from) = item.take() {
                let lines = end_line(tree) - from + 1;
                self.test_lines += if test { 0 } else { lines };
            }
            index += 1;
        }
    }

    fn push(&mut self, tree: &TokenTree, test: bool) {
        let TokenTree::Group(group) = tree else {
            self.tokens.push(Token { text: tree.to_string(), line: line(tree.span()), test });
            return;
        };
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        self.tokens.push(Token { text: open.to_owned(), line: line(group.span_open()), test });
        let outside = self.test_lines;
        self.walk(group.stream(), test);
        if test {
            // The enclosing item counts its own lines.
            self.test_lines = outside;
        }
        self.tokens.push(Token { text: close.to_owned(), line: line(group.span_close()), test });
    }
}

#[derive(PartialEq, Eq)]
enum Attribute {
    /// `#[cfg(test)]`, `#[test]`, `#[tokio::test]`, …: the item that follows is for tests.
    Test,
    /// `#![cfg(test)]`: all that follows is for tests.
    TestFile,
    Documentation,
}

/// The attribute at the head of `trees`, with the number of trees it takes, if it is one that matters here.
fn attribute(trees: &[TokenTree]) -> Option<(usize, Attribute)> {
    let inner = trees.get(1).is_some_and(|tree| is(tree, "!"));
    let width = if inner { 3 } else { 2 };
    let (true, TokenTree::Group(group)) = (is(trees.first()?, "#"), trees.get(width - 1)?) else { return None };
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let text: String = group.stream().to_string().split_whitespace().collect();
    if text.starts_with("doc=") {
        return Some((width, Attribute::Documentation));
    }
    let conditional = text.starts_with("cfg(test") || text.starts_with("cfg(all(test");
    let kind = if inner { Attribute::TestFile } else { Attribute::Test };
    (conditional || text == "test" || text.ends_with("::test") || text.contains("::test(")).then_some((width, kind))
}

/// The function at the head of `trees`, if one with a body begins there.
fn function(trees: &[TokenTree], test: bool) -> Option<Function> {
    let (true, TokenTree::Ident(name)) = (is(trees.first()?, "fn"), trees.get(1)?) else { return None };
    let end = trees.iter().find(|tree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        other => is(other, ";"),
    })?;
    let TokenTree::Group(body) = end else { return None };
    let from = line(name.span());
    Some(Function { name: name.to_string(), line: from, length: line(body.span_close()) - from + 1, test })
}

/// The name in `mod name;` whose semicolon stands at `index`.
fn module_before(trees: &[TokenTree], index: usize) -> Option<String> {
    let name = trees.get(index.checked_sub(1)?)?;
    let keyword = trees.get(index.checked_sub(2)?)?;
    is(keyword, "mod").then(|| name.to_string())
}

fn is(tree: &TokenTree, text: &str) -> bool {
    match tree {
        TokenTree::Ident(ident) => ident == text,
        TokenTree::Punct(punct) => text.len() == 1 && text.starts_with(punct.as_char()),
        TokenTree::Group(_) | TokenTree::Literal(_) => false,
    }
}

fn line(span: Span) -> usize {
    span.start().line
}

fn end_line(tree: &TokenTree) -> usize {
    tree.span().end().line
}

#[cfg(test)]
mod tests {
    use super::Source;

    const FILE: &str = r##"//! A file.
fn short() { let _ = "fn no() {"; }

impl Thing {
    /// Not a token: f64.
    pub fn long(
        &self,
    ) -> u8
    {
        1
    }
    fn declared(&self);
}

#[cfg(test)]
mod tests {
    #[test]
    fn inner() {
        assert!(true);
    }
}
#[cfg(test)]
mod elsewhere;
"##;

    #[test]
    fn functions_have_lengths_and_tests_are_told_apart() {
        let source = Source::parse(FILE).unwrap();
        let functions: Vec<_> =
            source.functions.iter().map(|function| (function.name.as_str(), function.length, function.test)).collect();
        assert_eq!(functions, [("short", 1, false), ("long", 6, false), ("inner", 3, true)]);
        assert_eq!(source.test_lines, 7 + 2);
        assert_eq!(source.test_modules, ["elsewhere"]);
        assert!(!source.tokens.iter().any(|token| token.text.contains("f64")), "doc comments are no tokens");
    }

    #[test]
    fn floats_and_strings_are_recognised() {
        let source = Source::parse(r####"f(1.5, 2e3, 7_f64, 0xef, 1..2, 3usize, r#"raw"#, "text")"####).unwrap();
        let floats: Vec<_> = source.tokens.iter().filter(|token| token.is_float()).map(|token| &token.text).collect();
        assert_eq!(floats, ["1.5", "2e3", "7_f64"]);
        let strings: Vec<_> = source.tokens.iter().filter_map(|token| token.string()).collect();
        assert_eq!(strings, ["raw", "text"]);
    }

    #[test]
    fn what_does_not_parse_is_an_error_with_its_line() {
        assert_eq!(Source::parse("fn a() {\n}\n}").unwrap_err().0, 3);
    }
}
