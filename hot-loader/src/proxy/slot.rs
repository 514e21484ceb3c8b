//! The place behind a proxy that holds the module's system.
//!
//! Proxy and swap share it, and a proxy takes no lock to run what it holds: who may touch
//! the system, and when, is said at [`Slot`], and nowhere else may it be touched.

use super::{Guard, MadeOf, SlotKind};
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
        schedule::InternedSystemSet,
        system::SystemStateFlags,
        world::{World, WorldId},
    },
    utils::prelude::DebugName,
};
use core::{any::TypeId, cell::UnsafeCell, ops::Range};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

/// Where a proxy's system is held. Shared by the proxy, which is in the schedule,
/// and the swap.
///
/// A lock costs more than an empty system, so none is taken to run one. Two keys keep apart
/// who uses the system: the world that it was initialised in, which nobody has exclusively
/// while a system runs in it, and the lock of what is known of the system.
///
/// - The proxy that was initialised last runs it with the world: exclusively, or as the
///   executor lets it.
/// - The swap exchanges it with the lock, and with the world exclusively.
/// - The proxy that was initialised last asks it what needs no world, with the lock.
///
/// Any two of these share a key, or are one proxy, which lends itself to one of them at a
/// time. Before it has a world nobody runs it, and the lock is enough.
// What a run needs comes first, in one line of the processor's cache.
#[repr(C, align(64))]
pub struct Slot<K: SlotKind> {
    /// The number of the proxy that may run it; 0 while none may.
    turn: AtomicU64,
    /// How often another system was put here.
    exchanged: AtomicU64,
    /// When the run began that has not ended, by the guard's clock; 0 if none runs.
    since: AtomicU64,
    /// `None` once it was taken, and while a table is being put behind its data.
    system: UnsafeCell<Option<K::Boxed>>,
    guard: Arc<Guard>,
    /// The table word of the held object, readable while a system runs.
    table: AtomicUsize,
    about: Mutex<About>,
    name: DebugName,
    text: String,
}

// SAFETY: a box is `Send + Sync`, and of those that use one at a time each has the key that
// the others lack.
unsafe impl<K: SlotKind> Sync for Slot<K> {}

/// What is known of a slot's system, which may be running.
struct About {
    own: Own,
    /// Where it was initialised.
    world: Option<WorldId>,
    /// The number of the proxy that was initialised last.
    newest: u64,
    /// Whether it panicked.
    off: bool,
}

/// What goes with a system from slot to slot.
#[derive(Clone)]
struct Own {
    init: Init,
    /// What the system captured.
    made_of: MadeOf,
    flags: SystemStateFlags,
    system_type: TypeId,
    sets: Vec<InternedSystemSet>,
}

/// What became of a system's initialisation: a proxy that enters a schedule again is not
/// initialised again.
#[derive(Clone, PartialEq)]
enum Init {
    Not,
    /// The system may hold state whose access nobody knows: it must never run.
    Panicked,
    /// What `initialize` returned.
    Done(FilteredAccessSet),
}

/// What a proxy shows to use its slot's system. The first is of one that was not
/// initialised: it runs nothing.
#[derive(Default)]
pub struct Ticket {
    /// Counts up with the proxies that were initialised.
    number: u64,
    world: Option<WorldId>,
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
    /// again. `false`, and nothing done, if `from` is no longer there, or the system was
    /// initialised in another world.
    ///
    /// # Safety
    /// `to` must be a table of the same trait for the same type as `from`, with
    /// equal layout, and stay mapped.
    unsafe fn repoint(&self, world: &mut World, from: usize, to: usize) -> bool;
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
    /// A slot that holds `boxed`, which was not initialised yet.
    pub fn new(boxed: K::Boxed, guard: Arc<Guard>) -> Self {
        let system = K::system(&boxed);
        let name = system.name();
        Self {
            text: name.to_string(),
            name,
            about: Mutex::new(About {
                own: Own {
                    init: Init::Not,
                    made_of: MadeOf::read(system),
                    flags: system.flags(),
                    system_type: system.system_type(),
                    sets: system.default_system_sets(),
                },
                world: None,
                newest: 0,
                off: false,
            }),
            table: AtomicUsize::new(table_of(&boxed)),
            system: UnsafeCell::new(Some(boxed)),
            turn: AtomicU64::new(0),
            exchanged: AtomicU64::new(0),
            since: AtomicU64::new(0),
            guard,
        }
    }

