//! The proxy: the system that stands in the schedule and forwards to the module's. It holds
//! nothing of the module: that is in its slot.

use super::{OfCondition, Slot, SlotKind};
use bevy::{
    ecs::{
        change_detection::{CheckChangeTicks, Tick},
        query::FilteredAccessSet,
        schedule::InternedSystemSet,
        system::{ReadOnlySystem, RunSystemError, System, SystemIn, SystemStateFlags},
        world::{DeferredWorld, World, unsafe_world_cell::UnsafeWorldCell},
    },
    utils::prelude::DebugName,
};
use core::{any::TypeId, mem};
use std::sync::Arc;

/// The system that stands in the schedule.
pub struct Proxy<K: SlotKind + ?Sized> {
    slot: Arc<Slot<K>>,
    /// Whether it ran since what it deferred was applied last.
    ran: bool,
}

impl<K: SlotKind + ?Sized> Proxy<K> {
    /// A proxy for what `slot` holds.
    pub fn of(slot: Arc<Slot<K>>) -> Self {
        Self { slot, ran: false }
    }
}

impl<K: SlotKind + ?Sized> System for Proxy<K> {
    type In = ();
    type Out = K::Out;

    fn name(&self) -> DebugName {
        self.slot.name.clone()
    }

    fn system_type(&self) -> TypeId {
        self.slot.system_type
    }

    fn flags(&self) -> SystemStateFlags {
        self.slot.content().flags()
    }

    unsafe fn run_unsafe(
        &mut self,
        (): SystemIn<'_, Self>,
        world: UnsafeWorldCell,
    ) -> Result<K::Out, RunSystemError> {
        let (mut out, mut error) = (K::Out::default(), None);
        if !self.slot.is_off()
            && let Some(mut content) = self.slot.try_content()
            && let Some(system) = content.ready()
        {
            self.ran = true;
            self.slot.run(|| {
                // SAFETY: the executor upholds what `run_unsafe` asks for by the access and
                // flags that this proxy reported, which are the system's own: it is `ready`.
                // In another world than it was initialised in, those of a function are not
                // that world's; the engine's function systems panic there before they look.
                let result = unsafe { system.run_unsafe((), world) };
                // Taken apart at once: an error is ten words, and room for one that is passed
                // on is copied whole, in every run.
                match result {
                    Ok(value) => out = value,
                    Err(failed) => error = Some((Box::new(failed), system.get_last_run())),
                }
            });
        }
        match error.map(|(error, last_run)| (*error, last_run)) {
            None => Ok(out),
            Some((RunSystemError::Failed(error), last_run)) => {
                self.slot.fail(error, last_run);
                Ok(out)
            }
            Some((skipped, _)) => Err(skipped),
        }
    }

    fn apply_deferred(&mut self, world: &mut World) {
        // What it deferred before it panicked happens, once: that may panic too.
        if let Some(mut content) = self.slot.try_content()
            && (mem::take(&mut self.ran) || !self.slot.is_off())
            && let Some(system) = content.ready()
        {
            self.slot.run(|| system.apply_deferred(world));
        }
    }

    fn queue_deferred(&mut self, world: DeferredWorld) {
        if let Some(mut content) = self.slot.try_content()
            && let Some(system) = content.ready()
        {
            system.queue_deferred(world);
        }
    }

    fn initialize(&mut self, world: &mut World) -> FilteredAccessSet {
        self.slot.admit(world)
    }

    fn check_change_tick(&mut self, check: CheckChangeTicks) {
        // What runs just now has a new tick, and may be who asks.
        if let Some(mut content) = self.slot.content_if_free()
            && let Some(system) = &mut content.system
        {
            system.check_change_tick(check);
        }
    }

    fn default_system_sets(&self) -> Vec<InternedSystemSet> {
        let content = self.slot.content();
        let system = content.system.as_ref();
        system.map_or(Vec::new(), |system| system.default_system_sets())
    }

    fn get_last_run(&self) -> Tick {
        let content = self.slot.content();
        let system = content.system.as_ref();
        system.map_or(Tick::new(0), |system| system.get_last_run())
    }

    fn set_last_run(&mut self, last_run: Tick) {
        if let Some(system) = &mut self.slot.content().system {
            system.set_last_run(last_run);
        }
    }
}

// SAFETY: it runs a `BoxedCondition`, which is a read-only system, and nothing else.
unsafe impl ReadOnlySystem for Proxy<OfCondition> {}
