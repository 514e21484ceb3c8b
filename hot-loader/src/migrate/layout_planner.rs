//! Finds out how values of a changed type are made by their layouts: fields of one name and
//! type are copied, numbers are converted, variants are found by their names.
//!
//! It must never copy what owns something, where the old value is dropped afterwards as a
//! whole, by its own code. Types that need more are left to reflection.

use super::{
    layout_plan::{Arm, Op, Plan, Tag, VecParts},
    numbers::number,
};
use hot_loader_verdict::layouts::{Field, Kind, Layouts, Type, Variant};
use std::{alloc::Layout, collections::HashSet};

/// What a plan is made of.
pub struct Planner<'a> {
    /// What the compiler says of the old types.
    pub old: &'a Layouts,
    /// And of the new ones.
    pub new: &'a Layouts,
    /// Names of types that only reflection can make: their users said something of them.
    pub special: &'a HashSet<String>,
    /// Whether there is a default value of the new type, whose plain fields can be used.
    pub has_default: bool,
    /// Whether dropping an old value runs nothing, so that no part of it is dropped.
    pub is_inert: bool,
    /// Whether the plan may be run over another value that has what the old one lacks.
    pub is_over: bool,
}

/// Where a part stands: in the old value, in the new one, and by its name.
#[derive(Clone, Copy, Default)]
struct At<'a> {
    from: usize,
    to: usize,
    path: &'a str,
}

impl At<'_> {
    /// What to call the part in a message.
    fn shown(self, ty: &str) -> String {
        match self.path {
            "" => ty.to_owned(),
            path => path.to_owned(),
        }
    }

    /// The path of a part of this one.
    fn to(self, name: &str) -> String {
        let name = name.strip_prefix("__").unwrap_or(name);
        match self.path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }
}

type Ops = Result<Vec<Op>, String>;

impl Planner<'_> {
    /// How a value of the old type of this name becomes one of the new.
    ///
    /// # Errors
    /// Which part cannot be made by its layout.
    pub fn plan(&self, name: &str) -> Result<Plan, String> {
        let mut plan = Plan::default();
        plan.ops = self.value(name, name, At::default(), &mut plan)?;
        Ok(plan)
    }

    fn value(&self, old: &str, new: &str, at: At, plan: &mut Plan) -> Ops {
        let unknown = |name: &str| format!("the layout of {name} is unknown");
        let (Some(before), Some(after)) = (self.old.get(old), self.new.get(new)) else {
            return Err(unknown(new));
        };
        if self.special.contains(new) {
            return Err(format!("{new} has migration rules of its own"));
        }
        if before.size == 0 && after.size == 0 {
            return Ok(Vec::new());
        }
        if old == new && self.old.unchanged(self.new, old) {
            self.may_copy(old, at)?;
            return Ok(vec![Op::Copy {
                from: at.from,
                to: at.to,
                size: before.size as usize,
            }]);
        }
        match (&before.kind, &after.kind) {
            (Kind::Base(_), Kind::Base(_)) => {
                let number = |ty: &Type| number(ty).ok_or_else(|| unknown(&ty.name));
                Ok(vec![Op::Number {
                    from: (at.from, number(before)?),
                    to: (at.to, number(after)?),
                    path: at.path.to_owned(),
                }])
            }
            (Kind::Struct(_), Kind::Struct(_)) if is_vec(before) && is_vec(after) => {
                self.list(before, after, at, plan)
            }
            (Kind::Struct(before), Kind::Struct(after)) => self.fields(before, after, at, plan),
            (Kind::Enum { variants: old, .. }, Kind::Enum { variants: new, .. }) => {
                self.variants((before, old), (after, new), at, plan)
            }
            (Kind::Array(old, Some(length)), Kind::Array(new, Some(other)))
                if length == other && *length <= LONGEST_ARRAY =>
            {
                let length = *length as usize;
                let mut ops = Vec::new();
                for index in 0..length {
                    let at = At {
                        from: at.from + index * (before.size as usize / length),
                        to: at.to + index * (after.size as usize / length),
                        path: &format!("{}[]", at.path),
                    };
                    ops.extend(self.value(old, new, at, plan)?);
                }
                Ok(ops)
            }
            (Kind::Pointer(_), Kind::Pointer(_)) => {
                Err(format!("what {} points to changed", at.shown(new)))
            }
            _ => Err(format!("{} is a different kind of type now", at.shown(new))),
        }
    }

    /// Whether a part that did not change can be copied: numbers can, and what else is in
    /// an inert value moves, since that is never dropped. What it points to (a `&'static
    /// str`) stays, because libraries are never unloaded, and is read as what it is,
    /// because what it points to did not change either. Code would go on over old types.
    fn may_copy(&self, name: &str, at: At) -> Result<(), String> {
        if self.old.plain(name) {
            return Ok(());
        }
        if !self.is_inert {
            return Err(format!("{} may own memory", at.shown(name)));
        }
        match self.old.holds_code(name) {
            None => Ok(()),
            Some(code) => Err(format!("{} {}", at.shown(name), code.held())),
        }
    }

    fn fields(&self, before: &[Field], after: &[Field], at: At, plan: &mut Plan) -> Ops {
        let mut ops = Vec::new();
        for field in after {
            let path = at.to(&field.name);
            let to = at.to + field.offset as usize;
            match before.iter().find(|old| old.name == field.name) {
                Some(old) => {
                    let from = at.from + old.offset as usize;
                    let path = &*path;
                    let at = At { from, to, path };
                    ops.extend(self.value(&old.type_name, &field.type_name, at, plan)?);
                }
                // What the default value has stays where it was put before.
                None if self.has_default && self.new.plain(&field.type_name) => {
                    plan.defaulted.insert(path);
                }
                None if self.is_over => {
                    let known = self.new.get(&field.type_name);
                    let known = known.ok_or_else(|| format!("the layout of {path} is unknown"))?;
                    let begun = match self.new.may_be_zero(&field.type_name) {
                        true => Ok((to, known.size as usize)),
                        false => Err(no_value(&path)),
                    };
                    plan.is_short |= begun.is_err();
                    ops.push(Op::Missing(begun));
                    plan.missing.insert(path);
                }
                None => return Err(format!("{path} is new")),
            }
        }
        let is_gone = |old: &&Field| after.iter().all(|field| field.name != old.name);
        let gone = before.iter().filter(is_gone);
        plan.lost.extend(gone.map(|old| at.to(&old.name)));
        Ok(ops)
    }

    fn variants(
        &self,
        (before, old): (&Type, &[Variant]),
        (after, new): (&Type, &[Variant]),
        at: At,
        plan: &mut Plan,
    ) -> Ops {
        let path = at.shown(&after.name);
        let unknown = || format!("the tag of {path} is unknown");
        let tag = tag(self.old, before, at.from).ok_or_else(unknown)?;
        let new_tag = self::tag(self.new, after, at.to).ok_or_else(unknown)?;
        let mut arms = Vec::new();
        for variant in old {
            let arm = match new.iter().find(|new| new.name == variant.name) {
                Some(new) => Arm {
                    ops: self.variant(variant, new, at, plan)?,
                    // None for the only variant, or the one that its own fields tell.
                    tag: new_tag.zip(new.value),
                },
                None => Arm {
                    ops: vec![Op::Never(format!(
                        "{path}: a live value is `{}`, a variant the new code no longer has. Add a migration (`app.add_migration`), or change the value first",
                        variant.name
                    ))],
                    tag: None,
                },
            };
            arms.push((variant.value, arm));
        }
        Ok(vec![Op::Variants { tag, arms, path }])
    }

    fn variant(&self, old: &Variant, new: &Variant, at: At, plan: &mut Plan) -> Ops {
        let path = &*at.to(&old.name);
        let at = At { path, ..at };
        // A default value may be another variant: its bytes mean nothing here.
        let is_missing = |field: &&Field| old.fields.iter().all(|old| old.name != field.name);
        match new.fields.iter().find(is_missing) {
            Some(field) if !self.is_over => Ok(vec![Op::Never(no_value(&at.to(&field.name)))]),
            _ => {
                let inner = Planner {
                    has_default: false,
                    ..*self
                };
                inner.fields(&old.fields, &new.fields, at, plan)
            }
        }
    }

    fn list(&self, before: &Type, after: &Type, at: At, plan: &mut Plan) -> Ops {
        let unknown = || format!("the layout of {} is unknown", at.shown(&after.name));
        let old = vec_parts(self.old, before, at.from).ok_or_else(unknown)?;
        let new = vec_parts(self.new, after, at.to).ok_or_else(unknown)?;
        let elements = before.arguments.first().zip(after.arguments.first());
        let (old_element, new_element) = elements.ok_or_else(unknown)?;
        let inner = Planner {
            has_default: false,
            is_over: false,
            ..*self
        };
        let said = (plan.lost.clone(), plan.defaulted.clone());
        let at = At {
            path: &format!("{}[]", at.path),
            ..At::default()
        };
        let element = inner.value(old_element, new_element, at, plan);
        // An empty list has nothing that cannot be made.
        let element = element.unwrap_or_else(|why| {
            (plan.lost, plan.defaulted) = said;
            plan.is_short = true;
            let why = format!("{why}, so it cannot be copied; save again when none is queued");
            vec![Op::Never(why)]
        });
        Ok(vec![Op::Vec { old, new, element }])
    }
}

