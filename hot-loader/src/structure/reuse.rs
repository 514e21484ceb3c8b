//! Whether the code of a system stays behind its proxy, or it is made afresh.
//!
//! It stays if the new plugin registers one of the same type, name and captured values,
//! and its code is placed. In doubt it is made afresh. What is made afresh is initialised
//! here, while the old one still runs; nothing else is done to the game.

use super::Refusal;
use crate::{
    engine::names::is_stateless_condition,
    generation::Planned,
    proxy::{Slot, SlotKind, Slots},
    schedules::{LiveCondition, LiveSystem},
};
use bevy::ecs::{change_detection::Tick, world::World};
use std::sync::Arc;

/// Puts a system made afresh into the slot of the old one.
pub type Refill = Box<dyn FnOnce()>;

/// What becomes of the systems and conditions of one schedule.
pub struct Reuse<'a> {
    planned: &'a Planned,
    world: &'a mut World,
    /// What was made afresh and fits into the old slots.
    pub refills: Vec<Refill>,
    /// Whether something was made afresh that does not.
    pub misfit: bool,
    /// The names of what was made afresh and may have held state.
    pub reset: Vec<String>,
}

impl<'a> Reuse<'a> {
    /// For an edit of the game of this world.
    pub fn of(planned: &'a Planned, world: &'a mut World) -> Self {
        Self {
            planned,
            world,
            refills: Vec::new(),
            misfit: false,
            reset: Vec::new(),
        }
    }

    /// Lets a new system use the slots of the old one where code stays.
    ///
    /// # Errors
    /// If what is made afresh cannot be initialised.
    pub fn system(&mut self, old: &LiveSystem, new: &mut LiveSystem) -> Result<(), Refusal> {
        let was_tried = old.slot.was_tried();
        self.conditions(&old.conditions, &mut new.conditions, was_tried)?;
        self.slot(&old.slot, &mut new.slot, true)
    }

    /// The same for conditions. What is new is initialised only if it `runs`.
    ///
    /// # Errors
    /// If what is made afresh cannot be initialised.
    pub fn conditions(
        &mut self,
        old: &[LiveCondition],
        new: &mut [LiveCondition],
        runs: bool,
    ) -> Result<(), Refusal> {
        for new in new {
            let has_state = may_hold_state(&new.id.name);
            match old.iter().find(|old| old.id == new.id) {
                Some(old) => self.slot(&old.slot, &mut new.slot, has_state)?,
                None if runs => initialize(self.world, &new.slot, None)?,
                None => {}
            }
        }
        Ok(())
    }

    /// Initialises a new system, with the tick of the last run of what it takes over for.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn initialize(&mut self, new: &LiveSystem, last_run: Option<Tick>) -> Result<(), Refusal> {
        for condition in &new.conditions {
            initialize(self.world, &condition.slot, last_run)?;
        }
        initialize(self.world, &new.slot, last_run)
    }

    fn slot<K: SlotKind + ?Sized>(
        &mut self,
        old: &Arc<Slot<K>>,
        new: &mut Arc<Slot<K>>,
        has_state: bool,
    ) -> Result<(), Refusal> {
        if self.stays(old, new) {
            *new = old.clone();
            return Ok(());
        }
        if old.was_tried() {
            match initialize(self.world, new, old.last_run()) {
                // Nothing gets worse: it stays off, and is named again.
                Err(refusal) if old.never_initialised() => {
                    old.report(refusal.reason());
                    *new = old.clone();
                    return Ok(());
                }
                made => made?,
            }
        }
        if has_state {
            self.reset.push(old.name().to_owned());
        }
        if old.fits(new) {
            let (old, new) = (old.clone(), new.clone());
            self.refills.push(Box::new(move || old.take(&new)));
        } else {
            self.misfit = true;
        }
        Ok(())
    }

    fn stays<K: SlotKind + ?Sized>(&self, old: &Arc<Slot<K>>, new: &Slot<K>) -> bool {
        let (name, planned) = (old.name(), self.planned);
        let slot: Arc<dyn Slots> = old.clone();
        !slot.never_initialised()
            && planned.plan.places(&slot)
            && !planned.verdict.renumbers(name)
            && ((is_plain(name) && (planned.plan.is_function(&slot) || is_engines(name)))
                || (planned.plan.is_function(&slot) && self.captured_nothing(name))
                || self.is_registered_as_before(name)
                || old.is_like(new, &planned.read_only))
    }

    /// Nothing that could have made another value of it changed: of what the engine and
    /// the module define, the place that registers it says its name.
    fn is_registered_as_before(&self, name: &str) -> bool {
        let known = |part: &str| part.starts_with("bevy_") || self.planned.is_ours(part);
        parts(name).all(known)
            && name.contains("::")
            && !name.contains("fn(")
            && !self.planned.verdict.registering.may_concern(name)
    }

    /// Whether it is a closure whose value is its type alone.
    fn captured_nothing(&self, name: &str) -> bool {
        !name.contains(['(', ',', '!'])
            && function_of(name).is_some_and(|function| {
                let last = function.rsplit("::").next().unwrap_or(function);
                self.planned.capturing_nothing.contains(last)
            })
    }
}

fn initialize<K: SlotKind + ?Sized>(
    world: &mut World,
    slot: &Slot<K>,
    last_run: Option<Tick>,
) -> Result<(), Refusal> {
    let name = slot.name();
    let initialized = slot.initialize(world, last_run);
    initialized.map_err(|error| Refusal::uninitialised(name, name, &error))
}

/// The function that a closure of this name is in.
pub fn function_of(name: &str) -> Option<&str> {
    name.split_once("::{{closure}}")
        .map(|(function, _)| function)
}

/// The functions that a system or a combination of systems is made of.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    let parts = name.split([' ', '!', '(', ')', ',']);
    parts.filter(|part| part.contains("::"))
}

/// Whether it is made of functions of the engine alone, which the engine combined: what
/// follows a state's transitions, for example.
fn is_engines(name: &str) -> bool {
    parts(name).all(|part| part.starts_with("bevy_"))
}

/// Whether a system of this name is a function item, which has no value of its own.
fn is_plain(name: &str) -> bool {
    name.contains("::") && !name.contains("{{closure}}") && !name.contains("fn(")
}

/// Whether a condition can have something to lose: the engine's plain ones do not,
/// nor what combines them.
fn may_hold_state(name: &str) -> bool {
    parts(name).any(|part| !is_stateless_condition(part))
}
