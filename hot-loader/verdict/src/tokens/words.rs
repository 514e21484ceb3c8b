//! Tokens as text that ignores formatting, and what words stand in them.
//!
//! Relies on what Rust's grammar says of single tokens and their neighbours. Must never
//! make one text of two different programs: in a macro's arguments, where a macro can see
//! more than the compiler, nothing is left out.

use hot_loader_compile::hash::{Fnv, Name, name};
use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenTree};
use std::collections::BTreeSet;

/// Attributes that no build can tell by its behaviour.
const INERT: &str = "allow warn deny expect forbid doc";

/// Keywords that a `!` may stand behind without a call.
const BEFORE_NOT: &str = "if while match in return else break";

/// Words that can declare an item with an identity, or a macro that does.
const DECLARING: &str = "struct enum impl trait static macro_rules mod extern item";

/// An attribute: `#[name(…)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attr {
    /// Its path's last segment; of `unsafe(no_mangle)` what is inside.
    pub name: String,
    /// All between its brackets; of a `derive` one derived path.
    pub text: String,
}

/// A piece of source.
#[derive(Default)]
pub(super) struct Words {
    /// All tokens, with a space between them, without comments and lints.
    pub(super) text: String,
    /// All identifiers, and the words of the literals that a macro or an attribute is given.
    pub(super) names: BTreeSet<Name>,
    /// Macros that it calls; `$name` for one whose name a macro was given.
    pub(super) calls: BTreeSet<String>,
    /// It has a keyword that can declare an item with an identity.
    pub(super) declares: bool,
}

impl Words {
    pub(super) fn of(tokens: &[TokenTree]) -> Self {
        let mut words = Self::default();
        words.read(tokens, false);
        words
    }

    pub(super) fn hash(&self) -> u128 {
        Fnv::default().text(&self.text).finish()
    }

    /// Takes in more tokens; `raw` ones are what a macro sees. Recurses, so the caller must
    /// have refused what is too deep.
    pub(super) fn read(&mut self, tokens: &[TokenTree], raw: bool) {
        let mut at = 0;
        // Whether the last token and the next are one.
        let mut glued = false;
        // Where the arguments of a macro or attribute are.
        let mut arguments = None;
        while let Some(token) = tokens.get(at) {
            let glue = std::mem::take(&mut glued);
            match token {
                TokenTree::Punct(punct) => {
                    let char = punct.as_char();
                    let next = punct_at(tokens, at + 1);
                    if !raw && let Some((content, end)) = attribute(tokens, at) {
                        arguments = Some(end - 1);
                        if is_inert(&content) {
                            at = end;
                            continue;
                        }
                    }
                    // A comma before a closing `>` is formatting.
                    if raw || char != ',' || next != Some('>') {
                        self.add(char.encode_utf8(&mut [0; 4]), glue);
                    }
                    glued = punct.spacing() == Spacing::Joint
                        && (char == '\'' || next.is_some_and(|next| is_operator(char, next)));
                }
                TokenTree::Ident(ident) => {
                    arguments = self.ident(ident, tokens, at, raw, glue).or(arguments);
                }
                TokenTree::Literal(literal) => {
                    let shown = literal.to_string();
                    // `"{NAME}"` captures a constant.
                    if raw && shown.contains('"') {
                        self.names.extend(names_in(&shown));
                    }
                    self.add(&shown, glue);
                }
                TokenTree::Group(group) => self.group(group, raw || arguments == Some(at)),
            }
            at += 1;
        }
    }

    /// Takes in a token that is made up.
    pub(super) fn add(&mut self, word: &str, glue: bool) {
        if !glue && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(word);
    }

    /// Gives the place of the arguments, if it is a macro.
    fn ident(
        &mut self,
        ident: &Ident,
        tokens: &[TokenTree],
        at: usize,
        raw: bool,
        lifetime: bool,
    ) -> Option<usize> {
        let spelled = ident.to_string();
        let word = plain(&spelled);
        self.names.insert(name(word));
        let is = |other: &str| other == spelled;
        let union = is("union") && ident_at(tokens, at + 1).is_some();
        self.declares |= !lifetime && (union || DECLARING.split(' ').any(is));
        self.add(if raw { &spelled } else { word }, lifetime);
        if punct_at(tokens, at + 1) != Some('!') || BEFORE_NOT.split(' ').any(is) {
            return None;
        }
        match tokens.get(at + 2)? {
            TokenTree::Group(_) => {
                let given = at > 0 && is_punct(&tokens[at - 1], '$');
                let dollar = if given { "$" } else { "" };
                self.calls.insert(format!("{dollar}{word}"));
                Some(at + 2)
            }
            _ => is("macro_rules").then_some(at + 3),
        }
    }

