//! How deep a parser would have to go into a file, told from its tokens alone.
//!
//! `syn` and everything that walks its trees recurse, and a stack that overflows ends the
//! game: nothing catches that. So what is too deep must never be parsed. An upper bound,
//! found without recursion; text that nobody would call deep must never exceed it.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree, token_stream};

/// The deepest that is parsed. A bracket inside a bracket counts as [`GROUP`], and every
/// other token of an expression or type as one, since each may be an operand of the last
/// (`!!x`, `a + b + c`, `a.b().c()`).
const DEEPEST: usize = 4_000;

/// The stack of a thread that parses and compares sources, which it walks as deep as they
/// are nested. Memory that is not used costs nothing; a parser that is not optimised needs
/// up to half of it.
pub const STACK: usize = if cfg!(target_pointer_width = "64") {
    256 << 20
} else {
    64 << 20
};

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
    /// Between the two bars of a closure.
    bars: bool,
    /// The last token.
    last: Last,
    /// A punctuation that is one with the next.
    joint: Option<char>,
    /// The run before the `#` of an attribute, which costs nothing.
    attribute: Option<usize>,
}

/// What the last token was, as far as the next one's meaning depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A block, or the like.
    Block,
    /// What an operator can follow.
    Operand,
    /// Anything else.
    Other,
}

impl Level {
    fn new(tokens: TokenStream, outer: usize) -> Self {
        Self {
            tokens: tokens.into_iter(),
            outer,
            run: 0,
            angles: 0,
            bars: false,
            last: Last::Other,
            joint: None,
            attribute: None,
        }
    }

    fn take(&mut self, token: &TokenTree) {
        if self.last == Last::Block && begins(token) {
            self.end();
        }
        let run = self.run;
        self.run += 1;
        let before = std::mem::replace(&mut self.last, kind(token));
        let joint = self.joint.take();
        let attribute = self.attribute.take();
        let punct = match token {
            TokenTree::Punct(punct) => punct,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                self.run = attribute.unwrap_or(self.run);
                return;
            }
            _ => return,
        };
        match (joint, punct.as_char()) {
            (_, ';') | (Some('='), '>') => self.end(),
            (_, ',') if self.angles == 0 && !self.bars => self.end(),
            (Some('-'), '>') => {}
            (_, '<') => self.angles += 1,
            (_, '>') => self.angles = self.angles.saturating_sub(1),
            (Some('<'), '=') => self.angles = self.angles.saturating_sub(1),
            (_, '|') if self.bars => self.bars = false,
            // The second of an `or`.
            (Some('|'), '|') => {}
            (_, '|') => self.bars = before == Last::Other,
            (_, '#') => self.attribute = Some(run),
            (_, '!') => self.attribute = attribute,
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

fn kind(token: &TokenTree) -> Last {
    match token {
        TokenTree::Group(group) if is_block(group) => Last::Block,
        TokenTree::Group(_) | TokenTree::Literal(_) => Last::Operand,
        // A keyword before a closure; what else it may stand before is no `|`.
        TokenTree::Ident(word) => match word.to_string().as_str() {
            "move" | "return" | "break" | "in" | "else" | "async" | "static" | "if" | "while"
            | "match" | "yield" => Last::Other,
            _ => Last::Operand,
        },
        TokenTree::Punct(punct) if punct.as_char() == '?' => Last::Operand,
        TokenTree::Punct(_) => Last::Other,
    }
}

fn is_block(group: &Group) -> bool {
    group.delimiter() == Delimiter::Brace
}

/// Whether what stands after a block is no part of the same expression.
fn begins(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(word) => ["else", "as", "in"].iter().all(|goes_on| word != goes_on),
        TokenTree::Punct(punct) => matches!(punct.as_char(), '#' | '\''),
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    }
}
