//! How tokens are written, which no token says of itself: `stringify!` shows `a+b` and
//! `a + b` as two texts, `a` and `r#a` too.
//!
//! Relies on spans that come from a file. Must never see more than `stringify!` shows:
//! how many spaces and lines there are is formatting.

use proc_macro2::TokenTree;

/// What touches what at a token, and whether it is a raw identifier.
pub(super) fn touching(tokens: &[TokenTree], at: usize) -> u128 {
    let Some(token) = tokens.get(at) else {
        return 0;
    };
    let next = tokens.get(at + 1);
    let touches = next.is_some_and(|next| token.span().end() == next.span().start());
    let raw = matches!(token, TokenTree::Ident(ident) if ident.to_string().starts_with("r#"));
    // `( a )` and `(a)` differ.
    let (opens, closes) = match token {
        TokenTree::Group(group) => {
            let content: Vec<TokenTree> = group.stream().into_iter().collect();
            let (open, close) = (group.span_open().end(), group.span_close().start());
            let (first, last) = (content.first(), content.last());
            (
                first.is_some_and(|first| first.span().start() == open),
                last.is_some_and(|last| last.span().end() == close),
            )
        }
        _ => (false, false),
    };
    [true, touches, raw, opens, closes]
        .into_iter()
        .fold(0, |bits, bit| bits << 1 | u128::from(bit))
}

/// Adds a part to a hash in one step: this is done for every identifier.
pub(super) fn mix(hash: u128, part: u128) -> u128 {
    let folded = hash ^ (hash >> 61);
    (folded ^ part).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
}
