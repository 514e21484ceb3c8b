//! Follows names from where they begin until nothing new comes up.
//!
//! Relies on `reach` for what a name can lead to, and on `calls` for what code runs.
//! Must never follow too little: where a name can mean several things, it means all
//! of them.

use super::items::Role;
use super::mentions::{Later, Qualifier};
use super::reach::{Index, Kind};
use super::text::Text;
use hot_loader_compile::hash::Name;
use std::collections::HashSet;

/// A part of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Shape,
    /// An import, of which only paths go on: `enemy::steer` needs no function `enemy`.
    Path,
    /// The body's text, and what its names mean.
    Body,
    /// The body, and what running it runs next.
    Run,
}

#[derive(Clone, Default)]
struct Reached {
    shape: bool,
    whole_shape: bool,
    body: bool,
    run: bool,
}

/// One way through the names.
pub(super) struct Follower<'a> {
    pub(super) index: &'a Index<'a>,
    pub(super) kind: Kind,
    reached: Vec<Reached>,
    queue: Vec<(usize, Part)>,
    /// Calls, types and made types that were followed already.
    pub(super) calls: HashSet<(Qualifier, Name, bool)>,
    pub(super) types: HashSet<Name>,
    made: HashSet<Name>,
    all_defaults: bool,
    /// Constants and statics whose values can be called.
    pub(super) called: HashSet<usize>,
    /// Modules whose imports decide what methods mean.
    imported: HashSet<usize>,
    /// What the engine was given to run later.
    pub(super) later: Vec<&'a Later>,
    /// Something can make the engine run systems, or observers, now.
    pub(super) runs: bool,
    pub(super) triggers: bool,
}

impl<'a> Follower<'a> {
    pub(super) fn new(index: &'a Index<'a>, kind: Kind) -> Self {
        Self {
            index,
            kind,
            reached: vec![Reached::default(); index.items.len()],
            queue: Vec::new(),
            calls: HashSet::new(),
            types: HashSet::new(),
            made: HashSet::new(),
            all_defaults: false,
            called: HashSet::new(),
            imported: HashSet::new(),
            later: Vec::new(),
            runs: false,
            triggers: false,
        }
    }

    /// For each item, whether its shape and its body were reached.
    pub(super) fn finish(mut self) -> Vec<(bool, bool)> {
        while !self.queue.is_empty() {
            while let Some((at, part)) = self.queue.pop() {
                self.follow(at, part);
            }
            self.run_later();
        }
        self.reached
            .iter()
            .map(|reached| (reached.shape, reached.body))
            .collect()
    }

    pub(super) fn enter(&mut self, at: usize, part: Part) {
        let reached = &mut self.reached[at];
        let known = match part {
            Part::Shape => {
                reached.shape = true;
                &mut reached.whole_shape
            }
            Part::Path => &mut reached.shape,
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

    pub(super) fn run(&mut self, at: usize) {
        self.enter(at, Part::Shape);
        self.enter(at, Part::Run);
    }

    fn follow(&mut self, at: usize, part: Part) {
        let index: &'a Index<'a> = self.index;
        let (item, extra) = (&index.items[at], &index.extras[at]);
        if part == Part::Path {
            return self.names_in(&item.shape, item.module, false);
        }
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
            if self.kind == Kind::Registration {
                self.mentions(&extra.attributes);
            }
            return;
        }
        if let Some(body) = &item.body {
            self.names(body, item.module);
        }
        if part == Part::Run || self.kind == Kind::Registration {
            self.mentions(&extra.body);
        }
        if part == Part::Run {
            self.imports(item.module);
        }
    }

    /// Names in a text: constants, aliases, imports and signatures that it depends on.
    fn names(&mut self, text: &Text, module: usize) {
        self.names_in(text, module, true);
    }

    fn names_in(&mut self, text: &Text, module: usize, values: bool) {
        let index: &'a Index<'a> = self.index;
        let from = &index.modules[module];
        if values && index.is_associated_in(text) {
            self.imports(module);
        }
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
                let value = matches!(item.role, Role::Const | Role::Static | Role::Fn);
                let part = match item.role {
                    _ if value && !values => continue,
                    Role::Use if !values || !text.end(*name) => Part::Path,
                    _ => Part::Shape,
                };
                self.enter(at, part);
                // Evaluated where it is named, in an array's length for example, or
                // measured there.
                let extra = &index.extras[at];
                let measured = extra.gives_opaque && self.kind == Kind::Types;
                if extra.is_const || measured || item.role == Role::Static {
                    self.enter(at, Part::Body);
                }
            }
        }
    }

    /// Traits that a module imports decide what the methods mean that it calls, and the
    /// constants of types that it names.
    fn imports(&mut self, module: usize) {
        let index: &'a Index<'a> = self.index;
        if !self.imported.insert(module) {
            return;
        }
        let from = &index.modules[module];
        for &at in &index.traits {
            let item = &index.items[at];
            let home = &index.modules[item.module];
            let near = item.module == module;
            if near || (from.local_glob && (item.wide || from.is_within(home))) {
                self.enter(at, Part::Shape);
            }
        }
    }

    /// A value of this type may be made or used: whatever std's traits do with it.
    pub(super) fn uses(&mut self, ty: Name) {
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
                self.mentions(&index.extras[at].attributes);
            }
        }
        let impls = index.impls_of.get(&ty).into_iter().flatten();
        for &at in impls.chain(&index.impls_of_any) {
            self.uses_all(&index.items[at].shape);
            self.mentions(&index.extras[at].shape);
        }
    }

    fn uses_all(&mut self, text: &Text) {
        for &ty in text.heads.iter().chain(&text.tails) {
            self.uses(ty);
        }
    }

    /// A value of this type is made by `Default` or `FromWorld`.
    pub(super) fn makes(&mut self, ty: Name) {
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

    pub(super) fn every_default(&mut self) {
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
