//! Which parts of which items are type surface, and which are registration surface.
//!
//! Both are found by following names from their roots until nothing new comes up.
//! Relies on the items' texts and mentions. Must never follow too little: where a
//! name can mean several things, it means all of them.

use super::extract::Extracted;
use super::facts::Facts;
use super::hash::{Name, name};
use super::items::{Extra, Item, ModuleInfo, Role};
use super::mentions::{Mentions, Qualifier};
use super::text::Text;
use std::collections::{HashMap, HashSet};

/// Which surface is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Types,
    Registration,
}

/// A part of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Shape,
    /// The body's text, and what its names mean.
    Body,
    /// The body, and what running it runs next.
    Run,
}

/// Names, and what they can lead to.
pub(super) struct Index<'a> {
    items: &'a [Item],
    extras: &'a [Extra],
    modules: &'a [ModuleInfo],
    facts: &'a Facts,
    by_name: HashMap<Name, Vec<usize>>,
    /// Functions in impls, by the type they are for.
    methods_of: HashMap<Name, Vec<usize>>,
    /// Functions in impls of traits that name no type of the crate.
    methods_of_any: Vec<usize>,
    /// Impls of traits, by the type they are for.
    impls_of: HashMap<Name, Vec<usize>>,
    /// Functions called `default` or `from_world`.
    defaults: Vec<usize>,
}

impl<'a> Index<'a> {
    pub(super) fn of(found: &'a Extracted, facts: &'a Facts) -> Self {
        let mut index = Self {
            items: &found.items,
            extras: &found.extras,
            modules: &found.modules,
            facts,
            by_name: HashMap::new(),
            methods_of: HashMap::new(),
            methods_of_any: Vec::new(),
            impls_of: HashMap::new(),
            defaults: Vec::new(),
        };
        let (default, from_world) = (name("default"), name("from_world"));
        for (at, (item, extra)) in found.items.iter().zip(&found.extras).enumerate() {
            if let Some(name) = item.name {
                index.by_name.entry(name).or_default().push(at);
                if item.role == Role::Fn && (name == default || name == from_world) {
                    index.defaults.push(at);
                }
            }
            match (&extra.member, item.role) {
                (Some(member), Role::Fn) if member.of_trait.is_some() && !member.default => {
                    index.file_method(at, member.owner);
                }
                (None, Role::Impl | Role::Contract) => {
                    if let Some(owner) = item.owner {
                        index.impls_of.entry(owner).or_default().push(at);
                    }
                }
                _ => {}
            }
        }
        index
    }

    /// Files a method under the types whose values it takes to call it: the impl's
    /// own, or for `impl Mul<Speed> for f32` those that the impl names.
    fn file_method(&mut self, at: usize, owner: Option<Name>) {
        let is_own = |name: &Name| self.facts.type_names.contains(name);
        let shape = &self.items[at].shape;
        let named: Vec<Name> = match owner {
            Some(owner) if is_own(&owner) => vec![owner],
            Some(_) => shape
                .heads
                .iter()
                .chain(&shape.tails)
                .copied()
                .filter(is_own)
                .collect(),
            None => Vec::new(),
        };
        if named.is_empty() {
            self.methods_of_any.push(at);
        }
        for name in named {
            self.methods_of.entry(name).or_default().push(at);
        }
    }

    /// For each item, whether its shape and its body are surface of this kind.
    pub(super) fn follow(&self, kind: Kind) -> Vec<(bool, bool)> {
        let mut follower = Follower {
            index: self,
            kind,
            reached: vec![Reached::default(); self.items.len()],
            queue: Vec::new(),
            calls: HashSet::new(),
            types: HashSet::new(),
            made: HashSet::new(),
            all_defaults: false,
        };
        for (at, extra) in self.extras.iter().enumerate() {
            match kind {
                Kind::Types => {
                    if extra.types {
                        follower.enter(at, Part::Shape);
                    }
                    if extra.body_types {
                        follower.enter(at, Part::Body);
                    }
                    if extra.contract {
                        follower.enter(at, Part::Run);
                    }
                }
                Kind::Registration => {
                    if extra.registers {
                        follower.run(at);
                    }
                }
            }
        }
        while let Some((at, part)) = follower.queue.pop() {
            follower.follow(at, part);
        }
        follower
            .reached
            .iter()
            .map(|reached| (reached.shape, reached.body))
            .collect()
    }
}

#[derive(Clone, Default)]
struct Reached {
    shape: bool,
    body: bool,
    run: bool,
}

struct Follower<'a> {
    index: &'a Index<'a>,
    kind: Kind,
    reached: Vec<Reached>,
    queue: Vec<(usize, Part)>,
    /// Calls, types and made types that were followed already.
    calls: HashSet<(Qualifier, Name, bool)>,
    types: HashSet<Name>,
    made: HashSet<Name>,
    all_defaults: bool,
}

impl<'a> Follower<'a> {
    fn enter(&mut self, at: usize, part: Part) {
        let reached = &mut self.reached[at];
        let known = match part {
            Part::Shape => &mut reached.shape,
            Part::Body => &mut reached.body,
            Part::Run => {
                reached.body = true;
                &mut reached.run
            }
        };
        if !std::mem::replace(known, true) {
            self.queue.push((at, part));
        }
    }

