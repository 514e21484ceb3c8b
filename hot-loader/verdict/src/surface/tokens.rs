//! Reads tokens into a [`Text`].
//!
//! Relies on what Rust's grammar says of single tokens and their neighbours, not on
//! parsed syntax, since much of what it reads is arguments of macros. Must never
//! hash two different programs alike: where spacing means something (`a & &b`,
//! `a && b`) it is hashed.

use super::attributes;
use super::known;
use super::spelling;
use super::text::Text;
use hot_loader_compile::hash::{Fnv, name};
use proc_macro2::{Delimiter, Ident, Literal, Spacing, TokenStream, TokenTree};

/// Where the walker is.
#[derive(Clone, Copy, Default)]
struct Place {
    /// In a macro's arguments, where every comma may mean something.
    raw: bool,
    /// In an attribute, where string literals name functions (serde).
    attribute: bool,
    /// In the definition of a macro, where `$name` is a name of its own.
    definition: bool,
    /// In the braces of a `use`, where each name ends a path.
    imports: bool,
    /// In a macro's arguments, but for those that define it: `stringify!` shows them.
    spelled: bool,
    /// Inside of something.
    nested: bool,
}

/// Reads tokens, with or without visibilities. The names are in no order yet.
pub(super) fn read(tokens: TokenStream, drop_vis: bool) -> Text {
    let mut walker = Walker {
        text: Text::default(),
        hash: Fnv::default(),
        drop_vis,
    };
    walker.walk(tokens, Place::default());
    let mut text = walker.text;
    text.hash = walker.hash.finish();
    text
}

struct Walker {
    text: Text,
    hash: Fnv,
    drop_vis: bool,
}

