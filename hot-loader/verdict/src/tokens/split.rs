//! Where one item of a file ends and the next begins, and which of its tokens are what.
//!
//! Relies on the keywords by which items begin, and on the brackets by which they end. Must
//! never lose a token: what is not understood is an item of kind [`Kind::Other`].

use super::words::{attribute, ident_at, inside, is_punct, path, plain, punct_at};
use proc_macro2::{Delimiter, TokenTree};

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A function, also one without a body.
    Fn,
    /// A struct, enum or union.
    Type,
    /// A trait or trait alias.
    Trait,
    /// An impl.
    Impl,
    /// A constant.
    Const,
    /// A static.
    Static,
    /// A type alias or associated type.
    Alias,
    /// A `use`.
    Use,
    /// A module, inline or not.
    Mod,
    /// A `macro_rules!`.
    MacroRules,
    /// A call of a macro in the place of an item, also inside of impls and traits.
    MacroCall,
    /// An `extern crate`, an extern block, an `include!` that was followed, unknown syntax.
    Other,
}

/// The tokens of an item.
pub(super) struct Piece<'a> {
    pub(super) kind: Kind,
    pub(super) name: Option<String>,
    /// All of them.
    pub(super) whole: &'a [TokenTree],
    /// Its outer attributes.
    pub(super) attributes: &'a [TokenTree],
    pub(super) vis: &'a [TokenTree],
    /// Up to its body or content, or to the `;` that ends it.
    pub(super) head: &'a [TokenTree],
    /// A function's block; the braces of a module, impl or trait; an initialiser.
    pub(super) rest: &'a [TokenTree],
}

/// What an item is, its name, and where its head and all of it end.
type Shape = (Kind, Option<String>, usize, usize);

/// The inner attributes and the items of a file, module, impl or trait. Such members as an
/// impl cannot have are of kind [`Kind::Other`].
pub(super) fn pieces(tokens: &[TokenTree], members: bool) -> (&[TokenTree], Vec<Piece<'_>>) {
    let mut inner = 0;
    while punct_at(tokens, inner + 1) == Some('!')
        && let Some((_, end)) = attribute(tokens, inner)
    {
        inner = end;
    }
    let (inner, mut tokens) = tokens.split_at(inner);
    let mut found = Vec::new();
    while !tokens.is_empty() {
        let piece = piece(tokens, members);
        tokens = &tokens[piece.whole.len()..];
        found.push(piece);
    }
    (inner, found)
}

/// The first item.
pub(super) fn piece(tokens: &[TokenTree], members: bool) -> Piece<'_> {
    let mut start = 0;
    while let Some((_, end)) = attribute(tokens, start) {
        start = end;
    }
    let (attributes, mut vis) = (start, start);
    if ident_at(tokens, start).as_deref() == Some("pub") {
        let group = tokens.get(start + 1);
        let restricted = group.is_some_and(|group| is_group(group, Delimiter::Parenthesis));
        vis += 1 + usize::from(restricted);
    }
    let nested = |kind| matches!(kind, Kind::Mod | Kind::Impl | Kind::Trait);
    let (kind, name, head, end) = declared(tokens, vis)
        .or_else(|| called(tokens, vis))
        .filter(|(kind, ..)| !(members && nested(*kind)))
        .unwrap_or_else(|| unknown(tokens, vis));
    let rest = &tokens[head..end];
    let rest = &rest[usize::from(punct_at(rest, 0) == Some('='))..];
    let ends = rest.last().is_some_and(|last| is_punct(last, ';'));
    Piece {
        kind,
        name,
        whole: &tokens[..end],
        attributes: &tokens[..attributes],
        vis: &tokens[attributes..vis],
        head: &tokens[vis..head],
        rest: &rest[..rest.len() - usize::from(ends)],
    }
}

/// An item that begins with a keyword.
fn declared(tokens: &[TokenTree], start: usize) -> Option<Shape> {
    let key = keyword(tokens, start);
    let named = || {
        let mutable = usize::from(ident_at(tokens, key + 1).as_deref() == Some("mut"));
        ident_at(tokens, key + 1 + mutable).map(|name| plain(&name).to_owned())
    };
    let (kind, name) = match ident_at(tokens, key)?.as_str() {
        "fn" => (Kind::Fn, Some(named()?)),
        "struct" | "enum" | "union" => (Kind::Type, Some(named()?)),
        "trait" => (Kind::Trait, Some(named()?)),
        "impl" => (Kind::Impl, None),
        "mod" => (Kind::Mod, Some(named()?)),
        "const" => (Kind::Const, Some(named()?)),
        "static" => (Kind::Static, Some(named()?)),
        "type" => (Kind::Alias, Some(named()?)),
        "use" => (Kind::Use, None),
        _ => return None,
    };
    let stop = match kind {
        Kind::Const | Kind::Static => first(tokens, key, |token| is_punct(token, '=')),
        Kind::Alias | Kind::Use => first(tokens, key, |_| false),
        _ => first(tokens, key, is_braces),
    }?;
    let semicolon = |token: &TokenTree| is_punct(token, ';');
    let (head, end) = match kind {
        Kind::Const | Kind::Static => (stop, stop + tokens[stop..].iter().position(semicolon)?),
        Kind::Type if !semicolon(&tokens[stop]) => (stop + 1, stop),
        _ => (stop, stop),
    };
    Some((kind, name, head, end + 1))
}

