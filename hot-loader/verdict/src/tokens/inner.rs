//! The items inside of a body: types, traits and impls that no module shows.
//!
//! Must not take them apart: all their tokens count.

use super::words::{Words, attribute, ident_at, inside, punct_at};
use proc_macro2::{Delimiter, TokenTree};

/// A hash of them, and whether there are impls among them, if there are any. Recurses, so the caller must have refused what is too
/// deep.
pub(super) fn items(body: &[TokenTree]) -> Option<(u128, bool)> {
    let mut words = Words::default();
    gather(body, true, &mut words);
    let impls = words.text.split(' ').any(|word| word == "impl");
    (!words.text.is_empty()).then(|| (words.hash(), impls))
}

/// `begins` if a statement may begin with the first of `tokens`.
fn gather(tokens: &[TokenTree], mut begins: bool, into: &mut Words) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if begins && let Some(end) = item(tokens, at) {
            into.read(&tokens[at..end], false);
            at = end;
            continue;
        }
        begins = match token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => {
                let is_block = group.delimiter() == Delimiter::Brace;
                gather(&inside(group), is_block, into);
                is_block
            }
            _ => false,
        };
        at += 1;
    }
}

/// Where the item ends that begins here.
fn item(tokens: &[TokenTree], mut at: usize) -> Option<usize> {
    while let Some((_, end)) = attribute(tokens, at) {
        at = end;
    }
    while let Some(word) = ident_at(tokens, at) {
        match word.as_str() {
            "pub" | "unsafe" | "default" => at += 1,
            "struct" | "enum" | "trait" | "impl" | "type" | "macro_rules" | "mod" => break,
            "union" if ident_at(tokens, at + 1).is_some() => break,
            _ => return None,
        }
        if let Some(TokenTree::Group(group)) = tokens.get(at)
            && group.delimiter() == Delimiter::Parenthesis
        {
            at += 1;
        }
    }
    ident_at(tokens, at)?;
    let is_end = |at: &usize| match tokens.get(*at) {
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        _ => punct_at(tokens, *at) == Some(';'),
    };
    (at..tokens.len()).find(is_end).map(|end| end + 1)
}
