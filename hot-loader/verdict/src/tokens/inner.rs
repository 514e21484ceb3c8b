//! The items inside of a body: types, traits and impls that no module shows.
//!
//! Must not take them apart: all their tokens count.

use super::{
    split::{Kind, keyword, piece},
    words::{Words, ident_at, inside},
};
use proc_macro2::{Delimiter, TokenTree};

/// A hash of them, and whether there are impls among them, if there are any. Recurses, so the
/// caller must have refused what is too deep.
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
        if begins && let Some(item) = item(&tokens[at..]) {
            into.read(item, false);
            at += item.len();
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

/// The item that begins here, if one does that is more than code.
fn item(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    const KEYWORDS: [&str; 6] = ["struct", "enum", "trait", "impl", "type", "mod"];
    let piece = piece(tokens, false);
    let counts = match piece.kind {
        Kind::Type | Kind::Trait | Kind::Impl | Kind::Alias | Kind::Mod | Kind::MacroRules => true,
        // A macro may be asked for the name: `struct [<Car go>]`.
        Kind::Other => {
            let word = ident_at(piece.head, keyword(piece.head, 0));
            word.is_some_and(|word| KEYWORDS.contains(&&*word))
        }
        _ => false,
    };
    counts.then_some(piece.whole)
}
