//! Where in a value a conversion is, and what it has to say about such places. It must
//! cost next to nothing as long as there is nothing to say.

use super::error::{ConvertError, Why};
use bevy::reflect::PartialReflect;
use core::iter;

/// How many levels are followed, so that the stack cannot run over: one takes 7 KB where
/// hot-loader is not optimised.
pub(super) const DEEPEST: u32 = 250;

/// One step into a value.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    /// None: the value itself, or the only thing that it is made of.
    Same,
    /// Into a field or a variant.
    Name(&'a str),
    /// Into an element.
    Index(usize),
    /// Into a map's value, by its key.
    Key(&'a dyn PartialReflect),
}

/// The steps up to here.
#[derive(Clone, Copy)]
pub(super) struct Trail<'a> {
    parent: Option<&'a Trail<'a>>,
    step: Step<'a>,
    depth: u32,
}

impl<'a> Trail<'a> {
    /// At the converted value itself.
    pub const ROOT: Trail<'static> = Trail {
        parent: None,
        step: Step::Same,
        depth: 0,
    };

    /// One step on.
    pub fn to(&'a self, step: Step<'a>) -> Trail<'a> {
        Trail {
            parent: Some(self),
            step,
            depth: self.depth + 1,
        }
    }

    /// Refuses what is too deep to be followed.
    pub fn check_depth(&self) -> Result<(), ConvertError> {
        match self.depth > DEEPEST {
            true => Err(self.error(Why::TooDeep)),
            false => Ok(()),
        }
    }

    /// That the conversion failed here.
    pub fn error(&self, why: Why) -> ConvertError {
        ConvertError {
            path: self.text(true),
            why,
        }
    }

    /// In words: `weapon.ammo[3].kind` if it is to be exact, and without what differs
    /// between elements else: `weapon.ammo[].kind`.
    fn text(&self, exact: bool) -> String {
        let trails: Vec<_> = iter::successors(Some(self), |it| it.parent).collect();
        let mut text = String::new();
        for trail in trails.into_iter().rev() {
            match trail.step {
                Step::Same => {}
                Step::Name(name) => push_name(&mut text, name),
                Step::Index(index) if exact => text += &format!("[{index}]"),
                Step::Key(key) if exact => text += &format!("[{key:?}]"),
                Step::Index(_) | Step::Key(_) => text += "[]",
            }
        }
        text
    }
}

fn push_name(text: &mut String, name: &str) {
    if !text.is_empty() {
        text.push('.');
    }
    text.push_str(name);
}

/// What a conversion has to say, each thing once, without indices and keys
/// (`inventory[].cost`).
#[derive(Debug, Default)]
pub struct Notes {
    /// Parts of the old value that the new type has no place for.
    pub lost: Vec<String>,
    /// Parts of the new value that the old one said nothing of, and that begin at a
    /// default. Of fields that reflection is told to ignore only the first of a type is
    /// named, and none if the type is `#[reflect(Clone)]`.
    pub defaulted: Vec<String>,
}

/// How much was said at a time: of `lost`, and of `defaulted`.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize, usize);

impl Notes {
    /// The value of a part that is gone.
    pub(super) fn lost(&mut self, trail: &Trail, name: &str) {
        note(&mut self.lost, trail, name);
    }

    /// A part that began anew.
    pub(super) fn defaulted(&mut self, trail: &Trail, name: &str) {
        note(&mut self.defaulted, trail, name);
    }

    /// The place itself began anew.
    pub(super) fn began_anew(&mut self, trail: &Trail) {
        self.defaulted(trail, "");
    }

    /// For [`Notes::back_to`].
    pub(super) fn mark(&self) -> Mark {
        Mark(self.lost.len(), self.defaulted.len())
    }

    /// Takes back what was said since: it was an attempt.
    pub(super) fn back_to(&mut self, Mark(lost, defaulted): Mark) {
        self.lost.truncate(lost);
        self.defaulted.truncate(defaulted);
    }

    /// Takes back that parts of the value itself began anew: they came from elsewhere.
    pub(super) fn given_since(&mut self, Mark(_, defaulted): Mark) {
        let said = self.defaulted.split_off(defaulted);
        let within = said.into_iter().filter(|part| part.contains(['.', '[']));
        self.defaulted.extend(within);
    }
}

fn note(said: &mut Vec<String>, trail: &Trail, name: &str) {
    let mut text = trail.text(false);
    if !name.is_empty() {
        push_name(&mut text, name);
    }
    if !said.contains(&text) {
        said.push(text);
    }
}
