//! A plan for making a value of a changed type by its layout: fields of one name and
//! type are copied, numbers are converted, variants are found by their names. It needs
//! nothing of the type but what the compiler's debug info says, and is fast.
//!
//! It must never copy what owns something, where the old value is dropped afterwards as a
//! whole, by its own code. Types that need more are left to reflection.
#![expect(
    unsafe_code,
    reason = "values are read and written by the offsets that the compiler gave them"
)]

use super::numbers::Number;
use core::ptr;
use hot_loader_verdict::layouts::{Encoding, Field, Kind, Layouts, Type, Variant};
use std::{
    alloc::{self, Layout},
    collections::{BTreeSet, HashSet},
};

/// What is done for each value.
#[derive(Debug)]
pub struct Plan {
    ops: Vec<Op>,
    /// Parts of the old type that the new one has not.
    pub lost: BTreeSet<String>,
    /// Parts of the new type that keep what its default value has.
    pub defaulted: BTreeSet<String>,
    /// Parts of the new type that only a value below can give (`Planner::is_over`).
    pub missing: BTreeSet<String>,
    /// Whether any of these cannot begin at zero, or the elements of a list cannot be made.
    pub is_short: bool,
}

#[derive(Debug)]
enum Op {
    Copy {
        from: usize,
        to: usize,
        size: usize,
    },
    Number {
        from: usize,
        to: usize,
        old: Number,
        new: Number,
        path: String,
    },
    Variants {
        tag: Option<Tag>,
        /// By the tag's value; `None` is what every other value means.
        arms: Vec<(Option<i128>, Arm)>,
        path: String,
    },
    Vec {
        old: VecParts,
        new: VecParts,
        element: Vec<Op>,
    },
    /// There is no way to make it, for this reason.
    Never(String),
    /// Stays as the value below has it, or else begins at zero, if that is a value of it.
    Missing {
        to: usize,
        size: usize,
        zero: bool,
        path: String,
    },
}

/// Where an enum's tag stands.
#[derive(Clone, Copy, Debug)]
struct Tag {
    offset: usize,
    number: Number,
}

/// What becomes of one old variant.
#[derive(Debug)]
enum Arm {
    To {
        ops: Vec<Op>,
        /// Where the new tag is written, and which.
        tag: Option<(Tag, i128)>,
    },
    /// The new type has no such variant.
    Gone(String),
    /// The new variant has fields that the old one had not.
    Short(String),
}

/// What the place of a new value holds before a plan is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Below {
    /// Nothing, or a default value of the new type.
    Nothing,
    /// A value of the new type, whose parts stay where the old value has none.
    Value,
}

/// Where a `Vec` keeps its parts.
#[derive(Clone, Copy, Debug)]
struct VecParts {
    offset: usize,
    ptr: usize,
    cap: usize,
    len: usize,
    /// Of an element.
    size: usize,
    align: usize,
}

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