impl Walker {
    fn walk(&mut self, tokens: TokenStream, place: Place) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        // Whether the path being read starts at a crate that is not this one.
        let mut external = false;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if place.spelled {
                let touching = spelling::touching(&tokens, at);
                self.text.spelling = spelling::mix(self.text.spelling, touching);
            }
            match token {
                // A macro can count what is an attribute to others.
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if !place.raw
                        && let Some(end) = self.dropped_attribute(&tokens, at)
                    {
                        at = end;
                        continue;
                    }
                    self.hash.text("#");
                }
                TokenTree::Punct(punct) => {
                    let next = punct_at(&tokens, at + 1);
                    let joint = punct.spacing() == Spacing::Joint
                        && next.is_some_and(|next| is_operator(punct.as_char(), next));
                    // A comma before a closing `>` is formatting.
                    if !place.raw && punct.as_char() == ',' && next == Some('>') {
                        at += 1;
                        continue;
                    }
                    let mut utf8 = [0; 4];
                    self.hash
                        .bytes(punct.as_char().encode_utf8(&mut utf8).as_bytes());
                    self.hash.bytes(if joint { &[0xfe] } else { &[0xff] });
                }
                TokenTree::Ident(ident) => {
                    if self.drop_vis && !place.raw && ident == "pub" {
                        at += 1 + usize::from(is_restriction(tokens.get(at + 1)));
                        continue;
                    }
                    self.ident(ident, &tokens, at, &mut external, place);
                }
                TokenTree::Literal(literal) => self.literal(literal, place),
                TokenTree::Group(group) => {
                    let (bang, definition) = (is_bang(&tokens, at), is_definition(&tokens, at));
                    let inner = Place {
                        raw: place.raw || bang,
                        attribute: place.attribute || is_attribute(&tokens, at),
                        definition: place.definition || definition,
                        spelled: place.spelled || (bang && !definition),
                        nested: true,
                        imports: place.imports
                            || (punct_back(&tokens, at, 1) == Some(':')
                                && punct_back(&tokens, at, 2) == Some(':')),
                    };
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => {
                            self.walk(group.stream(), inner);
                            at += 1;
                            continue;
                        }
                    };
                    self.hash.text(open);
                    let stream = if inner.raw {
                        group.stream()
                    } else {
                        without_last_comma(group.stream(), group.delimiter())
                    };
                    self.walk(stream, inner);
                    self.hash.text(close);
                }
            }
            at += 1;
        }
    }

    /// Skips an attribute that changes nothing at run time; gives the place behind it.
    fn dropped_attribute(&mut self, tokens: &[TokenTree], at: usize) -> Option<usize> {
        let inner = usize::from(punct_at(tokens, at + 1) == Some('!'));
        let TokenTree::Group(group) = tokens.get(at + 1 + inner)? else {
            return None;
        };
        if group.delimiter() != Delimiter::Bracket {
            return None;
        }
        let mut content = group.stream().into_iter();
        let Some(TokenTree::Ident(first)) = content.next() else {
            return None;
        };
        let first = first.to_string();
        if !attributes::is_inert_attribute(&first) {
            return None;
        }
        if first == "doc" {
            let mut doc = Self {
                text: Text::default(),
                hash: Fnv::default(),
                drop_vis: false,
            };
            doc.walk(
                content.collect(),
                Place {
                    raw: true,
                    ..Place::default()
                },
            );
            self.text.doc_strings.append(&mut doc.text.strings);
        }
        Some(at + 2 + inner)
    }

    fn ident(
        &mut self,
        ident: &Ident,
        tokens: &[TokenTree],
        at: usize,
        external: &mut bool,
        place: Place,
    ) {
        let word = ident.to_string();
        let word = word.strip_prefix("r#").unwrap_or(&word);
        self.hash.text(word);
        let start = ident.span().start();
        // A definition's place is wherever it expands.
        if !place.definition {
            let spot = (start.line as u128) << 64 | start.column as u128;
            self.text.place = spelling::mix(self.text.place, spot);
        }
        let bang = punct_at(tokens, at + 1) == Some('!') && punct_at(tokens, at + 2) != Some('=');
        // A macro can make a call of a name that it is given.
        let given = place.raw
            && punct_at(tokens, at + 1) != Some(':')
            && punct_back(tokens, at, 1) != Some('.');
        self.text.asks_place |= (bang || given) && known::PLACES.contains(&word);
        if bang {
            match word {
                // Their value is the place: an edit above moves it.
                "line" | "column" if !place.definition => {
                    self.hash.number(start.line as u128);
                    self.hash.number(start.column as u128);
                }
                "include" => self.text.includes_code = true,
                "macro_rules" => self.text.defines |= place.nested,
                _ => {}
            }
            if !known::is_harmless_macro(word) && word != "macro_rules" {
                self.text.calls.push(name(word));
            }
            if word.starts_with("include") && !is_literal_group(tokens.get(at + 2)) {
                self.text.any_file = true;
            }
        }

        let hash = name(word);
        let prefix = punct_at(tokens, at + 1) == Some(':')
            && punct_at(tokens, at + 2) == Some(':')
            && punct_at(tokens, at + 3) != Some('<');
        if place.raw || !prefix {
            self.text.ends.push(hash);
        }
        let before = |back: usize| punct_back(tokens, at, back);
        if before(1) == Some(':') && before(2) == Some(':') {
            self.text.asks_place |= word == "caller";
            self.text.associated |= !prefix && may_be_associated(tokens, at, word);
            let follows = matches!(
                at.checked_sub(3).map(|at| &tokens[at]),
                Some(TokenTree::Ident(_))
            );
            *external &= follows;
            if *external {
                self.text.outer.push(hash);
            } else {
                self.text.tails.push(hash);
            }
            return;
        }
        *external = false;
        if place.definition && before(1) == Some('$') && word != "crate" {
            return;
        }
        if before(1) == Some('.') && before(2) != Some('.') {
            self.text.dots.push(hash);
            if place.raw {
                // Whatever a macro makes of it.
                self.text.heads.push(hash);
            }
            return;
        }
        if before(1) == Some('\'') {
            return;
        }
        if let Some(TokenTree::Ident(previous)) = at.checked_sub(1).map(|at| &tokens[at])
            && known::defines(previous)
        {
            return;
        }
        let single_colon =
            punct_at(tokens, at + 1) == Some(':') && punct_at(tokens, at + 2) != Some(':');
        let path = punct_at(tokens, at + 1) == Some(':') && !single_colon;
        if single_colon && !place.raw {
            // `name: Type` and `name: value` bind or fill a name of their own.
            return;
        }
        *external = path && known::is_external_crate(word);
        self.text.heads.push(hash);
        if place.imports {
            self.text.tails.push(hash);
        }
    }

    fn literal(&mut self, literal: &Literal, place: Place) {
        let shown = literal.to_string();
        self.hash.text(&shown);
        let Some((start, end)) = shown.find('"').zip(shown.rfind('"')) else {
            return;
        };
        let Some(content) = shown.get(start + 1..end) else {
            return;
        };
        let last = content.rsplit(['/', '\\']).next().unwrap_or(content);
        self.text.strings.push(name(last));
        if place.raw {
            // `format!("{NAME}")` captures a constant.
            for captured in content.split('{').skip(1) {
                let end = captured.find(|char: char| !char.is_alphanumeric() && char != '_');
                let word = captured
                    .get(..end.unwrap_or(captured.len()))
                    .unwrap_or_default();
                if !word.is_empty() {
                    self.text.heads.push(name(word));
                    self.text.ends.push(name(word));
                }
            }
        }
        if place.attribute {
            for word in content.split(|char: char| !char.is_alphanumeric() && char != '_') {
                if !word.is_empty() {
                    self.text.heads.push(name(word));
                    self.text.tails.push(name(word));
                    self.text.ends.push(name(word));
                }
            }
        }
    }
}

