//! The place behind a proxy that holds the module's system, and the proxy itself.

use super::{Guard, MadeOf};
use crate::{
    engine::tables::{TableShape, table_of, with_table},
    panics,
};
use bevy::{
    ecs::{
        change_detection::{CheckChangeTicks, Tick},
        component::ComponentId,
        error::ErrorContext,
        query::FilteredAccessSet,
        schedule::{BoxedCondition, InternedSystemSet},
        system::{
            BoxedSystem, ReadOnlySystem, RunSystemError, ScheduleSystem, System, SystemIn,
            SystemStateFlags,
        },
        world::{DeferredWorld, World, unsafe_world_cell::UnsafeWorldCell},
    },
    utils::prelude::DebugName,
};
use core::{any::TypeId, mem, ops::Range, sync::atomic::Ordering};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicU64, AtomicUsize},
};

/// What kind of trait object a slot holds, with the traits' differences.
pub trait SlotKind: Send + Sync + 'static {
    /// The boxed trait object.
    type Boxed: Send + Sync;
    /// What the object returns.
    type Out: 'static;
    /// The layout of its table.
    const SHAPE: TableShape;
    /// What is returned for a system that is off or panicked.
    fn skipped() -> Self::Out;
    /// The object as a system.
    fn system(boxed: &Self::Boxed) -> &dyn System<In = (), Out = Self::Out>;
    /// The object as a system.
    fn system_mut(boxed: &mut Self::Boxed) -> &mut dyn System<In = (), Out = Self::Out>;
}

/// A system of a schedule.
#[derive(Debug)]
pub struct OfSystem;

/// A run condition.
#[derive(Debug)]
pub struct OfCondition;

impl SlotKind for OfSystem {
    type Boxed = ScheduleSystem;
    type Out = ();
    const SHAPE: TableShape = TableShape::System;
    fn skipped() {}
    fn system(boxed: &BoxedSystem) -> &dyn System<In = (), Out = ()> {
        &**boxed
    }
    fn system_mut(boxed: &mut BoxedSystem) -> &mut dyn System<In = (), Out = ()> {
        &mut **boxed
    }
}

impl SlotKind for OfCondition {
    type Boxed = BoxedCondition;
    type Out = bool;
    const SHAPE: TableShape = TableShape::Condition;
    fn skipped() -> bool {
        false
    }
    fn system(boxed: &BoxedCondition) -> &dyn System<In = (), Out = bool> {
        &**boxed
    }
    fn system_mut(boxed: &mut BoxedCondition) -> &mut dyn System<In = (), Out = bool> {
        &mut **boxed
    }
}

struct Held<K: SlotKind> {
    /// `None` only while a table is being put behind the data.
    system: Option<K::Boxed>,
    init: Init,
    /// What the system captured.
    made_of: MadeOf,
}

/// What became of a system's initialisation: a proxy that enters a schedule again is not
/// initialised again.
#[derive(PartialEq)]
enum Init {
    Not,
    /// The system may hold state whose access nobody knows: it must never run.
    Panicked,
    /// What `initialize` returned.
    Done(FilteredAccessSet),
}

impl<K: SlotKind> Held<K> {
    /// Initialises the system in `world`, unless that was tried before.
    fn initialize(&mut self, world: &mut World) -> Result<(), String> {
        if let (Some(boxed), Init::Not) = (&mut self.system, &self.init) {
            self.init = Init::Panicked;
            let access = panics::attempt(|| K::system_mut(boxed).initialize(world))?;
            self.init = Init::Done(access);
        }
        Ok(())
    }

    /// The system, if it is there and initialised.
    fn ready(&mut self) -> Option<&mut dyn System<In = (), Out = K::Out>> {
        match (&mut self.system, &self.init) {
            (Some(boxed), Init::Done(_)) => Some(K::system_mut(boxed)),
            _ => None,
        }
    }
}

impl<K: SlotKind> Drop for Held<K> {
    fn drop(&mut self) {
        // With its `Local`s.
        panics::discard(self.system.take());
    }
}

/// Where a proxy's system is held. Shared by the proxy, which is in the schedule,
/// and the swap.
pub struct Slot<K: SlotKind> {
    name: DebugName,
    text: String,
    held: Mutex<Held<K>>,
    /// The table word of the held object, readable while a system runs.
    table: AtomicUsize,
    off: AtomicBool,
    /// When the run began that has not ended, by the guard's clock; 0 if none runs.
    since: AtomicU64,
    guard: Arc<Guard>,
}

/// A slot of either kind, as the swap sees it.
pub trait Slots: Send + Sync {
    /// The system's name.
    fn name(&self) -> &str;
    /// The layout of its table.
    fn shape(&self) -> TableShape;
    /// The table behind the data now.
    fn table(&self) -> usize;
    /// Puts `to` behind the data, in place of `from`, and turns the system on
    /// again. `false`, and nothing done, if `from` is no longer there.
    ///
    /// # Safety
    /// `to` must be a table of the same trait for the same type as `from`, with
    /// equal layout, and stay mapped.
    unsafe fn repoint(&self, from: usize, to: usize) -> bool;
    /// Turns a system that panicked on again, unless it is
    /// [never initialised](Self::never_initialised).
    fn turn_on(&self);
    /// Whether its initialisation panicked: it is off until another takes its place.
    fn never_initialised(&self) -> bool;
    /// Names it again, since `why` keeps it from being made afresh.
    fn report(&self, why: &str);
    /// When the run began that has not ended, by the guard's clock. Never waits.
    fn running_since(&self) -> Option<u64>;
}

