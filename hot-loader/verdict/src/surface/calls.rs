//! Follows what code runs: functions and methods by their names, values that can be
//! called, and what the engine was given to run.
//!
//! Relies on `mentions` for what a piece of code can run next. Must never take a call
//! for less than all that its name can mean: what is only given to the engine runs as
//! soon as something can make the engine run it.

use super::follow::{Follower, Part};
use super::items::Role;
use super::mentions::{Mentions, Qualifier};
use super::reach::{Index, Kind};
use hot_loader_compile::hash::{Name, name};

impl<'a> Follower<'a> {
    pub(super) fn mentions(&mut self, mentions: &'a Mentions) {
        self.mentioned(mentions, mentions.is_list);
    }

    fn mentioned(&mut self, mentions: &'a Mentions, in_list: bool) {
        let index: &'a Index<'a> = self.index;
        for &(qualifier, called) in &mentions.functions {
            self.call(qualifier, called, in_list);
        }
        for method in &mentions.methods {
            for &at in index.by_name.get(method).into_iter().flatten() {
                let item = &index.items[at];
                if item.role == Role::Fn && item.member {
                    self.run(at);
                }
            }
        }
        for &ty in &mentions.types {
            self.uses(ty);
        }
        for &ty in &mentions.defaults {
            self.makes(ty);
        }
        if self.kind == Kind::Registration {
            self.runs |= mentions.runs;
            self.triggers |= mentions.triggers;
            if let Some(later) = mentions.later.as_deref()
                && !self.later.iter().any(|known| std::ptr::eq(*known, later))
            {
                self.later.push(later);
            }
        }
    }

    fn call(&mut self, qualifier: Qualifier, called: Name, in_list: bool) {
        let index: &'a Index<'a> = self.index;
        if !self.calls.insert((qualifier, called, in_list)) {
            return;
        }
        // `default()`, `Default::default()` and `mem::take` make whatever is wanted there.
        if called == name("take")
            || (called == name("default") && !matches!(qualifier, Qualifier::Name(_)))
        {
            self.every_default();
        }
        for &at in index.by_name.get(&called).into_iter().flatten() {
            let (item, extra) = (&index.items[at], &index.extras[at]);
            match item.role {
                Role::Fn if self.is_called(at, qualifier) => {
                    // `const SYSTEMS: […] = [steer, shoot]` mentions systems.
                    if in_list && item.system {
                        self.enter(at, Part::Shape);
                    } else {
                        self.run(at);
                    }
                }
                Role::Macro => self.enter(at, Part::Shape),
                Role::Const | Role::Static if !in_list => self.call_value(at),
                // `use make as new_name`.
                Role::Use => {
                    if let Some(name) = extra.renames {
                        self.call(Qualifier::Any, name, in_list);
                    }
                }
                _ => {}
            }
        }
    }

    /// What a constant or static holds can be called, where it is more than mentioned.
    fn call_value(&mut self, at: usize) {
        let index: &'a Index<'a> = self.index;
        if self.called.insert(at) {
            let extra = &index.extras[at];
            self.mentioned(&extra.shape, false);
            self.mentioned(&extra.body, false);
        }
    }

    /// Runs what the engine was given, as far as something makes the engine run it.
    pub(super) fn run_later(&mut self) {
        let mut at = 0;
        // What runs can give the engine more.
        while let Some(&later) = self.later.get(at) {
            at += 1;
            if self.runs {
                self.mentions(&later.systems);
            }
            for &(qualifier, called) in &later.observers {
                self.observe(qualifier, called);
            }
            if self.runs || self.triggers {
                self.mentions(&later.observing);
            }
        }
    }

    fn observe(&mut self, qualifier: Qualifier, called: Name) {
        let index: &'a Index<'a> = self.index;
        let mut names = vec![(qualifier, called)];
        let mut next = 0;
        while let Some(&(qualifier, called)) = names.get(next) {
            next += 1;
            for &at in index.by_name.get(&called).into_iter().flatten() {
                let (item, extra) = (&index.items[at], &index.extras[at]);
                match item.role {
                    Role::Fn if self.is_called(at, qualifier) && self.fires(at) => self.run(at),
                    Role::Const | Role::Static if self.triggers => self.call_value(at),
                    Role::Use => {
                        let renamed = extra.renames.map(|name| (Qualifier::Any, name));
                        names.extend(renamed.filter(|renamed| !names.contains(renamed)));
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whether what an observer waits for can happen: all that it names is used, or
    /// all of this crate, and the rest can come along.
    fn fires(&self, at: usize) -> bool {
        let index = self.index;
        let Some(waits_for) = &index.extras[at].observes else {
            return self.triggers;
        };
        let used = |name: &Name| self.types.contains(name);
        let own = |name: &Name| index.facts.type_names.contains(name);
        waits_for.iter().all(used)
            || (self.triggers && waits_for.iter().all(|name| !own(name) || used(name)))
    }

    fn is_called(&self, at: usize, qualifier: Qualifier) -> bool {
        let index = self.index;
        let item = &index.items[at];
        match (qualifier, &index.extras[at].member) {
            (Qualifier::Any, _) | (Qualifier::None, None) => true,
            (Qualifier::None, Some(_)) => false,
            (Qualifier::Name(before), Some(member)) => {
                member.default
                    || member.owner.is_none()
                    || member.owner == Some(before)
                    || member.of_trait == Some(before)
            }
            // A module of that name, its own or one that exports it again, or something
            // from elsewhere that this crate does not define as a type.
            (Qualifier::Name(before), None) => {
                index.facts.modules.contains(&before)
                    || !index.by_name.get(&before).is_some_and(|named| {
                        named.iter().any(|&at| index.items[at].role == Role::Type)
                    }) && item.wide
            }
        }
    }
}
