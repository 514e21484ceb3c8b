//! The place behind a proxy that holds the module's system. It runs a thousand times a
//! frame, so a run asks for nothing that only an error needs.

use super::{
    Guard, MadeOf, SlotKind,
    held::{Held, Taken},
};
use crate::{
    engine::tables::{TableShape, table_of, with_table},
    panics,
};
use bevy::{
    ecs::{
        change_detection::Tick,
        component::ComponentId,
        error::{BevyError, ErrorContext},
        query::FilteredAccessSet,
        system::SystemStateFlags,
        world::World,
    },
    utils::prelude::DebugName,
};
use core::{any::TypeId, mem, ops::Range};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// Where a proxy's system is held. Shared by the proxy, which is in the schedule,
/// and the swap.
// What a run needs comes first, in one line of the processor's cache.
#[repr(C, align(64))]
pub struct Slot<K: SlotKind + ?Sized> {
    off: AtomicBool,
    guard: Arc<Guard>,
    /// Whatever takes its place is of the same type. The executor asks for it before a run.
    pub(super) system_type: TypeId,
    /// Taken since when it runs.
    content: Held<Content<K>>,
    /// The table word of the held object, readable while a system runs.
    table: AtomicUsize,
    pub(super) name: DebugName,
}

/// A system, and what it is known to be.
#[repr(C)]
pub struct Content<K: SlotKind + ?Sized> {
    /// `None` once it was taken, and while a table is being put behind its data.
    pub(super) system: Option<Box<K>>,
    init: Init,
    /// What `initialize` returned.
    access: FilteredAccessSet,
    /// What the system captured.
    made_of: MadeOf,
}

/// What became of a system's initialisation: a proxy that enters a schedule again is not
/// initialised again.
#[derive(Clone, Copy, PartialEq)]
enum Init {
    Not,
    /// The system may hold state whose access nobody knows: it must never run.
    Panicked,
    Done,
}

impl<K: SlotKind + ?Sized> Content<K> {
    /// Initialises the system in `world`, unless that was tried before.
    fn initialize(&mut self, world: &mut World) -> Result<(), String> {
        if let (Some(boxed), Init::Not) = (&mut self.system, &self.init) {
            self.init = Init::Panicked;
            self.access = panics::attempt(|| boxed.initialize(world))?;
            self.init = Init::Done;
        }
        Ok(())
    }

    /// The system, if it is there and initialised.
    #[inline]
    pub fn ready(&mut self) -> Option<&mut K> {
        match (&mut self.system, self.init) {
            (Some(boxed), Init::Done) => Some(boxed),
            _ => None,
        }
    }

    /// The flags of the system: some only its initialisation tells.
    pub fn flags(&self) -> SystemStateFlags {
        let system = self.system.as_ref();
        system.map_or(SystemStateFlags::empty(), |system| system.flags())
    }
}

impl<K: SlotKind + ?Sized> Drop for Content<K> {
    fn drop(&mut self) {
        // With its `Local`s.
        panics::discard(self.system.take());
    }
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

impl<K: SlotKind + ?Sized> Slot<K> {
    /// A slot that holds `boxed`, which was not initialised yet.
    pub fn new(boxed: Box<K>, guard: Arc<Guard>) -> Self {
        Self {
            name: boxed.name(),
            system_type: boxed.system_type(),
            table: AtomicUsize::new(table_of(&boxed)),
            content: Held::new(Content {
                made_of: MadeOf::read(&*boxed),
                access: FilteredAccessSet::new(),
                init: Init::Not,
                system: Some(boxed),
            }),
            off: AtomicBool::new(false),
            guard,
        }
    }

    /// The system, when nobody runs it.
    pub(super) fn content(&self) -> Taken<'_, Content<K>> {
        self.content.take(self.guard.now())
    }

    /// Whether it panicked.
    #[inline]
    pub(super) fn is_off(&self) -> bool {
        self.off.load(Ordering::Relaxed)
    }