/// An item that is a macro.
fn called(tokens: &[TokenTree], start: usize) -> Option<Shape> {
    let (last, bang) = path(tokens, start)?;
    let named = ident_at(tokens, bang + 1);
    let head = bang + 2 + usize::from(named.is_some());
    let arguments = tokens.get(head - 1)?;
    if punct_at(tokens, bang) != Some('!') || !matches!(arguments, TokenTree::Group(_)) {
        return None;
    }
    let ended = !is_braces(arguments) && punct_at(tokens, head) == Some(';');
    let (kind, name) = match named {
        Some(named) if last == "macro_rules" => (Kind::MacroRules, plain(&named).to_owned()),
        _ => (Kind::MacroCall, last),
    };
    Some((kind, Some(name), head, head + usize::from(ended)))
}

/// An item of which nothing is known but where it surely ends.
fn unknown(tokens: &[TokenTree], start: usize) -> Shape {
    let ends = |token: &TokenTree| is_punct(token, ';') || is_braces(token);
    let stop = tokens[start..].iter().position(ends);
    let end = stop.map_or(tokens.len(), |stop| start + stop + 1);
    let semicolon = stop.is_some() && !is_braces(&tokens[end - 1]);
    (Kind::Other, None, end - usize::from(semicolon), end)
}

/// Where the keyword is that says what an item is, behind those that only modify it.
pub(super) fn keyword(tokens: &[TokenTree], mut at: usize) -> usize {
    const AFTER_CONST: [&str; 6] = ["fn", "unsafe", "async", "extern", "trait", "impl"];
    while let Some(word) = ident_at(tokens, at) {
        let next = ident_at(tokens, at + 1);
        let next = next.as_deref();
        at += match word.as_str() {
            "default" | "auto" | "safe" | "gen" | "unsafe" | "async" if next.is_some() => 1,
            "const" if next.is_some_and(|next| AFTER_CONST.contains(&next)) => 1,
            "extern" if next == Some("fn") => 1,
            // With the name of an ABI.
            "extern" if next.is_none() && ident_at(tokens, at + 2).as_deref() == Some("fn") => 2,
            _ => break,
        };
    }
    at
}

/// The first `;`, or token outside of angle brackets that `ends` an item.
fn first(tokens: &[TokenTree], from: usize, ends: impl Fn(&TokenTree) -> bool) -> Option<usize> {
    let mut angles = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        if is_punct(token, ';') || (angles == 0 && ends(token)) {
            return Some(at);
        }
        let arrow = at > 0 && is_punct(&tokens[at - 1], '-');
        if is_punct(token, '<') {
            angles += 1;
        } else if is_punct(token, '>') && !arrow {
            angles = angles.saturating_sub(1);
        }
    }
    None
}

fn is_braces(token: &TokenTree) -> bool {
    is_group(token, Delimiter::Brace)
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

/// What each leaf of a `use` binds (`*` for a glob), and the path that it binds. `before` is
/// the path that stands before these braces.
pub(super) fn leaves(
    tokens: &[TokenTree],
    module: &str,
    before: &[String],
    found: &mut Vec<(String, String)>,
) {
    let parts = tokens.split(|token| is_punct(token, ','));
    'parts: for part in parts.filter(|part| !part.is_empty()) {
        let mut path = before.to_vec();
        let mut bound = None;
        for (at, token) in part.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    bound = ident_at(part, at + 1).map(|name| plain(&name).to_owned());
                    break;
                }
                // `a::{self}` binds `a`; else it is where it stands.
                TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                TokenTree::Ident(word) if word == "self" => {
                    path.extend(module.split("::").map(str::to_owned));
                }
                TokenTree::Ident(word) => path.push(plain(&word.to_string()).to_owned()),
                TokenTree::Group(group) => {
                    leaves(&inside(group), module, &path, found);
                    continue 'parts;
                }
                TokenTree::Punct(_) if is_punct(token, '*') => bound = Some("*".to_owned()),
                // The path begins at the crates.
                TokenTree::Punct(_) if at == 0 && before.is_empty() => path.push(String::new()),
                _ => {}
            }
        }
        let bound = bound.or_else(|| path.last().cloned());
        found.push((bound.unwrap_or_default(), path.join("::")));
    }
}
