//! A plan for making a value of a changed type by its layout, and carrying it out for each
//! value. It needs nothing of the type but what the compiler's debug info says, and is fast.
//!
//! It must not read or write a value but at the places and in the sizes that the compiler
//! gave its parts; `layout_planner` decides which these are.
#![expect(
    unsafe_code,
    reason = "values are read and written by the offsets that the compiler gave them"
)]

use super::numbers::{self, read, write};
use crate::convert::numbers::Number;
use core::ptr;
use std::{
    alloc::{self, Layout},
    collections::BTreeSet,
};

/// What is done for each value.
#[derive(Debug, Default)]
pub struct Plan {
    pub(super) ops: Vec<Op>,
    /// Parts of the old type that the new one has not.
    pub lost: BTreeSet<String>,
    /// Parts of the new type that keep what its default value has.
    pub defaulted: BTreeSet<String>,
    /// Parts of the new type that only a value below can give (`Planner::is_over`).
    pub missing: BTreeSet<String>,
    /// Whether any of these cannot begin at zero, or the elements of a list cannot be made.
    pub is_short: bool,
}

/// One step; offsets are from the starts of the two values.
#[derive(Debug)]
pub(super) enum Op {
    Copy {
        from: usize,
        to: usize,
        size: usize,
    },
    Number {
        from: (usize, Number),
        to: (usize, Number),
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
    /// Stays as the value below has it, or else begins at zero, at this place and in this
    /// size. If zero is no value of it, there is no way to make it.
    Missing(Result<(usize, usize), String>),
}

/// Where an enum's tag stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    pub offset: usize,
    pub size: usize,
}

impl Tag {
    /// Whether the tag of the value is this one.
    ///
    /// # Safety
    /// An enum with this tag must be at `value`.
    unsafe fn is(self, tag: i128, value: *const u8) -> bool {
        // SAFETY: the caller's.
        let bits = unsafe { read(value.add(self.offset), self.size) };
        let unused = 128 - 8 * self.size.min(16) as u32;
        (bits ^ tag as u128) << unused == 0
    }
}

/// What becomes of one old variant.
#[derive(Debug)]
pub(super) struct Arm {
    pub ops: Vec<Op>,
    /// Where the new tag is written, and which.
    pub tag: Option<(Tag, i128)>,
}

/// Where a `Vec` keeps its parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct VecParts {
    pub ptr: usize,
    pub cap: usize,
    pub len: usize,
    /// The layout of an element.
    pub element: Layout,
}

impl Plan {
    /// Makes a new value of the old one at `from`, at `to`, which holds the bytes of the
    /// default value, if the plan was made with one.
    ///
    /// # Safety
    /// `from` must point to a value of the old type, `to` to a place for one of the new;
    /// both types as the plan's layouts have them. If `is_over`, `to` holds one, whose parts
    /// stay where the old value has none.
    ///
    /// # Errors
    /// If a number does not fit, or a variant is gone. Then `to` holds nothing.
    pub unsafe fn run(&self, from: *const u8, to: *mut u8, is_over: bool) -> Result<(), String> {
        let mut run = Run::default();
        // SAFETY: the caller's.
        let result = unsafe { run.all(&self.ops, from, to, is_over) };
        if result.is_err() {
            for (place, layout) in run.allocated {
                // SAFETY: allocated by the run with this layout, and nobody else has it;
                // what is in it owns nothing.
                unsafe { alloc::dealloc(place, layout) };
            }
        }
        result
    }
}

/// One run of a plan.
#[derive(Default)]
struct Run {
    /// Memory that the new value owns, given back if a later part fails.
    allocated: Vec<(*mut u8, Layout)>,
}

impl Run {
    /// # Safety
    /// As for [`Plan::run`].
    unsafe fn all(
        &mut self,
        ops: &[Op],
        value: *const u8,
        place: *mut u8,
        is_over: bool,
    ) -> Result<(), String> {
        for op in ops {
            // SAFETY: offsets and sizes are those of fields within the two values, as the
            // compiler laid them out; the parts that are read are initialised, since they
            // are fields of a live value.
            unsafe {
                match op {
                    Op::Copy { from, to, size } => {
                        ptr::copy_nonoverlapping(value.add(*from), place.add(*to), *size);
                    }
                    Op::Number { from, to, path } => {
                        let (from, to) = ((value.add(from.0), from.1), (place.add(to.0), to.1));
                        numbers::convert(from, to).map_err(|error| format!("{path}: {error}"))?;
                    }
                    Op::Variants { tag, arms, path } => {
                        let is = |it| tag.is_some_and(|tag| tag.is(it, value));
                        let arm = arms
                            .iter()
                            .find(|(it, _)| it.is_some_and(is))
                            .or_else(|| arms.iter().find(|(it, _)| it.is_none()));
                        let Some((_, arm)) = arm else {
                            return Err(format!("{path}: the value is none of the known variants"));
                        };
                        // The value is of the arm's variant: its tag says so, or no other
                        // arm has it. With a value below, `place` holds an enum with this
                        // tag; another variant's parts are none of this one.
                        let stays = |(tag, it): (Tag, i128)| tag.is(it, place);
                        let is_over = is_over && arm.tag.is_some_and(stays);
                        self.all(&arm.ops, value, place, is_over)?;
                        if let Some((tag, it)) = arm.tag {
                            write(it as u128, place.add(tag.offset), tag.size);
                        }
                    }
                    Op::Vec { old, new, element } => {
                        // At the offsets are a `Vec` and a place for one. Its elements up to
                        // the length are initialised, and there is room for as many new ones.
                        let length = value.add(old.len).cast::<usize>().read();
                        let elements = value.add(old.ptr).cast::<*const u8>().read();
                        let (room, capacity) = self.room(new.element, length)?;
                        for index in 0..length {
                            let from = elements.add(index * old.element.size());
                            let to = room.add(index * new.element.size());
                            self.all(element, from, to, false)?;
                        }
                        place.add(new.ptr).cast::<*mut u8>().write(room);
                        place.add(new.cap).cast::<usize>().write(capacity);
                        place.add(new.len).cast::<usize>().write(length);
                    }
                    Op::Missing(_) if is_over => {}
                    Op::Missing(Ok((at, size))) => place.add(*at).write_bytes(0, *size),
                    Op::Never(why) | Op::Missing(Err(why)) => return Err(why.clone()),
                }
            }
        }
        Ok(())
    }

    /// Memory for the elements of a `Vec`, and its capacity.
    fn room(&mut self, element: Layout, length: usize) -> Result<(*mut u8, usize), String> {
        if length == 0 || element.size() == 0 {
            return Ok((element.dangling_ptr().as_ptr(), 0));
        }
        let (layout, _) = element.repeat(length).map_err(|_| "a list is too long")?;
        // SAFETY: the layout is not empty. `Vec` uses the same global allocator, which hot
        // builds share.
        let place = unsafe { alloc::alloc_zeroed(layout) };
        if place.is_null() {
            return Err("out of memory for the new values".into());
        }
        self.allocated.push((place, layout));
        Ok((place, length))
    }
}
