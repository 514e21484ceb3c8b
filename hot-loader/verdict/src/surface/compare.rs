//! What an edit is: two surfaces, compared item by item.
//!
//! Relies on the flags that `reach` set. A pure function; must never call an edit a
//! body edit because something is unknown, and must never find a types edit between
//! surfaces whose type hashes are equal.

use super::items::{Flags, Item, ModuleInfo, Role};
use super::text::Text;
use super::{Change, Edit, EditKind, Surface, closures};
use std::collections::BTreeMap;

/// What the edit from `old` to `new` is. A pure function.
///
/// The larger kind of all changes wins. Whatever is in doubt counts as the next
/// kind up.
#[must_use]
pub fn compare(old: &Surface, new: &Surface) -> Edit {
    let Comparison {
        mut changes,
        mut functions,
        mut renumbered,
        ..
    } = Comparison::of(old, new);
    changes.sort_by(|a, b| {
        b.kind
            .cmp(&a.kind)
            .then_with(|| (&a.file, a.line).cmp(&(&b.file, b.line)))
    });
    for names in [&mut functions, &mut renumbered] {
        names.sort();
        names.dedup();
    }
    Edit {
        kind: kind_of_all(&changes),
        changes,
        functions,
        renumbered,
        affected: super::affected::between(old, new),
        registering: super::registering::between(old, new),
    }
}

/// The kind of the edit from `old` to `new` alone, which is most of what [`compare`] says and
/// little of what it costs.
#[must_use]
pub fn kind(old: &Surface, new: &Surface) -> EditKind {
    kind_of_all(&Comparison::of(old, new).changes)
}

fn kind_of_all(changes: &[Change]) -> EditKind {
    let kinds = changes.iter().map(|change| change.kind);
    kinds.max().unwrap_or(EditKind::Body)
}

struct Comparison<'a> {
    old: &'a Surface,
    new: &'a Surface,
    changes: Vec<Change>,
    functions: Vec<String>,
    renumbered: Vec<String>,
}

fn kind_of(flags: Flags) -> EditKind {
    match flags {
        Flags { types: true, .. } => EditKind::Types,
        Flags {
            registration: true, ..
        } => EditKind::Structure,
        _ => EditKind::Body,
    }
}

impl<'a> Comparison<'a> {
    fn of(old: &'a Surface, new: &'a Surface) -> Self {
        let mut comparison = Self {
            old,
            new,
            changes: Vec::new(),
            functions: Vec::new(),
            renumbered: Vec::new(),
        };
        let mut items: BTreeMap<&str, (Vec<&Item>, Vec<&Item>)> = BTreeMap::new();
        for item in &old.items {
            items.entry(&item.key).or_default().0.push(item);
        }
        for item in &new.items {
            items.entry(&item.key).or_default().1.push(item);
        }
        for (before, after) in items.values() {
            // Several of one name are variants for several `cfg`s, or macro invocations:
            // compared in order.
            for at in 0..before.len().max(after.len()) {
                match (before.get(at), after.get(at)) {
                    (Some(before), Some(after)) => comparison.both(before, after),
                    (Some(before), None) => comparison.removed(before),
                    (None, Some(after)) => comparison.added(after),
                    (None, None) => {}
                }
            }
        }
        comparison
    }

    fn both(&mut self, old: &Item, new: &Item) {
        let mut function = false;
        if old.shape.hash != new.shape.hash {
            function = true;
            let named = kind_of(old.shape_flags).max(kind_of(new.shape_flags));
            let kind = match new.role {
                // A function that nothing registers can still be one that the engine
                // knows: a one-shot system is filed under its type, which does not
                // change with its parameters. And what `impl Trait` or `async` stands
                // for is part of other functions' types.
                Role::Fn if old.system || new.system || old.opaque || new.opaque => {
                    named.max(EditKind::Structure)
                }
                _ => named,
            };
            let reason = shape_reason(new, kind);
            self.change(kind, new, true, reason);
        }
        let exact = |text: Option<&Text>| text.map(|text| text.exact);
        let (before, after) = (old.body.as_ref(), new.body.as_ref());
        // What no token says counts only where a type depends on it before and after.
        let moved = (old.shape.hash == new.shape.hash
            && old.shape_flags.types
            && new.shape_flags.types
            && old.shape.exact != new.shape.exact)
            || (before.map(|body| body.hash) == after.map(|body| body.hash)
                && old.body_flags.types
                && new.body_flags.types
                && exact(before) != exact(after));
        if moved {
            let reason = format!(
                "{} depends on its source position or formatting (`line!()`, `stringify!`), which changed",
                shown(new)
            );
            self.change(EditKind::Types, new, true, reason);
        }
        if before.map(|body| body.hash) != after.map(|body| body.hash) {
            function = true;
            let kind = kind_of(old.body_flags).max(kind_of(new.body_flags));
            let reason = body_reason(new, kind);
            self.change(kind, new, true, reason);
        }
        if old.role != new.role || old.contract != new.contract {
            // The same words mean another trait: what they name was redefined.
            let reason = format!("{} now means something else", shown(new));
            self.change(EditKind::Types, new, true, reason);
        }
        if old.vis != new.vis {
            // It can shadow something imported by a glob in one of the two.
            let home = &self.new.modules[new.module];
            let kind = match new.role {
                Role::Glob => self.glob(old, home).max(self.glob(new, home)),
                // In its own module it could be named before.
                _ => self
                    .named_from(old, home, |from| !from.is_within(home))
                    .max(self.named_from(new, home, |from| !from.is_within(home))),
            };
            let reason = format!("the visibility of {} changed", shown(new));
            self.change(kind, new, true, reason);
        }
        // Closures are numbered by the impl that they are in.
        function |= old.place != new.place;
        if function && new.role == Role::Fn {
            self.functions.push(new.path.clone());
            if old.place != new.place || !closures::keep_numbers(&old.closures, &new.closures) {
                self.renumbered.push(new.path.clone());
            }
        }
    }