impl Planner<'_> {
    /// How a value of `old` becomes one of `new`.
    ///
    /// # Errors
    /// Which part cannot be made by its layout.
    pub fn plan(&self, old: &str, new: &str) -> Result<Plan, String> {
        let mut plan = Plan {
            ops: Vec::new(),
            lost: BTreeSet::new(),
            defaulted: BTreeSet::new(),
            missing: BTreeSet::new(),
            is_short: false,
        };
        let mut ops = Vec::new();
        self.value(old, new, (0, 0), "", &mut ops, &mut plan)?;
        plan.ops = ops;
        Ok(plan)
    }

    fn value(
        &self,
        old: &str,
        new: &str,
        (from, to): (usize, usize),
        path: &str,
        ops: &mut Vec<Op>,
        plan: &mut Plan,
    ) -> Result<(), String> {
        let unknown = |name: &str| format!("the layout of {name} is unknown");
        let (Some(before), Some(after)) = (self.old.get(old), self.new.get(new)) else {
            return Err(unknown(new));
        };
        if self.special.contains(new) {
            return Err(format!("{new} has migration rules of its own"));
        }
        if before.size == 0 && after.size == 0 {
            return Ok(());
        }
        if old == new && self.old.unchanged(self.new, old) {
            self.may_copy(old, path)?;
            let size = before.size as usize;
            ops.push(Op::Copy { from, to, size });
            return Ok(());
        }
        match (&before.kind, &after.kind) {
            (Kind::Base(_), Kind::Base(_)) => {
                let number = |ty: &Type| number(ty).ok_or_else(|| unknown(&ty.name));
                ops.push(Op::Number {
                    from,
                    to,
                    old: number(before)?,
                    new: number(after)?,
                    path: path.to_owned(),
                });
                Ok(())
            }
            (Kind::Struct(_), Kind::Struct(_)) if is_vec(before) && is_vec(after) => {
                self.vec(before, after, (from, to), path, ops, plan)
            }
            (Kind::Struct(before), Kind::Struct(after)) => {
                self.fields(before, after, (from, to), path, ops, plan)
            }
            (Kind::Enum { .. }, Kind::Enum { .. }) => {
                self.variants(before, after, (from, to), path, ops, plan)
            }
            (Kind::Array(old, Some(before)), Kind::Array(new, Some(after)))
                if before == after && *before <= LONGEST_ARRAY =>
            {
                let size = |layouts: &Layouts, name: &str| {
                    layouts
                        .get(name)
                        .map(|ty| ty.size as usize)
                        .ok_or_else(|| unknown(name))
                };
                let (old_size, new_size) = (size(self.old, old)?, size(self.new, new)?);
                for at in 0..*before as usize {
                    let places = (from + at * old_size, to + at * new_size);
                    self.value(old, new, places, &format!("{path}[]"), ops, plan)?;
                }
                Ok(())
            }
            (Kind::Pointer(_), Kind::Pointer(_)) => {
                Err(format!("what {} points to changed", shown(path, new)))
            }
            _ => Err(format!(
                "{} is a different kind of type now",
                shown(path, new)
            )),
        }
    }

    /// Whether a part that did not change can be copied: numbers can, and what else is in
    /// an inert value moves, since that is never dropped. What it points to (a `&'static
    /// str`) stays, because libraries are never unloaded, and is read as what it is,
    /// because what it points to did not change either. Code would go on over old types.
    fn may_copy(&self, name: &str, path: &str) -> Result<(), String> {
        if self.old.plain(name) {
            return Ok(());
        }
        if !self.is_inert {
            return Err(format!("{} may own memory", shown(path, name)));
        }
        match self.old.holds_code(name) {
            None => Ok(()),
            Some(code) => Err(format!("{} {}", shown(path, name), code.held())),
        }
    }

    fn fields(
        &self,
        before: &[Field],
        after: &[Field],
        (from, to): (usize, usize),
        path: &str,
        ops: &mut Vec<Op>,
        plan: &mut Plan,
    ) -> Result<(), String> {
        for field in after {
            let path = joined(path, &field.name);
            let old = before.iter().find(|old| old.name == field.name);
            match old {
                Some(old) => {
                    let places = (from + old.offset as usize, to + field.offset as usize);
                    self.value(&old.type_name, &field.type_name, places, &path, ops, plan)?;
                }
                // What the default value has stays where it was put before.
                None if self.has_default && self.new.plain(&field.type_name) => {
                    plan.defaulted.insert(path);
                }
                None if self.is_over => {
                    let size = self.new.get(&field.type_name).map(|ty| ty.size as usize);
                    let zero = self.new.may_be_zero(&field.type_name);
                    plan.is_short |= !zero;
                    ops.push(Op::Missing {
                        to: to + field.offset as usize,
                        size: size.ok_or_else(|| format!("the layout of {path} is unknown"))?,
                        zero,
                        path: path.clone(),
                    });
                    plan.missing.insert(path);
                }
                None => return Err(format!("{path} is new")),
            }
        }
        let gone = before
            .iter()
            .filter(|old| after.iter().all(|field| field.name != old.name));
        plan.lost.extend(gone.map(|old| joined(path, &old.name)));
        Ok(())
    }

    fn variants(
        &self,
        before: &Type,
        after: &Type,
        (from, to): (usize, usize),
        path: &str,
        ops: &mut Vec<Op>,
        plan: &mut Plan,
    ) -> Result<(), String> {
        let (Kind::Enum { variants: old, .. }, Kind::Enum { variants: new, .. }) =
            (&before.kind, &after.kind)
        else {
            return Err("it isn't an enum".into());
        };
        let unknown = || format!("the tag of {} is unknown", shown(path, &after.name));
        let tag = tag(self.old, before, from).ok_or_else(unknown)?;
        let new_tag = self::tag(self.new, after, to).ok_or_else(unknown)?;
        let mut arms = Vec::new();
        for variant in old {
            let arm = match new.iter().find(|new| new.name == variant.name) {
                Some(new) => self.arm(variant, new, new_tag, (from, to), path, plan)?,
                None => Arm::Gone(variant.name.clone()),
            };
            arms.push((variant.value, arm));
        }
        ops.push(Op::Variants {
            tag,
            arms,
            path: shown(path, &after.name),
        });
        Ok(())
    }

    fn arm(
        &self,
        old: &Variant,
        new: &Variant,
        tag: Option<Tag>,
        places: (usize, usize),
        path: &str,
        plan: &mut Plan,
    ) -> Result<Arm, String> {
        let path = joined(path, &old.name);
        // A default value may be another variant: its bytes mean nothing here.
        let missing = |field: &&Field| old.fields.iter().all(|old| old.name != field.name);
        if !self.is_over
            && let Some(field) = new.fields.iter().find(missing)
        {
            return Ok(Arm::Short(joined(&path, &field.name)));
        }
        let mut ops = Vec::new();
        let inner = Planner {
            has_default: false,
            ..*self
        };
        inner.fields(&old.fields, &new.fields, places, &path, &mut ops, plan)?;
        let tag = match (tag, new.value) {
            (Some(tag), Some(value)) => Some((tag, value)),
            // The only variant, or the one that its own fields tell.
            _ => None,
        };
        Ok(Arm::To { ops, tag })
    }

    fn vec(
        &self,
        before: &Type,
        after: &Type,
        (from, to): (usize, usize),
        path: &str,
        ops: &mut Vec<Op>,
        plan: &mut Plan,
    ) -> Result<(), String> {
        let unknown = || format!("the layout of {} is unknown", shown(path, &after.name));
        let old = vec_parts(self.old, before, from).ok_or_else(unknown)?;
        let new = vec_parts(self.new, after, to).ok_or_else(unknown)?;
        let (Some(old_element), Some(new_element)) =
            (before.arguments.first(), after.arguments.first())
        else {
            return Err(unknown());
        };
        let mut element = Vec::new();
        let inner = Planner {
            has_default: false,
            is_over: false,
            ..*self
        };
        let said = (plan.lost.clone(), plan.defaulted.clone());
        let planned = inner.value(
            old_element,
            new_element,
            (0, 0),
            &format!("{path}[]"),
            &mut element,
            plan,
        );
        // An empty list has nothing that cannot be made.
        if let Err(why) = planned {
            (plan.lost, plan.defaulted) = said;
            plan.is_short = true;
            element = vec![Op::Never(format!(
                "{why}, so it cannot be copied; save again when none is queued"
            ))];
        }
        ops.push(Op::Vec { old, new, element });
        Ok(())
    }
}