    /// The system, unless it runs: that is reported.
    #[inline]
    pub(super) fn try_content(&self) -> Option<Taken<'_, Content<K>>> {
        let content = self.content_if_free();
        if content.is_none() {
            self.report_nested();
        }
        content
    }

    /// The system, unless it runs.
    #[inline]
    pub(super) fn content_if_free(&self) -> Option<Taken<'_, Content<K>>> {
        self.content.try_take(self.guard.now())
    }

    #[cold]
    fn report_nested(&self) {
        // Once: what follows a run finds it taken too.
        if !self.off.swap(true, Ordering::Relaxed) {
            let message = "it was run again while it runs".to_owned();
            self.guard.report(&self.name, message);
        }
    }

    /// Runs the system's code. If it panics, the system is off.
    #[inline]
    pub(super) fn run(&self, code: impl FnOnce()) {
        if let Err(panic) = panics::attempt(code) {
            self.guard.report(&self.name, panic);
            self.off.store(true, Ordering::Relaxed);
        }
    }

    /// The system failed. The world's handler gets the error, as from the executor; if it
    /// panics, the system is off.
    #[cold]
    pub(super) fn fail(&self, error: BevyError, last_run: Tick) {
        let name = self.name.clone();
        let handler = self.guard.handler();
        self.run(|| handler(error, ErrorContext::System { name, last_run }));
    }

    /// Initialises the system in `world`, once: a proxy that enters a schedule later
    /// finds it done. With the tick of its last run, if it takes over for another.
    ///
    /// # Errors
    /// If the system's parameters conflict, or making their state panics.
    pub fn initialize(&self, world: &mut World, last_run: Option<Tick>) -> Result<(), String> {
        let mut content = self.content();
        let first = content.init == Init::Not;
        content.initialize(world)?;
        let system = content.ready().ok_or("it panicked earlier")?;
        if let Some(last_run) = last_run.filter(|_| first) {
            system.set_last_run(last_run);
        }
        Ok(())
    }

    /// Initialises the system for a proxy. What fails is reported, and never runs.
    pub(super) fn admit(&self, world: &mut World) -> FilteredAccessSet {
        // Else it is what runs that puts a proxy of it into another schedule.
        let Some(mut content) = self.try_content() else {
            return FilteredAccessSet::new();
        };
        // A schedule that first runs after an edit is the first to see it.
        if let Err(panic) = content.initialize(world) {
            self.guard.report(&self.name, panic);
        }
        content.access.clone()
    }

    /// Whether it was initialised, or that was tried.
    pub fn was_tried(&self) -> bool {
        self.content().init != Init::Not
    }

    /// Whether it may read or write something that `is` says; true if that is unknown.
    pub fn may_touch(&self, is: &dyn Fn(ComponentId) -> bool) -> bool {
        let content = self.content();
        let access = &content.access;
        let filters = access.filtered_accesses().iter();
        let mut filters = filters.flat_map(|one| one.with_filters().chain(one.without_filters()));
        match access.combined_access().try_reads_and_writes() {
            Ok(all) if content.init == Init::Done => {
                let archetypal = access.combined_access().archetypal();
                all.iter().chain(archetypal.iter()).any(is) || filters.any(is)
            }
            // Unknown, or of the whole world or all but a few.
            _ => true,
        }
    }

    /// The tick of the last run, if it is initialised.
    pub fn last_run(&self) -> Option<Tick> {
        Some(self.content().ready()?.get_last_run())
    }

    /// Whether this system and that of `other`, of its type, captured the same values.
    pub fn is_like(&self, other: &Self, constants: &[Range<usize>]) -> bool {
        let (ours, theirs) = (self.content(), other.content());
        ours.made_of.is_like(&theirs.made_of, &self.name, constants)
    }

    /// Whether the executor may take the system of `other` for this one's: it keeps
    /// type, access and flags of what it was built with. Of a system whose initialisation
    /// panicked it knows neither.
    pub fn fits(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.content(), other.content());
        self.system_type == other.system_type
            && ours.init != Init::Panicked
            && ours.init == theirs.init
            && ours.access == theirs.access
            && ours.flags() == theirs.flags()
    }

    /// Puts the system of `other`, which [`fits`](Self::fits), into this slot; `other` is
    /// empty then.
    pub fn take(&self, other: &Self) {
        let (mut ours, mut theirs) = (self.content(), other.content());
        if let Some(system) = theirs.system.take() {
            self.table.store(table_of(&system), Ordering::Release);
            let before = ours.system.replace(system);
            ours.init = mem::replace(&mut theirs.init, Init::Not);
            ours.access = mem::take(&mut theirs.access);
            ours.made_of = mem::take(&mut theirs.made_of);
            self.turn_on();
            drop((ours, theirs));
            panics::discard(before);
        }
    }
}

impl<K: SlotKind + ?Sized> Slots for Slot<K> {
    fn name(&self) -> &str {
        &self.name
    }

    fn shape(&self) -> TableShape {
        K::SHAPE
    }

    fn table(&self) -> usize {
        self.table.load(Ordering::Acquire)
    }

    unsafe fn repoint(&self, from: usize, to: usize) -> bool {
        let mut content = self.content();
        let system = content.system.take_if(|system| table_of(system) == from);
        let Some(system) = system else {
            return false;
        };
        // SAFETY: the caller's; the table in place is the one it was found for.
        content.system = Some(unsafe { with_table(system, to) });
        self.table.store(to, Ordering::Release);
        self.turn_on();
        true
    }

    fn turn_on(&self) {
        self.off.store(false, Ordering::Relaxed);
    }

    fn never_initialised(&self) -> bool {
        self.content().init == Init::Panicked
    }

    fn report(&self, why: &str) {
        let message = format!("it panicked during initialisation and stays disabled: {why}");
        self.guard.report(&self.name, message);
    }

    fn running_since(&self) -> Option<u64> {
        self.content.since()
    }
}