    fn added(&mut self, new: &Item) {
        if new.role == Role::Mod && new.name.is_none() {
            // A module's attributes come and go with it.
            return;
        }
        if new.role == Role::Fn {
            self.functions.push(new.path.clone());
            self.renumbered.push(new.path.clone());
        }
        let home = &self.new.modules[new.module];
        let kind = match new.role {
            // No value of it exists, no other type mentions it, and its path is new,
            // so equal crate identities are sound. A structure edit and not a body
            // edit, because the engine registers what derives `Reflect` by itself.
            Role::Type if !new.doubtful => EditKind::Structure,
            Role::Type => EditKind::Types,
            // Sound for a type that is new as well: no one knows its contract yet.
            Role::Contract => match self.is_new_type(new) {
                true => EditKind::Structure,
                false => EditKind::Types,
            },
            // No type could depend on an associated type that no impl gave.
            Role::Impl if new.shape_flags.types => EditKind::Structure,
            // Items under a path that did not exist.
            Role::Locals => match self.is_new_function(new) {
                true => EditKind::Structure,
                false => EditKind::Types,
            },
            Role::Order => match self
                .old
                .modules
                .iter()
                .any(|module| module.path == home.path)
            {
                true => EditKind::Types,
                false => EditKind::Structure,
            },
            Role::Macro | Role::Other => EditKind::Types,
            Role::Data => kind_of(new.shape_flags),
            Role::Glob => self.glob(new, home),
            Role::Export => EditKind::Structure,
            // The engine asked the others of this contract already.
            Role::Fn if new.contract && !self.is_new_type(new) => EditKind::Types,
            // Nothing old depends on it, unless by its name (below).
            _ if new.shape_flags.registration || new.body_flags.registration => EditKind::Structure,
            _ => EditKind::Body,
        };
        // The name may have meant something else before, to a type that is still there.
        let kind = kind.max(self.named(new, home));
        self.change(kind, new, true, format!("{} was added", shown(new)));
    }

    fn removed(&mut self, old: &Item) {
        if old.role == Role::Mod && old.name.is_none() {
            // A module's attributes come and go with it.
            return;
        }
        if old.role == Role::Fn {
            self.functions.push(old.path.clone());
            self.renumbered.push(old.path.clone());
        }
        let home = &self.old.modules[old.module];
        let kind = match old.role {
            Role::Glob => self.glob(old, home),
            Role::Export => EditKind::Structure,
            // A static's type and a module's attributes matter while there is one.
            Role::Static | Role::Mod if !old.shape_flags.registration => EditKind::Body,
            Role::Static | Role::Mod => EditKind::Structure,
            _ => kind_of(old.shape_flags).max(kind_of(old.body_flags)),
        };
        let kind = kind.max(self.named(old, home));
        self.change(kind, old, false, format!("{} was removed", shown(old)));
    }

    /// The largest kind of what the old surface says under `item`'s name.
    fn named(&self, item: &Item, home: &ModuleInfo) -> EditKind {
        self.named_from(item, home, |_| true)
    }

    /// The same, of the texts of some modules and of those that stand for any.
    fn named_from(
        &self,
        item: &Item,
        home: &ModuleInfo,
        counts: impl Fn(&ModuleInfo) -> bool,
    ) -> EditKind {
        let mut found = EditKind::Body;
        if item.name.is_none() {
            return found;
        }
        self.old.texts(|at, text, flags| {
            let kind = kind_of(flags);
            let from = &self.old.modules[at.module];
            if kind > found
                && at.key != item.key
                && (text.crate_wide || counts(from))
                && from.may_mean(text, item, home)
            {
                found = kind;
            }
        });
        found
    }