/// Longer ones are left to reflection, which counts them.
const LONGEST_ARRAY: u64 = 64;

fn is_vec(ty: &Type) -> bool {
    ty.name.starts_with("alloc::vec::Vec<")
}

fn joined(path: &str, field: &str) -> String {
    let field = field.strip_prefix("__").unwrap_or(field);
    match path {
        "" => field.to_owned(),
        path => format!("{path}.{field}"),
    }
}

fn shown(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => path.to_owned(),
    }
}

fn number(ty: &Type) -> Option<Number> {
    let Kind::Base(encoding) = ty.kind else {
        return None;
    };
    let size = usize::try_from(ty.size).ok()?;
    Some(match (encoding, size) {
        (Encoding::Unsigned, 1 | 2 | 4 | 8 | 16) => Number::Unsigned(size),
        (Encoding::Signed, 1 | 2 | 4 | 8 | 16) => Number::Signed(size),
        (Encoding::Float, 4 | 8) => Number::Float(size),
        (Encoding::Bool, 1) => Number::Bool,
        (Encoding::Char, 4) => Number::Char,
        _ => return None,
    })
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
    match discriminant {
        Some(field) => {
            let number = number(layouts.get(&field.type_name)?)?;
            Some(Some(Tag {
                offset: place + field.offset as usize,
                number,
            }))
        }
        None if variants.iter().any(|variant| variant.value.is_some()) => {
            // Nothing but the number.
            let signed = variants.iter().any(|v| v.value.is_some_and(|v| v < 0));
            let size = ty.size as usize;
            let number = match signed {
                true => Number::Signed(size),
                false => Number::Unsigned(size),
            };
            Some((size > 0).then_some(Tag {
                offset: place,
                number,
            }))
        }
        None => Some(None),
    }
}