    /// A panic that got past the guard must not lock out later generations.
    fn lock(&self) -> MutexGuard<'_, About> {
        self.about.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uses the system with both keys. `None` if it is of another world, or was taken.
    fn exchange<R>(
        &self,
        world: &mut World,
        with: impl FnOnce(&mut About, &mut Option<K::Boxed>) -> Option<R>,
    ) -> Option<R> {
        let mut about = self.lock();
        if about.world.is_some_and(|own| own != world.id()) {
            return None;
        }
        // SAFETY: the lock, and its world exclusively if it has one.
        let system = unsafe { &mut *self.system.get() };
        let result = with(&mut about, system);
        self.settle(&about);
        result
    }

    /// Lets the newest proxy run the system, if it can run.
    fn settle(&self, about: &About) {
        let runs = matches!(about.own.init, Init::Done(_)) && !about.off;
        let turn = if runs { about.newest } else { 0 };
        self.turn.store(turn, Ordering::Relaxed);
    }

    fn switch(&self, off: bool) {
        let mut about = self.lock();
        about.off = off;
        self.settle(&about);
    }

    /// Turns the system off, which panicked.
    pub(super) fn turn_off(&self) {
        self.switch(true);
    }

    /// Initialises the system in `world`, once: a proxy that enters a schedule later
    /// finds it done. With the tick of its last run, if it takes over for another.
    ///
    /// # Errors
    /// If the system's parameters conflict, making their state panics, or it is of another
    /// world.
    pub fn initialize(&self, world: &mut World, last_run: Option<Tick>) -> Result<(), String> {
        let mut about = self.lock();
        let id = world.id();
        match &about.own.init {
            Init::Done(_) if about.world == Some(id) => return Ok(()),
            Init::Done(_) => return Err("it is another world's".into()),
            Init::Panicked => return Err("it panicked earlier".into()),
            Init::Not => about.world = Some(id),
        }
        // SAFETY: the lock; nobody runs what is not initialised.
        let Some(boxed) = (unsafe { &mut *self.system.get() }) else {
            return Err("another slot has it now".into());
        };
        let system = K::system_mut(boxed);
        about.own.init = Init::Panicked;
        let access = panics::attempt(|| system.initialize(world))?;
        about.own.init = Init::Done(access);
        about.own.flags = system.flags();
        if let Some(last_run) = last_run {
            system.set_last_run(last_run);
        }
        self.settle(&about);
        Ok(())
    }

    /// Initialises the system for a proxy, which alone may run it from now on. If that
    /// fails, it is reported, and nothing runs.
    pub(super) fn admit(&self, world: &mut World) -> (Ticket, FilteredAccessSet) {
        let was_reported = self.never_initialised();
        // A schedule that first runs after an edit is the first to see a panic.
        if let Err(why) = self.initialize(world, None)
            && !was_reported
        {
            self.guard.report(&self.text, why);
        }
        let admitted = self.exchange(world, |about, _| {
            let Init::Done(access) = &about.own.init else {
                return None;
            };
            about.newest += 1;
            let ticket = Ticket {
                number: about.newest,
                world: about.world,
            };
            Some((ticket, access.clone()))
        });
        admitted.unwrap_or_default()
    }