/// Whether the word behind a `::` may be a constant or function of the type before it,
/// by how Rust spells those.
fn may_be_associated(tokens: &[TokenTree], at: usize, word: &str) -> bool {
    let of_type = match at.checked_sub(3).map(|at| &tokens[at]) {
        Some(TokenTree::Ident(before)) => {
            let before = before.to_string();
            known::is_primitive(&before) || before.contains(char::is_uppercase)
        }
        _ => true,
    };
    let camel = word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase);
    of_type && !camel
}

fn punct_back(tokens: &[TokenTree], at: usize, back: usize) -> Option<char> {
    at.checked_sub(back).and_then(|at| punct_at(tokens, at))
}

fn punct_at(tokens: &[TokenTree], at: usize) -> Option<char> {
    match tokens.get(at) {
        Some(TokenTree::Punct(punct)) => Some(punct.as_char()),
        _ => None,
    }
}

/// Whether two punctuation characters written together are one operator.
fn is_operator(first: char, second: char) -> bool {
    match second {
        '=' => "=!<>+-*/%^&|.".contains(first),
        '>' => "-=>".contains(first),
        '<' => first == '<',
        '-' => first == '<',
        '&' | '|' | ':' | '.' => first == second,
        _ => false,
    }
}

/// Whether the group at `at` holds a macro's arguments: `name! (…)`, `macro_rules! name {…}`.
fn is_bang(tokens: &[TokenTree], at: usize) -> bool {
    let name_before_bang = |back: usize| {
        let bang = at.checked_sub(back).and_then(|at| punct_at(tokens, at)) == Some('!');
        match at.checked_sub(back + 1).map(|at| &tokens[at]) {
            Some(TokenTree::Ident(ident)) if bang => Some(ident),
            _ => None,
        }
    };
    // `if !(…)` is no macro.
    let is_macro = |ident: &Ident| {
        !["if", "while", "match", "in", "return", "else", "break"]
            .iter()
            .any(|word| ident == word)
    };
    name_before_bang(1).is_some_and(is_macro)
        || name_before_bang(2).is_some_and(|ident| ident == "macro_rules")
}

/// Whether the group at `at` is the definition in `macro_rules! name {…}`.
fn is_definition(tokens: &[TokenTree], at: usize) -> bool {
    let word = at.checked_sub(3).map(|at| &tokens[at]);
    punct_back(tokens, at, 2) == Some('!')
        && matches!(word, Some(TokenTree::Ident(ident)) if ident == "macro_rules")
}

fn is_attribute(tokens: &[TokenTree], at: usize) -> bool {
    let back = |back: usize| at.checked_sub(back).and_then(|at| punct_at(tokens, at));
    back(1) == Some('#') || (back(1) == Some('!') && back(2) == Some('#'))
}

/// The `(crate)` of `pub(crate)`.
fn is_restriction(token: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = token else {
        return false;
    };
    let mut content = group.stream().into_iter();
    let Some(TokenTree::Ident(first)) = content.next() else {
        return false;
    };
    group.delimiter() == Delimiter::Parenthesis
        && (first == "in"
            || (["crate", "self", "super"].iter().any(|word| first == word)
                && content.next().is_none()))
}

/// One plain string literal without escapes in a macro's arguments.
fn is_literal_group(token: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = token else {
        return false;
    };
    let content: Vec<TokenTree> = group.stream().into_iter().collect();
    match content.as_slice() {
        [TokenTree::Literal(literal)] => is_plain(literal),
        [TokenTree::Literal(literal), TokenTree::Punct(punct)] => {
            punct.as_char() == ',' && is_plain(literal)
        }
        _ => false,
    }
}

fn is_plain(literal: &Literal) -> bool {
    let shown = literal.to_string();
    shown.starts_with('r') || (shown.starts_with('"') && !shown.contains('\\'))
}

/// rustfmt adds and removes trailing commas; only `(a,)` means another thing than `(a)`.
fn without_last_comma(tokens: TokenStream, delimiter: Delimiter) -> TokenStream {
    let is_comma =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let mut commas = 0;
    let mut last = false;
    for token in tokens.clone() {
        last = is_comma(&token);
        commas += usize::from(last);
    }
    if !last || (commas == 1 && delimiter == Delimiter::Parenthesis) {
        return tokens;
    }
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.pop();
    tokens.into_iter().collect()
}