/// The offsets within a `Vec` of the standard library that this compiler comes with.
fn vec_parts(layouts: &Layouts, ty: &Type, offset: usize) -> Option<VecParts> {
    let part = |path: &[&str], size: u64| {
        let mut ty = ty;
        let mut offset = 0;
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
        offset,
        ptr: part(&["buf", "inner", "ptr"], word)?,
        cap: part(&["buf", "inner", "cap"], word)?,
        len: part(&["len"], word)?,
        size: usize::try_from(element.size).ok()?,
        align: usize::try_from(element.align).ok().filter(|a| *a > 0)?,
    })
}

/// Memory that new values own, given back if a later part fails.
#[derive(Default)]
struct Allocated(Vec<(*mut u8, Layout)>);

impl Plan {
    /// Makes a new value of the old one at `from`, at `to`, which holds the bytes of the
    /// default value, if the plan was made with one.
    ///
    /// # Safety
    /// `from` must point to a value of the old type, `to` to a place for one of the new;
    /// both types as the plan's layouts have them. With a [`Below::Value`], `to` holds one.
    ///
    /// # Errors
    /// If a number does not fit, or a variant is gone. Then `to` holds nothing.
    pub unsafe fn run(&self, from: *const u8, to: *mut u8, below: Below) -> Result<(), String> {
        let mut allocated = Allocated::default();
        // SAFETY: the caller's.
        let result = unsafe { run(&self.ops, from, to, below, &mut allocated) };
        if result.is_err() {
            for (place, layout) in allocated.0 {
                // SAFETY: allocated below with this layout, and nobody else has it; what
                // is in it owns nothing.
                unsafe { alloc::dealloc(place, layout) };
            }
        }
        result
    }
}