    fn group(&mut self, group: &Group, raw: bool) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => return self.read(&inside(group), raw),
        };
        let content = inside(group);
        if raw && let [open, parts @ .., close] = content.as_slice() {
            // `[<on _hit>]` is how a macro is asked for the name `on_hit`.
            if is_punct(open, '<') && is_punct(close, '>') {
                let parts = parts.iter().map(TokenTree::to_string);
                self.names.insert(name(&parts.collect::<String>()));
            }
        }
        self.add(open, false);
        match content.split_last() {
            // rustfmt adds and removes it; only `(a,)` means another thing than `(a)`.
            Some((last, rest))
                if !raw
                    && is_punct(last, ',')
                    && (open != "(" || rest.iter().any(|token| is_punct(token, ','))) =>
            {
                self.read(rest, raw);
            }
            _ => self.read(&content, raw),
        }
        self.add(close, false);
    }
}

/// Those of some attributes that can mean something.
pub(super) fn attributes(tokens: &[TokenTree]) -> Vec<Attr> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some((content, end)) = attribute(tokens, at) {
        at = end;
        if is_inert(&content) {
            continue;
        }
        let mut words = Words::default();
        words.read(&content, true);
        let path = words.text.strip_prefix("unsafe ( ").unwrap_or(&words.text);
        let path = path.split(' ').take_while(|word| !"(=[{)".contains(word));
        let name = plain(path.last().unwrap_or_default());
        let mut add = |text: &str| {
            let (name, text) = (name.to_owned(), text.to_owned());
            found.push(Attr { name, text });
        };
        match words.text.split_once("derive (") {
            Some((_, derived)) if name == "derive" => {
                let paths = derived.split([',', ')']).map(str::trim);
                paths.filter(|path| !path.is_empty()).for_each(add);
            }
            _ => add(&words.text),
        }
    }
    found
}

/// The content of the attribute at `at`, and where it ends.
pub(super) fn attribute(tokens: &[TokenTree], at: usize) -> Option<(Vec<TokenTree>, usize)> {
    let inner = usize::from(punct_at(tokens, at + 1) == Some('!'));
    let hash = punct_at(tokens, at) == Some('#');
    match tokens.get(at + 1 + inner)? {
        TokenTree::Group(group) if hash && group.delimiter() == Delimiter::Bracket => {
            Some((inside(group), at + 2 + inner))
        }
        _ => None,
    }
}

/// Whether an attribute means nothing. A longer path is another's attribute.
fn is_inert(content: &[TokenTree]) -> bool {
    path(content, 0).is_some_and(|(name, end)| end == 1 && INERT.split(' ').any(|is| is == name))
}

/// All that could be a name in a text.
pub fn names_in(text: &str) -> impl Iterator<Item = Name> + '_ {
    let words = text.split(|char: char| !char.is_alphanumeric() && char != '_');
    words.filter(|word| !word.is_empty()).map(name)
}

/// Whether two punctuation characters written together are one operator.
fn is_operator(first: char, second: char) -> bool {
    match second {
        '=' => "=!<>+-*/%^&|.".contains(first),
        '>' => "-=>".contains(first),
        '<' | '&' | '|' | ':' | '.' => first == second,
        _ => false,
    }
}

/// The last segment of the path at `at`, without generics, and where it ends.
pub(super) fn path(tokens: &[TokenTree], at: usize) -> Option<(String, usize)> {
    let joined = |at| punct_at(tokens, at) == Some(':') && punct_at(tokens, at + 1) == Some(':');
    let mut at = if joined(at) { at + 2 } else { at };
    loop {
        let last = ident_at(tokens, at)?;
        at += 1;
        if !joined(at) {
            return Some((plain(&last).to_owned(), at));
        }
        at += 2;
    }
}

/// What a string literal says, by how paths are written.
pub(super) fn string(literal: &str) -> Option<String> {
    let raw = literal.strip_prefix('r').map(|raw| raw.trim_matches('#'));
    let quoted = raw
        .unwrap_or(literal)
        .strip_prefix('"')?
        .strip_suffix('"')?;
    Some(match raw {
        Some(_) => quoted.to_owned(),
        None => quoted.replace(r"\\", r"\"),
    })
}

/// An identifier without its `r#`.
pub(super) fn plain(word: &str) -> &str {
    word.strip_prefix("r#").unwrap_or(word)
}

pub(super) fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

/// The identifier at `at`, as it is spelled.
pub(super) fn ident_at(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

pub(super) fn punct_at(tokens: &[TokenTree], at: usize) -> Option<char> {
    match tokens.get(at) {
        Some(TokenTree::Punct(punct)) => Some(punct.as_char()),
        _ => None,
    }
}

pub(super) fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}
