//! Paths as far as they tell what they mean: the compiler prints the last segment alone of
//! what nothing else is called like, and a whole path after the crate has named it for the
//! first time, so one thing is `Box` in one build and `std::boxed::Box` in the next.
//!
//! Must not make one of what is printed with two different paths.

use super::{
    Sources,
    mentions::{end_of_text, end_of_word, is_word},
};
use foldhash::quality::FixedState;
use std::hash::{BuildHasher, Hash, Hasher};

/// A text without the modules in its paths, and those modules.
#[derive(Clone, Debug, Default)]
pub struct Text {
    hash: u64,
    /// A hash of what each path in it began with, in order; 0 if that was not printed.
    modules: Vec<u64>,
}

/// What was not printed agrees with anything: it is said to be the only thing of its name.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        let agree = |(one, other): (&u64, &u64)| one == other || *one == 0 || *other == 0;
        self.hash == other.hash
            && self.modules.len() == other.modules.len()
            && self.modules.iter().zip(&other.modules).all(agree)
    }
}

/// A text that is being read, line by line.
pub(super) struct Reading<'a> {
    sources: &'a dyn Sources,
    state: FixedState,
    hasher: <FixedState as BuildHasher>::Hasher,
    modules: Vec<u64>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(sources: &'a dyn Sources) -> Self {
        let state = FixedState::with_seed(0);
        Self {
            sources,
            hasher: state.build_hasher(),
            state,
            modules: Vec::new(),
        }
    }

    pub(super) fn line(&mut self, line: &str) {
        self.spelled(line).hash(&mut self.hasher);
    }

    /// Bytes of an allocation, and what they would be as text.
    pub(super) fn bytes(&mut self, line: &str) {
        line.hash(&mut self.hasher);
    }

    pub(super) fn end(mut self) -> Text {
        self.modules.shrink_to_fit();
        Text {
            hash: self.hasher.finish(),
            modules: self.modules,
        }
    }

    /// The line without the modules in its paths, which are noted.
    pub(super) fn spelled(&mut self, line: &str) -> String {
        let mut text = String::with_capacity(line.len());
        let bytes = line.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let begin = at;
            if byte == b'"' {
                at = end_of_text(bytes, at + 1);
            } else if byte.is_ascii_digit() || byte == b'_' || byte == b'\'' {
                at = end_of_word(bytes, at + 1);
            } else if is_word(byte) {
                let mut head = at;
                at = end_of_word(bytes, at);
                // A method behind `>::` is no path of its own.
                let before = line.get(..begin);
                let goes_on = before.is_some_and(|before| before.ends_with("::"));
                while !goes_on
                    && line.get(at..).is_some_and(|rest| rest.starts_with("::"))
                    && bytes.get(at + 2).is_some_and(|byte| is_word(*byte))
                {
                    // Modules begin with a small letter, and something follows them.
                    let rest = line.get(head..);
                    if rest.is_some_and(|rest| rest.starts_with(char::is_lowercase)) {
                        head = at + 2;
                    }
                    at = end_of_word(bytes, at + 2);
                }
                let (module, path) = (line.get(begin..head), line.get(head..at));
                let (module, path) = (module.unwrap_or_default(), path.unwrap_or_default());
                if !goes_on && !is_keyword(path) {
                    self.modules.push(self.module(module, path));
                }
                text.push_str(path);
                continue;
            } else {
                // What is no word is ASCII.
                at += 1;
            }
            text.push_str(line.get(begin..at).unwrap_or_default());
        }
        text
    }

    fn module(&self, module: &str, path: &str) -> u64 {
        let name = path.split("::").next().unwrap_or(path);
        let printed = module.strip_suffix("::");
        let module = printed.or_else(|| self.sources.module(name));
        module.map_or(0, |module| self.state.hash_one(module).max(1))
    }
}

/// Words of the text that are no paths: they are many.
fn is_keyword(word: &str) -> bool {
    match word {
        "copy" | "move" | "const" | "mut" | "let" | "return" | "unwind" | "continue" | "as"
        | "goto" | "switchInt" | "otherwise" | "success" | "fn" | "for" | "dyn" | "impl"
        | "alloc" => true,
        _ => {
            let block = word.strip_prefix("bb").unwrap_or_default();
            !block.is_empty() && block.bytes().all(|byte| byte.is_ascii_digit())
        }
    }
}