/// # Safety
/// As for [`Plan::run`].
unsafe fn run(
    ops: &[Op],
    from: *const u8,
    to: *mut u8,
    below: Below,
    allocated: &mut Allocated,
) -> Result<(), String> {
    for op in ops {
        // SAFETY: offsets and sizes are those of fields within the two values, as the
        // compiler laid them out; the parts that are read are initialised, since they are
        // fields of a live value.
        unsafe {
            match op {
                Op::Copy {
                    from: at,
                    to: target,
                    size,
                } => ptr::copy_nonoverlapping(from.add(*at), to.add(*target), *size),
                Op::Number {
                    from: at,
                    to: target,
                    old,
                    new,
                    path,
                } => {
                    let value = old.read(from.add(*at));
                    new.write(value, to.add(*target))
                        .map_err(|error| format!("{path}: {error}"))?;
                }
                Op::Variants { tag, arms, path } => {
                    let is = |of: i128| {
                        tag.is_some_and(|tag| {
                            let value = tag.number.integer(from.add(tag.offset));
                            tag.number.same(value, of)
                        })
                    };
                    let arm = arms
                        .iter()
                        .find(|(of, _)| of.is_some_and(is))
                        .or_else(|| arms.iter().find(|(of, _)| of.is_none()));
                    match arm {
                        Some((_, Arm::To { ops, tag })) => {
                            // Another variant's parts are none of this one.
                            let is_same = tag.is_some_and(|(tag, value)| {
                                below == Below::Value
                                    && tag
                                        .number
                                        .same(tag.number.integer(to.add(tag.offset)), value)
                            });
                            let below = match is_same {
                                true => Below::Value,
                                false => Below::Nothing,
                            };
                            run(ops, from, to, below, allocated)?;
                            if let Some((tag, value)) = tag {
                                tag.number.put(*value, to.add(tag.offset));
                            }
                        }
                        Some((_, Arm::Gone(variant))) => {
                            return Err(format!(
                                "{path}: a live value is `{variant}`, a variant the new code no longer has. Add a migration (`app.add_migration`), or change the value first"
                            ));
                        }
                        Some((_, Arm::Short(field))) => {
                            return Err(format!(
                                "{field} is new and has no initial value. Add a migration (`app.add_migration`)"
                            ));
                        }
                        None => {
                            return Err(format!("{path}: the value is none of the known variants"));
                        }
                    }
                }
                Op::Vec { old, new, element } => {
                    let at = |parts: &VecParts, part: usize| parts.offset + part;
                    let length = from.add(at(old, old.len)).cast::<usize>().read();
                    let elements = from.add(at(old, old.ptr)).cast::<*const u8>().read();
                    let (place, capacity) = room(new, length, allocated)?;
                    for index in 0..length {
                        let (from, to) =
                            (elements.add(index * old.size), place.add(index * new.size));
                        run(element, from, to, Below::Nothing, allocated)?;
                    }
                    to.add(at(new, new.ptr)).cast::<*mut u8>().write(place);
                    to.add(at(new, new.cap)).cast::<usize>().write(capacity);
                    to.add(at(new, new.len)).cast::<usize>().write(length);
                }
                Op::Never(why) => return Err(why.clone()),
                Op::Missing { .. } if below == Below::Value => {}
                Op::Missing {
                    to: at,
                    size,
                    zero: true,
                    ..
                } => to.add(*at).write_bytes(0, *size),
                Op::Missing { path, .. } => {
                    return Err(format!(
                        "{path} is new and has no initial value. Add a migration (`app.add_migration`)"
                    ));
                }
            }
        }
    }
    Ok(())
}

/// Memory for the elements of a `Vec`, and its capacity.
fn room(
    parts: &VecParts,
    length: usize,
    allocated: &mut Allocated,
) -> Result<(*mut u8, usize), String> {
    let dangling = ptr::without_provenance_mut(parts.align);
    if length == 0 || parts.size == 0 {
        return Ok((dangling, 0));
    }
    let size = parts.size.checked_mul(length);
    let layout = size.and_then(|size| Layout::from_size_align(size, parts.align).ok());
    let layout = layout.ok_or("a list is too long")?;
    // SAFETY: the layout is not empty. `Vec` uses the same global allocator, which hot
    // builds share.
    let place = unsafe { alloc::alloc_zeroed(layout) };
    if place.is_null() {
        return Err("out of memory for the new values".into());
    }
    allocated.0.push((place, layout));
    Ok((place, length))
}
