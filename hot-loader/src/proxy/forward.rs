//! The proxy: the system that stands in the schedule and forwards to the module's.
//!
//! It runs a thousand times a frame, so a run takes no lock and asks for nothing that only
//! an error needs. It holds nothing of the module: that is in its slot.

use super::{OfCondition, Slot, SlotKind, slot::Ticket};
use bevy::{
    ecs::{
        change_detection::{CheckChangeTicks, Tick},
        error::{BevyError, ErrorContext},
        query::FilteredAccessSet,
        schedule::InternedSystemSet,
        system::{ReadOnlySystem, RunSystemError, System, SystemIn, SystemStateFlags},
        world::{DeferredWorld, World, unsafe_world_cell::UnsafeWorldCell},
    },
    utils::prelude::DebugName,
};
use core::any::TypeId;
use std::sync::Arc;

/// The system that stands in the schedule.
pub struct Proxy<K: SlotKind> {
    slot: Arc<Slot<K>>,
    ticket: Ticket,
    /// The type of the system, which the executor asks for at each run, and how often it
    /// had been exchanged.
    system_type: (u64, TypeId),
}

impl<K: SlotKind> Proxy<K> {
    /// A proxy for what `slot` holds.
    pub fn of(slot: Arc<Slot<K>>) -> Self {
        Self {
            system_type: slot.system_type(),
            ticket: Ticket::default(),
            slot,
        }
    }

    /// The system failed with `error`.
    #[cold]
    fn fail(&self, error: BevyError, last_run: Tick) {
        let name = self.slot.debug_name();
        let context = ErrorContext::System { name, last_run };
        if !self.slot.handle(error, context) {
            self.slot.turn_off();
        }
    }
}

impl<K: SlotKind> System for Proxy<K> {
    type In = ();
    type Out = K::Out;

    fn name(&self) -> DebugName {
        self.slot.debug_name()
    }

    fn system_type(&self) -> TypeId {
        let (exchanged, system_type) = self.system_type;
        match self.slot.exchanged() == exchanged {
            true => system_type,
            false => self.slot.system_type().1,
        }
    }

    fn flags(&self) -> SystemStateFlags {
        self.slot.flags()
    }

    unsafe fn run_unsafe(
        &mut self,
        (): SystemIn<'_, Self>,
        world: UnsafeWorldCell,
    ) -> Result<K::Out, RunSystemError> {
        // SAFETY: the ticket is of this slot; the executor upholds what `run_unsafe` asks for
        // by the access that `initialize` returned.
        let Some(boxed) = (unsafe { self.slot.ready(&mut self.ticket, world.id()) }) else {
            return Ok(K::skipped());
        };
        let system = K::system_mut(boxed);
        let result = self.slot.run(|| {
            // SAFETY: the executor upholds what `run_unsafe` asks for by the access and
            // flags that this proxy reported, which are the system's own.
            unsafe { system.run_unsafe((), world) }
        });
        match result {
            Some(Err(RunSystemError::Failed(error))) => {
                let last_run = system.get_last_run();
                self.fail(error, last_run);
                Ok(K::skipped())
            }
            Some(result) => result,
            None => {
                self.slot.turn_off();
                Ok(K::skipped())
            }
        }
    }

    fn apply_deferred(&mut self, world: &mut World) {
        // SAFETY: the ticket is of this slot; the world is exclusive.
        let Some(boxed) = (unsafe { self.slot.ready(&mut self.ticket, world.id()) }) else {
            return;
        };
        let system = K::system_mut(boxed);
        if self.slot.run(|| system.apply_deferred(world)).is_none() {
            self.slot.turn_off();
        }
    }

    fn queue_deferred(&mut self, world: DeferredWorld) {
        // SAFETY: the ticket is of this slot; the world is exclusive.
        let boxed = unsafe { self.slot.ready(&mut self.ticket, world.id()) };
        if let Some(boxed) = boxed {
            K::system_mut(boxed).queue_deferred(world);
        }
    }

    fn initialize(&mut self, world: &mut World) -> FilteredAccessSet {
        let (ticket, access) = self.slot.admit(world);
        self.ticket = ticket;
        self.system_type = self.slot.system_type();
        access
    }

    fn check_change_tick(&mut self, check: CheckChangeTicks) {
        // SAFETY: the ticket is of this slot.
        unsafe {
            self.slot.ask(&self.ticket, |boxed| {
                K::system_mut(boxed).check_change_tick(check);
            });
        }
    }

    fn default_system_sets(&self) -> Vec<InternedSystemSet> {
        self.slot.default_system_sets()
    }

    fn get_last_run(&self) -> Tick {
        // SAFETY: the ticket is of this slot.
        let last_run = unsafe {
            self.slot
                .ask(&self.ticket, |boxed| K::system(boxed).get_last_run())
        };
        last_run.unwrap_or(Tick::new(0))
    }

    fn set_last_run(&mut self, last_run: Tick) {
        // SAFETY: the ticket is of this slot.
        unsafe {
            self.slot.ask(&self.ticket, |boxed| {
                K::system_mut(boxed).set_last_run(last_run);
            });
        }
    }
}

// SAFETY: it runs a `BoxedCondition`, which is a read-only system, and nothing else.
unsafe impl ReadOnlySystem for Proxy<OfCondition> {}