    /// The system, for the proxy to run in `world`. `None` if it may not run now.
    ///
    /// # Safety
    /// `ticket` is from this slot, and its proxy may run the system in `world`: that is not
    /// used otherwise than by the access that the proxy was admitted with.
    #[inline]
    pub(super) unsafe fn ready<'a>(
        &'a self,
        ticket: &'a mut Ticket,
        world: WorldId,
    ) -> Option<&'a mut K::Boxed> {
        let may_run = self.turn.load(Ordering::Relaxed) == ticket.number;
        if !may_run || ticket.world != Some(world) {
            return None;
        }
        // SAFETY: the ticket of the newest proxy, exclusively, and its world (the caller's).
        unsafe { (*self.system.get()).as_mut() }
    }

    /// Runs the system's code, guarded and timed. `None` if it panicked.
    #[inline]
    pub(super) fn run<R>(&self, code: impl FnOnce() -> R) -> Option<R> {
        self.since.store(self.guard.now(), Ordering::Relaxed);
        let result = panics::attempt(code);
        self.since.store(0, Ordering::Relaxed);
        match result {
            Ok(result) => Some(result),
            Err(panic) => {
                self.guard.report(&self.text, panic);
                None
            }
        }
    }

    /// Asks the system what needs no world. `None` if another proxy has it now.
    ///
    /// # Safety
    /// `ticket` is from this slot.
    pub(super) unsafe fn ask<R>(
        &self,
        ticket: &Ticket,
        ask: impl FnOnce(&mut K::Boxed) -> R,
    ) -> Option<R> {
        let about = self.lock();
        if about.newest != ticket.number {
            return None;
        }
        // SAFETY: the lock, and the ticket of the newest proxy: to run the system takes it
        // exclusively.
        unsafe { (*self.system.get()).as_mut() }.map(ask)
    }

    /// The system's name.
    pub(super) fn debug_name(&self) -> DebugName {
        self.name.clone()
    }

    /// Hands an error to the world's handler. Returns whether it let the game go on.
    pub(super) fn handle(&self, error: BevyError, context: ErrorContext) -> bool {
        self.guard.handle(&self.text, error, context)
    }

    /// The type of the system, and how often it was exchanged before.
    pub(super) fn system_type(&self) -> (u64, TypeId) {
        let about = self.lock();
        (self.exchanged(), about.own.system_type)
    }

    /// How often another system was put here.
    #[inline]
    pub(super) fn exchanged(&self) -> u64 {
        self.exchanged.load(Ordering::Relaxed)
    }

    /// The flags of the system: some only its initialisation tells.
    pub(super) fn flags(&self) -> SystemStateFlags {
        self.lock().own.flags
    }

    /// The sets that the system is in by itself.
    pub(super) fn default_system_sets(&self) -> Vec<InternedSystemSet> {
        self.lock().own.sets.clone()
    }

    /// Whether it was initialised, or that was tried.
    pub fn was_tried(&self) -> bool {
        self.lock().own.init != Init::Not
    }

    /// Whether it may read or write something that `is` says; true if that is unknown.
    pub fn may_touch(&self, is: &dyn Fn(ComponentId) -> bool) -> bool {
        let about = self.lock();
        let Init::Done(access) = &about.own.init else {
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

    /// The tick of the last run, if it is initialised.
    pub fn last_run(&self, world: &mut World) -> Option<Tick> {
        self.exchange(world, |about, system| match about.own.init {
            Init::Done(_) => system.as_ref().map(|it| K::system(it).get_last_run()),
            Init::Not | Init::Panicked => None,
        })
    }

    /// Whether this system and that of `other`, of its type, captured the same values.
    pub fn is_like(&self, other: &Self, constants: &[Range<usize>]) -> bool {
        let (ours, theirs) = (self.lock(), other.lock());
        let theirs = &theirs.own.made_of;
        ours.own.made_of.is_like(theirs, &self.text, constants)
    }

    /// Whether the executor may take the system of `other` for this one's: it keeps
    /// access and flags of what it was built with. Of a system whose initialisation
    /// panicked it knows neither.
    pub fn fits(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.lock(), other.lock());
        ours.world == theirs.world
            && ours.own.init != Init::Panicked
            && ours.own.init == theirs.own.init
            && ours.own.flags == theirs.own.flags
    }

    /// Puts the system of `other`, which [`fits`](Self::fits), into this slot; `other` is
    /// empty then. `world` is that of both, if they have one.
    pub fn take(&self, other: &Self, world: &mut World) {
        let taken = other.exchange(world, |about, system| {
            let own = about.own.clone();
            about.own.init = Init::Not;
            Some((own, system.take()?))
        });
        let before = taken.and_then(|(own, boxed)| {
            self.exchange(world, |about, system| {
                self.table.store(table_of(&boxed), Ordering::Release);
                self.exchanged.fetch_add(1, Ordering::Relaxed);
                about.own = own;
                about.off = false;
                system.replace(boxed)
            })
        });
        panics::discard(before);
    }
}

impl<K: SlotKind> Drop for Slot<K> {
    fn drop(&mut self) {
        // With its `Local`s.
        panics::discard(self.system.get_mut().take());
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

    unsafe fn repoint(&self, world: &mut World, from: usize, to: usize) -> bool {
        let stored = self.exchange(world, |about, system| {
            let boxed = system.take_if(|boxed| table_of(boxed) == from)?;
            // SAFETY: the caller's; the table in place is the one it was found for.
            *system = Some(unsafe { with_table(boxed, to) });
            self.table.store(to, Ordering::Release);
            about.off = false;
            Some(())
        });
        stored.is_some()
    }

    fn turn_on(&self) {
        self.switch(false);
    }

    fn never_initialised(&self) -> bool {
        self.lock().own.init == Init::Panicked
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