    /// A glob import can change what any name in its reach means.
    fn glob(&self, glob: &Item, home: &ModuleInfo) -> EditKind {
        let mut found = EditKind::Body;
        self.old.texts(|at, text, flags| {
            let from = &self.old.modules[at.module];
            let names_something = !text.heads.is_empty() || !text.tails.is_empty();
            let near = from.path == home.path || text.crate_wide;
            let far =
                (glob.wide || from.is_within(home)) && (from.local_glob || !text.tails.is_empty());
            if names_something && (near || far) && at.key != glob.key {
                found = found.max(kind_of(flags));
            }
        });
        found
    }

    fn is_new_type(&self, item: &Item) -> bool {
        let Some(owner) = item.owner else {
            return false;
        };
        let has = |surface: &Surface| {
            surface
                .items
                .iter()
                .any(|item| item.role == Role::Type && item.name == Some(owner))
        };
        has(self.new) && !has(self.old)
    }

    fn is_new_function(&self, locals: &Item) -> bool {
        let function = locals
            .key
            .strip_prefix("the items inside ")
            .unwrap_or(&locals.key);
        !self.old.items.iter().any(|item| item.key == function)
    }

    fn change(&mut self, kind: EditKind, item: &Item, in_new: bool, reason: String) {
        let surface = if in_new { self.new } else { self.old };
        self.changes.push(Change {
            kind,
            file: surface.files.get(item.file).cloned().unwrap_or_default(),
            line: item.line,
            item: item.key.clone(),
            reason,
        });
    }
}

fn shown(item: &Item) -> String {
    format!("`{}`", item.key)
}

fn shape_reason(item: &Item, kind: EditKind) -> String {
    let shown = shown(item);
    match (item.role, kind) {
        (Role::Type, _) => {
            format!("the definition of {shown} changed, and possibly its layout")
        }
        (Role::Trait, _) => {
            format!("the declaration of {shown} changed, which determines its vtables")
        }
        (Role::Alias | Role::Const, EditKind::Types) => {
            format!("{shown} changed, and a type depends on it")
        }
        (Role::Alias | Role::Const, EditKind::Structure) => {
            format!("{shown} changed, and the registration depends on it")
        }
        (Role::Static, _) => format!("the type of {shown} changed"),
        (Role::Fn, EditKind::Types) => {
            format!("the signature of {shown} changed, and a type depends on it")
        }
        (Role::Fn, EditKind::Structure) => {
            format!("the signature of {shown}, which may be registered, changed")
        }
        (Role::Fn, EditKind::Body) => format!("the signature of {shown} changed"),
        (Role::Use | Role::Glob, EditKind::Types) => {
            format!("{shown} changed, and a type depends on the name")
        }
        (Role::Use | Role::Glob, EditKind::Structure) => {
            format!("{shown} changed, and the registration depends on the name")
        }
        (Role::Impl | Role::Contract, _) => {
            format!("{shown} changed, which the engine or another type relies on")
        }
        (Role::Macro, _) => format!("{shown} changed, which may expand to types"),
        (Role::Locals, _) => format!("{shown} changed"),
        (Role::Order, _) => {
            format!("{shown} changed, which identifies the items inside their methods")
        }
        (Role::Data, EditKind::Types) => format!("{shown} changed, and a type may depend on it"),
        (Role::Data, EditKind::Structure) => {
            format!("{shown} changed, and the registration depends on it")
        }
        _ => format!("{shown} changed"),
    }
}

fn body_reason(item: &Item, kind: EditKind) -> String {
    let shown = shown(item);
    match (item.role, kind) {
        (Role::Static, EditKind::Types) => {
            format!("the value of {shown} changed, and a type depends on it")
        }
        (Role::Static, EditKind::Structure) => {
            format!("the value of {shown} changed, and the registration depends on it")
        }
        (Role::Static, EditKind::Body) => format!("the value of {shown} changed"),
        (_, EditKind::Types) => {
            format!("the body of {shown}, which is part of a contract with the engine, changed")
        }
        (_, EditKind::Structure) => {
            format!("the body of {shown}, which determines what is registered, changed")
        }
        (_, EditKind::Body) => format!("the body of {shown} changed"),
    }
}

impl Surface {
    /// Every flagged text.
    fn texts<'s>(&'s self, mut visit: impl FnMut(&'s Item, &'s Text, Flags)) {
        for item in &self.items {
            visit(item, &item.shape, item.shape_flags);
            if let Some(body) = &item.body {
                visit(item, body, item.body_flags);
            }
        }
    }
}
