//! Makes the mover's conversions of what `method` chose, and notes what they lose. A conversion
//! must write a whole value of the new type, or nothing.
#![expect(
    unsafe_code,
    reason = "values are read and written by their ids; each type's own registration is the check"
)]

use super::{
    layout_plan::Plan,
    method::{Chooser, Method},
    pairs::Pair,
};
use crate::{engine::names::is_messages, mover::Convert};
use bevy::{
    ecs::{component::ComponentId, entity::Entity, world::World},
    ptr::Ptr,
    reflect::{Reflect, ReflectFromPtr, TypeRegistration},
};
use core::{cell::RefCell, mem, ptr};
use std::{
    alloc::{Layout, dealloc},
    collections::{BTreeSet, HashSet},
    rc::Rc,
    sync::Arc,
};

/// What conversions found no place for, or nothing to make of.
#[derive(Default)]
pub struct Losses {
    /// Parts of values, as they are reported.
    pub parts: BTreeSet<String>,
    /// The components that lost any.
    pub of: HashSet<ComponentId>,
}

/// What one conversion knows of its pair, and where it notes what it loses.
struct Notes {
    losses: Rc<RefCell<Losses>>,
    pair: Pair,
}

impl Notes {
    /// Notes what parts have no place in the new type, and which begin anew.
    fn note<'n>(
        &self,
        gone: impl IntoIterator<Item = &'n String>,
        begun: impl IntoIterator<Item = &'n String>,
    ) {
        let mut losses = self.losses.borrow_mut();
        let gone: Vec<_> = gone.into_iter().collect();
        // What is in a queue is gone in two frames anyway.
        if !gone.is_empty() && !is_messages(&self.pair.name) {
            losses.of.insert(self.pair.old);
        }
        let parts = gone.into_iter().chain(begun);
        let named = parts.map(|part| format!("{}.{part}", self.pair.new_name));
        losses.parts.extend(named);
    }
}

impl Chooser<'_> {
    /// What makes each new value of a pair; `None` if the bytes of the old one are it.
    pub fn conversion(&self, method: &Method, pair: &Pair) -> Option<Box<Convert<'static>>> {
        let notes = Notes {
            losses: self.losses.clone(),
            pair: pair.clone(),
        };
        Some(match method {
            Method::Same => return None,
            Method::Reset(reset) => {
                let reset = *reset;
                Box::new(move |_, _, _, place| {
                    // SAFETY: filed under the type id of the new component.
                    unsafe { reset(place) };
                    Ok(())
                })
            }
            Method::Planned {
                plan,
                default,
                below,
            } => self.by_plan(plan.clone(), default.clone(), below, notes),
            Method::Reflected { old, new, below } => {
                self.by_converter(old.clone(), new.clone(), below, notes)
            }
        })
    }

    /// By layouts: from the latest earlier value that has all parts, over which later ones
    /// come, and last the one of today.
    fn by_plan(
        &self,
        plan: Arc<Plan>,
        default: Option<Arc<dyn Reflect>>,
        below: &[(usize, Arc<Plan>)],
        notes: Notes,
    ) -> Box<Convert<'static>> {
        notes.note(&plan.lost, []);
        let below = self.change.known.stash.values(below);
        let mut is_said = false;
        Box::new(move |_: &World, entity, value, place| {
            if let Some(default) = &default {
                let from = ptr::from_ref::<dyn Reflect>(&**default).cast::<u8>();
                // SAFETY: a default value is one of the new type; of its bytes only those stay
                // that own nothing (`layout_planner`).
                unsafe { from.copy_to_nonoverlapping(place, size_of_val(&**default)) };
            }
            let there = below.iter();
            let there = there.filter_map(|(values, plan)| Some((values.get(&entity)?, plan)));
            let there: Vec<_> = there.collect();
            let first = there.iter().rposition(|(_, plan)| plan.missing.is_empty());
            let mut is_over = false;
            for (value, plan) in first.map_or(&[][..], |first| &there[first..]) {
                // SAFETY: the layouts are those of the kept value's type, whose size was
                // compared with the world's; it stays until the commit.
                unsafe { plan.run(value.as_ptr(), place, is_over) }?;
                is_over = true;
            }
            if !is_over && !mem::replace(&mut is_said, true) {
                notes.note([], plan.defaulted.union(&plan.missing));
            }
            // SAFETY: the layouts are those of the two components' types, whose sizes were
            // compared with the world's; the plan writes every field that is not left to the
            // default value, or to the value that is there by now.
            unsafe { plan.run(value.as_ptr(), place, is_over) }
        })
    }

    /// Through reflection, over all earlier values.
    fn by_converter(
        &self,
        old: ReflectFromPtr,
        new: TypeRegistration,
        below: &[(usize, ReflectFromPtr)],
        notes: Notes,
    ) -> Box<Convert<'static>> {
        let below = self.change.known.stash.values(below);
        let converter = self.converter.clone();
        Box::new(move |_: &World, entity: Entity, value, place| {
            let mut under = None;
            for (values, read) in &below {
                if let Some(value) = values.get(&entity) {
                    // SAFETY: the registration is that of the kept value's own type: both are of
                    // one `Stashed` (where the `Chooser` makes `Method::Reflected`), and the stash
                    // stays as it is until the commit.
                    let value = unsafe { read.as_reflect(Ptr::new(*value)) };
                    let value = value.as_partial_reflect();
                    let made = converter.convert_over(under.take(), value, &new);
                    under = made.ok().map(|made| made.value);
                }
            }
            // SAFETY: the registration is that of the value's own type id, by which the
            // component was registered with the world.
            let value = unsafe { old.as_reflect(value) };
            let converted = converter
                .convert_over(under, value.as_partial_reflect(), &new)
                .map_err(|error| error.to_string())?;
            notes.note(&converted.notes.lost, &converted.notes.defaulted);
            // SAFETY: the converter promises a value of the new registration's type, which is
            // that of the new component; the mover's place is one for it.
            unsafe { write(converted.value, place) };
            Ok(())
        })
    }
}

/// Moves a boxed value to a place for one of its type.
///
/// # Safety
/// `place` must be valid for a write of the value's concrete type.
unsafe fn write(value: Box<dyn Reflect>, place: *mut u8) {
    let layout = Layout::for_value(&*value);
    let value = Box::into_raw(value).cast::<u8>();
    // SAFETY: the value is as long as its layout says, and the caller's place as well.
    unsafe { value.copy_to_nonoverlapping(place, layout.size()) };
    if layout.size() > 0 {
        // SAFETY: it came out of a `Box` of this layout; the value itself was moved.
        unsafe { dealloc(value, layout) };
    }
}
