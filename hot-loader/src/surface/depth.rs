//! How deep a parser would have to go into a file, told from its tokens alone.
//!
//! `syn` and everything that walks its trees recurse, and a stack that overflows ends the
//! game: nothing catches that. So what is too deep must never be parsed. An upper bound,
//! found without recursion; text that nobody would call deep must never exceed it.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree, token_stream};

/// The deepest that is parsed. A bracket inside a bracket counts as [`GROUP`], and every
/// other token of an expression or type as one, since each may be an operand of the last
/// (`!!x`, `a + b + c`, `a.b().c()`).
const DEEPEST: usize = 8_000;

/// What a bracket costs the parser, in operands.
const GROUP: usize = 16;

/// The line of the first token that is too deep, from 1.
pub(super) fn first_too_deep(tokens: TokenStream) -> Option<usize> {
    let mut open = vec![Level::new(tokens, 0)];
    while let Some(level) = open.last_mut() {
        let Some(token) = level.tokens.next() else {
            open.pop();
            continue;
        };
        level.take(&token);
        let depth = level.outer + level.run;
        if depth > DEEPEST {
            return Some(token.span().start().line);
        }
        if let TokenTree::Group(group) = token {
            open.push(Level::new(group.stream(), depth + GROUP));
        }
    }
    None
}

/// What is between two brackets, or a whole file.
struct Level {
    tokens: token_stream::IntoIter,
    /// How deep it is.
    outer: usize,
    /// Tokens since the last one that surely ended what was before it.
    run: usize,
    /// `<` that are open. Some may be comparisons: then too much is counted.
    angles: usize,
    /// Between the two bars of a closure, perhaps.
    bars: bool,
    /// A punctuation that is one with the next.
    joint: Option<char>,
    /// The last token was a block, or the like.
    braces: bool,
}

impl Level {
    fn new(tokens: TokenStream, outer: usize) -> Self {
        Self {
            tokens: tokens.into_iter(),
            outer,
            run: 0,
            angles: 0,
            bars: false,
            joint: None,
            braces: false,
        }
    }

    fn take(&mut self, token: &TokenTree) {
        if self.braces && begins(token) {
            self.end();
        }
        self.run += 1;
        self.braces = matches!(token, TokenTree::Group(group) if is_block(group));
        let last = self.joint.take();
        let TokenTree::Punct(punct) = token else {
            return;
        };
        match (last, punct.as_char()) {
            (_, ';') | (Some('='), '>') => self.end(),
            (_, ',') if self.angles == 0 && !self.bars => self.end(),
            (Some('-'), '>') => {}
            (_, '<') => self.angles += 1,
            (_, '>') => self.angles = self.angles.saturating_sub(1),
            (Some('<'), '=') => self.angles = self.angles.saturating_sub(1),
            (_, '|') => self.bars = !self.bars,
            _ => {}
        }
        if punct.spacing() == Spacing::Joint {
            self.joint = Some(punct.as_char());
        }
    }

    fn end(&mut self) {
        self.run = 0;
        self.angles = 0;
        self.bars = false;
    }
}

fn is_block(group: &Group) -> bool {
    group.delimiter() == Delimiter::Brace
}

/// Whether what stands after a block is no part of the same expression.
fn begins(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(word) => word != "else" && word != "as",
        TokenTree::Punct(punct) => matches!(punct.as_char(), '#' | '\''),
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    }
}