impl<K: SlotKind> Slot<K> {
    /// A slot that holds `system`, which was not initialised yet.
    pub fn new(system: K::Boxed, guard: Arc<Guard>) -> Self {
        let name = K::system(&system).name();
        let table = table_of(&system);
        let made_of = MadeOf::read(K::system(&system));
        Self {
            text: name.to_string(),
            name,
            held: Mutex::new(Held {
                system: Some(system),
                init: Init::Not,
                made_of,
            }),
            table: AtomicUsize::new(table),
            off: AtomicBool::new(false),
            since: AtomicU64::new(0),
            guard,
        }
    }

    /// A panic that got past the guard must not lock out later generations.
    fn lock(&self) -> MutexGuard<'_, Held<K>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<R>(
        &self,
        otherwise: R,
        read: impl FnOnce(&dyn System<In = (), Out = K::Out>) -> R,
    ) -> R {
        self.lock()
            .system
            .as_ref()
            .map_or(otherwise, |system| read(K::system(system)))
    }

    /// Runs the system's code, guarded and timed. `None` if it panicked.
    fn run<R>(&self, code: impl FnOnce() -> R) -> Option<R> {
        self.since.store(self.guard.now(), Ordering::Relaxed);
        let result = self.guard.run(&self.text, code);
        self.since.store(0, Ordering::Relaxed);
        result
    }

    fn turn_off(&self) {
        self.off.store(true, Ordering::Relaxed);
    }

    /// Initialises the system in `world`, once: a proxy that enters a schedule later
    /// finds it done. With the tick of its last run, if it takes over for another.
    ///
    /// # Errors
    /// If the system's parameters conflict, or making their state panics.
    pub fn initialize(&self, world: &mut World, last_run: Option<Tick>) -> Result<(), String> {
        let mut held = self.lock();
        let first = held.init == Init::Not;
        held.initialize(world)?;
        match (held.ready(), last_run) {
            (None, _) => Err("it panicked earlier".into()),
            (Some(system), Some(last_run)) if first => {
                system.set_last_run(last_run);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether it was initialised, or that was tried.
    pub fn was_tried(&self) -> bool {
        self.lock().init != Init::Not
    }

    /// Whether it may read or write something that `is` says; true if that is unknown.
    pub fn may_touch(&self, is: &dyn Fn(ComponentId) -> bool) -> bool {
        let held = self.lock();
        let Init::Done(access) = &held.init else {
            return true;
        };
        let filters = access.filtered_accesses().iter();
        let mut filters = filters.flat_map(|one| one.with_filters().chain(one.without_filters()));
        match access.combined_access().try_reads_and_writes() {
            Ok(all) => {
                let archetypal = access.combined_access().archetypal();
                all.iter().chain(archetypal.iter()).any(is) || filters.any(is)
            }
            // Of the whole world, or all but a few.
            Err(_) => true,
        }
    }

    /// The tick of the last run.
    pub fn last_run(&self) -> Option<Tick> {
        Some(self.lock().ready()?.get_last_run())
    }

    /// Whether this system and that of `other`, of its type, captured the same values.
    pub fn is_like(&self, other: &Self, constants: &[Range<usize>]) -> bool {
        let (ours, theirs) = (self.lock(), other.lock());
        ours.made_of.is_like(&theirs.made_of, &self.text, constants)
    }

    /// Whether the executor may take the system of `other` for this one's: it keeps
    /// access and flags of what it was built with. Of a system whose initialisation
    /// panicked it knows neither.
    pub fn fits(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.lock(), other.lock());
        let flags = |held: &Held<K>| held.system.as_ref().map(|s| K::system(s).flags());
        ours.init != Init::Panicked && ours.init == theirs.init && flags(&ours) == flags(&theirs)
    }

    /// Puts the system of `other`, which [`fits`](Self::fits), into this slot; `other` is
    /// empty then.
    pub fn take(&self, other: &Self) {
        let (mut ours, mut theirs) = (self.lock(), other.lock());
        if let Some(system) = theirs.system.take() {
            self.table.store(table_of(&system), Ordering::Release);
            let before = ours.system.replace(system);
            ours.init = mem::replace(&mut theirs.init, Init::Not);
            ours.made_of = mem::take(&mut theirs.made_of);
            self.turn_on();
            panics::discard(before);
        }
    }
}

impl<K: SlotKind> Slots for Slot<K> {
    fn name(&self) -> &str {
        &self.text
    }

    fn shape(&self) -> TableShape {
        K::SHAPE
    }

    fn table(&self) -> usize {
        self.table.load(Ordering::Acquire)
    }

    unsafe fn repoint(&self, from: usize, to: usize) -> bool {
        let mut held = self.lock();
        let Some(system) = held.system.take() else {
            return false;
        };
        if table_of(&system) != from {
            held.system = Some(system);
            return false;
        }
        // SAFETY: the caller's; the table in place is the one it was found for.
        held.system = Some(unsafe { with_table(system, to) });
        self.table.store(to, Ordering::Release);
        self.turn_on();
        true
    }

    fn turn_on(&self) {
        self.off.store(false, Ordering::Relaxed);
    }

    fn never_initialised(&self) -> bool {
        self.lock().init == Init::Panicked
    }

    fn report(&self, why: &str) {
        let message = format!("it panicked during initialisation and stays disabled: {why}");
        self.guard.report(&self.text, message);
    }

    fn running_since(&self) -> Option<u64> {
        match self.since.load(Ordering::Relaxed) {
            0 => None,
            since => Some(since),
        }
    }
}

/// The system that stands in the schedule.
pub struct Proxy<K: SlotKind>(Arc<Slot<K>>);

impl<K: SlotKind> Proxy<K> {
    /// A proxy for what `slot` holds.
    pub fn of(slot: Arc<Slot<K>>) -> Self {
        Self(slot)
    }

    fn settle(
        &self,
        result: Option<Result<K::Out, RunSystemError>>,
        last_run: Tick,
    ) -> Result<K::Out, RunSystemError> {
        match result {
            Some(Err(RunSystemError::Failed(error))) => {
                let context = ErrorContext::System {
                    name: self.0.name.clone(),
                    last_run,
                };
                if !self.0.guard.handle(&self.0.text, error, context) {
                    self.0.turn_off();
                }
                Ok(K::skipped())
            }
            Some(result) => result,
            None => {
                self.0.turn_off();
                Ok(K::skipped())
            }
        }
    }
}

impl<K: SlotKind> System for Proxy<K> {
    type In = ();
    type Out = K::Out;

    fn name(&self) -> DebugName {
        self.0.name.clone()
    }

    fn system_type(&self) -> TypeId {
        self.0.read(TypeId::of::<Self>(), |s| s.system_type())
    }

    fn flags(&self) -> SystemStateFlags {
        self.0.read(SystemStateFlags::empty(), |s| s.flags())
    }

    unsafe fn run_unsafe(
        &mut self,
        (): SystemIn<'_, Self>,
        world: UnsafeWorldCell,
    ) -> Result<K::Out, RunSystemError> {
        if self.0.off.load(Ordering::Relaxed) {
            return Ok(K::skipped());
        }
        let (result, last_run) = {
            let mut held = self.0.lock();
            let Some(system) = held.ready() else {
                return Ok(K::skipped());
            };
            let result = self.0.run(|| {
                // SAFETY: the executor upholds what `run_unsafe` asks for by the
                // access and flags that this proxy reported, which are the
                // system's own: it is `ready`.
                unsafe { system.run_unsafe((), world) }
            });
            // Only an error's context asks for it.
            let failed = matches!(result, Some(Err(RunSystemError::Failed(_))));
            let last_run = if failed {
                system.get_last_run()
            } else {
                Tick::MAX
            };
            (result, last_run)
        };
        self.settle(result, last_run)
    }

    fn apply_deferred(&mut self, world: &mut World) {
        let mut held = self.0.lock();
        if let Some(system) = held.ready() {
            let applied = self.0.run(|| system.apply_deferred(world));
            if applied.is_none() {
                self.0.turn_off();
            }
        }
    }

    fn queue_deferred(&mut self, world: DeferredWorld) {
        if let Some(system) = self.0.lock().ready() {
            system.queue_deferred(world);
        }
    }

    fn initialize(&mut self, world: &mut World) -> FilteredAccessSet {
        let mut held = self.0.lock();
        // A schedule that first runs after an edit is the first to see it.
        if let Err(panic) = held.initialize(world) {
            self.0.guard.report(&self.0.text, panic);
        }
        match &held.init {
            Init::Done(access) => access.clone(),
            Init::Not | Init::Panicked => FilteredAccessSet::new(),
        }
    }

    fn check_change_tick(&mut self, check: CheckChangeTicks) {
        if let Some(boxed) = &mut self.0.lock().system {
            K::system_mut(boxed).check_change_tick(check);
        }
    }

    fn default_system_sets(&self) -> Vec<InternedSystemSet> {
        self.0.read(Vec::new(), |s| s.default_system_sets())
    }

    fn get_last_run(&self) -> Tick {
        self.0.read(Tick::new(0), |s| s.get_last_run())
    }

    fn set_last_run(&mut self, last_run: Tick) {
        if let Some(boxed) = &mut self.0.lock().system {
            K::system_mut(boxed).set_last_run(last_run);
        }
    }
}

// SAFETY: it runs a `BoxedCondition`, which is a read-only system, and nothing else.
unsafe impl ReadOnlySystem for Proxy<OfCondition> {}