    fn run(&mut self, at: usize) {
        self.enter(at, Part::Shape);
        self.enter(at, Part::Run);
    }

    fn follow(&mut self, at: usize, part: Part) {
        let index: &'a Index<'a> = self.index;
        let (item, extra) = (&index.items[at], &index.extras[at]);
        if part == Part::Shape {
            self.names(&item.shape, item.module);
            let evaluated = match self.kind {
                // The engine keeps what a type's `#[require]` and hooks name. What a
                // constant's value calls is constant, and found by its names.
                Kind::Types => {
                    item.role == Role::Type || (item.role == Role::Other && extra.contract)
                }
                Kind::Registration => true,
            };
            if evaluated {
                self.mentions(&extra.shape);
            }
            return;
        }
        if let Some(body) = &item.body {
            self.names(body, item.module);
        }
        if part == Part::Run || self.kind == Kind::Registration {
            self.mentions(&extra.body);
        }
    }

    /// Names in a text: constants, aliases, imports and signatures that it depends on.
    fn names(&mut self, text: &Text, module: usize) {
        let index: &'a Index<'a> = self.index;
        let from = &index.modules[module];
        for name in text.heads.iter().chain(&text.tails).chain(&text.dots) {
            let Some(candidates) = index.by_name.get(name) else {
                continue;
            };
            for &at in candidates {
                let item = &index.items[at];
                let follows = matches!(
                    item.role,
                    Role::Use | Role::Mod | Role::Alias | Role::Const | Role::Static | Role::Fn
                );
                if !follows || !from.may_mean(text, item, &index.modules[item.module]) {
                    continue;
                }
                self.enter(at, Part::Shape);
                // Evaluated where it is named, in an array's length for example.
                if index.extras[at].is_const || item.role == Role::Static {
                    self.enter(at, Part::Body);
                }
            }
        }
    }

    fn mentions(&mut self, mentions: &Mentions) {
        let index: &'a Index<'a> = self.index;
        for &(qualifier, called) in &mentions.functions {
            self.call(qualifier, called, mentions.is_list);
        }
        for method in &mentions.methods {
            for &at in index.by_name.get(method).into_iter().flatten() {
                let item = &index.items[at];
                if item.role == Role::Fn && item.member {
                    self.run(at);
                }
            }
            if [name("unwrap_or_default"), name("or_default")].contains(method) {
                self.every_default();
            }
        }
        for &ty in &mentions.types {
            self.uses(ty);
        }
        for &ty in &mentions.defaults {
            self.makes(ty);
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
            let item = &index.items[at];
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
                // `use make as new_name`.
                Role::Use if !item.shape.has(called) => {
                    for &name in item.shape.heads.iter().chain(&item.shape.tails) {
                        self.call(Qualifier::Any, name, in_list);
                    }
                }
                _ => {}
            }
        }
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

    /// A value of this type may be made or used: whatever std's traits do with it.
    fn uses(&mut self, ty: Name) {
        let index: &'a Index<'a> = self.index;
        if !self.types.insert(ty) {
            return;
        }
        self.makes(ty);
        if self.kind == Kind::Types {
            return;
        }
        let of_any = index.methods_of_any.iter();
        for &at in index
            .methods_of
            .get(&ty)
            .into_iter()
            .flatten()
            .chain(of_any)
        {
            if index.extras[at]
                .member
                .as_ref()
                .is_some_and(|member| member.implicit)
            {
                self.run(at);
            }
        }
        // What it consists of, and what its impls say (`type Output = Other`).
        let named = index.by_name.get(&ty).into_iter().flatten();
        for &at in named {
            let item = &index.items[at];
            if matches!(item.role, Role::Type | Role::Alias | Role::Use) {
                self.uses_all(&item.shape);
            }
        }
        for &at in index.impls_of.get(&ty).into_iter().flatten() {
            self.uses_all(&index.items[at].shape);
        }
    }

    fn uses_all(&mut self, text: &Text) {
        for &ty in text.heads.iter().chain(&text.tails) {
            self.uses(ty);
        }
    }

    /// A value of this type is made by `Default` or `FromWorld`.
    fn makes(&mut self, ty: Name) {
        let index: &'a Index<'a> = self.index;
        if !self.made.insert(ty) {
            return;
        }
        for &at in &index.defaults {
            let member = index.extras[at].member.as_ref();
            if member.is_some_and(|member| member.owner.is_none_or(|owner| owner == ty)) {
                self.run(at);
            }
        }
        for &at in index.by_name.get(&ty).into_iter().flatten() {
            let item = &index.items[at];
            if matches!(item.role, Role::Alias | Role::Use)
                || (item.role == Role::Type && index.extras[at].derives_default)
            {
                for &field in item.shape.heads.iter().chain(&item.shape.tails) {
                    self.makes(field);
                }
            }
        }
    }

    fn every_default(&mut self) {
        if std::mem::replace(&mut self.all_defaults, true) {
            return;
        }
        let index: &'a Index<'a> = self.index;
        for &at in &index.defaults {
            if index.extras[at].member.is_some() {
                self.run(at);
            }
        }
    }
}