/// Longer ones are left to reflection, which counts them.
const LONGEST_ARRAY: u64 = 64;

fn is_vec(ty: &Type) -> bool {
    ty.name.starts_with("alloc::vec::Vec<")
}

fn no_value(path: &str) -> String {
    format!("{path} is new and has no initial value. Add a migration (`app.add_migration`)")
}

/// Where the tag of an enum at `place` stands: `None` within if it has no tag.
fn tag(layouts: &Layouts, ty: &Type, place: usize) -> Option<Option<Tag>> {
    let Kind::Enum {
        discriminant,
        variants,
    } = &ty.kind
    else {
        return None;
    };
    let (offset, size) = match discriminant {
        Some(field) => {
            let number = number(layouts.get(&field.type_name)?)?;
            (field.offset as usize, number.size())
        }
        // Nothing but the number.
        None if variants.iter().any(|variant| variant.value.is_some()) => (0, ty.size as usize),
        None => return Some(None),
    };
    let offset = place + offset;
    Some((size > 0).then_some(Tag { offset, size }))
}

/// The offsets within a `Vec` of the standard library that this compiler comes with.
fn vec_parts(layouts: &Layouts, ty: &Type, offset: usize) -> Option<VecParts> {
    let part = |path: &[&str], size: u64| {
        let mut ty = ty;
        let mut offset = offset;
        for name in path {
            let Kind::Struct(fields) = &ty.kind else {
                return None;
            };
            let field = fields.iter().find(|field| field.name == *name)?;
            offset += field.offset as usize;
            ty = layouts.get(&field.type_name)?;
        }
        (ty.size == size).then_some(offset)
    };
    let word = size_of::<usize>() as u64;
    let element = layouts.get(ty.arguments.first()?)?;
    (ty.size == 3 * word).then_some(VecParts {
        ptr: part(&["buf", "inner", "ptr"], word)?,
        cap: part(&["buf", "inner", "cap"], word)?,
        len: part(&["len"], word)?,
        element: Layout::from_size_align(element.size as usize, element.align as usize).ok()?,
    })
}
