//! The private fields of an [`Observer`] (bevy_ecs 0.19.1,
//! `observer/distributed_storage.rs`): found by making observers that differ in one of them,
//! once, and only if all of the fields together leave no padding in the component.

use bevy::{
    ecs::{
        entity::Entity,
        error::{ErrorHandler, ignore, panic},
        lifecycle::ComponentHook,
        observer::{Observer, ObserverDescriptor, ObserverRunner, TriggerContext},
        world::DeferredWorld,
    },
    ptr::PtrMut,
};
use core::{hint, ptr};

/// Where in an [`Observer`] its parts stand, in words.
#[derive(Clone, Copy, Debug)]
pub struct ObserverFields {
    runner: usize,
    /// Zero, if it has none of its own.
    handler: usize,
    /// How many run conditions it has.
    conditions: usize,
}

/// The words of an [`Observer`].
const WORDS: usize = size_of::<Observer>() / size_of::<usize>();

impl ObserverFields {
    /// Finds them in observers of ours; none if an observer is not as expected.
    pub fn find() -> Option<Self> {
        // Neither is ever called. They differ, so that they are not merged into one.
        unsafe fn one(_: DeferredWorld, _: Entity, _: &TriggerContext, _: PtrMut, _: PtrMut) {
            hint::black_box(1_u8);
        }
        unsafe fn other(_: DeferredWorld, _: Entity, _: &TriggerContext, _: PtrMut, _: PtrMut) {
            hint::black_box(2_u8);
        }
        // Its fields, as bevy_ecs 0.19.1 declares them: together they leave no byte unused,
        // so that all of them can be looked at.
        let fields = size_of::<ComponentHook>()
            + size_of::<Option<ErrorHandler>>()
            + size_of::<Box<dyn core::any::Any>>()
            + size_of::<ObserverDescriptor>()
            + 2 * size_of::<u32>()
            + size_of::<ObserverRunner>()
            + size_of::<Vec<()>>();
        if fields != size_of::<Observer>() {
            return None;
        }
        let with_runner = Observer::with_dynamic_runner;
        let with_handler = |handler: ErrorHandler| with_runner(one).with_error_handler(handler);
        let conditional =
            |count| (0..count).fold(with_runner(one), |observer, _| observer.run_if(|| true));
        Some(Self {
            runner: place([one as ObserverRunner, other].map(|r| (with_runner(r), r as usize)))?,
            handler: place([ignore as ErrorHandler, panic].map(|h| (with_handler(h), h as usize)))?,
            // Neither is how many there is room for.
            conditions: place([3, 5].map(|count| (conditional(count), count)))?,
        })
    }

    /// The function that runs an observer.
    pub fn runner(self, observer: &Observer) -> usize {
        words(observer)[self.runner]
    }

    /// Whether an observer has neither run conditions nor an error handler of its own.
    pub fn is_plain(self, observer: &Observer) -> bool {
        let words = words(observer);
        words[self.handler] == 0 && words[self.conditions] == 0
    }

    /// Puts another function in the place of an observer's, which is returned.
    pub fn exchange_runner(self, observer: &mut Observer, by: ObserverRunner) -> ObserverRunner {
        let runner = ptr::from_mut(observer)
            .cast::<usize>()
            .wrapping_add(self.runner)
            .cast::<ObserverRunner>();
        // SAFETY: `find` found the field there, in this process's own engine.
        unsafe { runner.replace(by) }
    }
}

/// The one place at which each of two observers has the word beside it.
fn place(cases: [(Observer, usize); 2]) -> Option<usize> {
    let places = cases.map(|(observer, value)| {
        let words = words(&observer).into_iter().enumerate();
        let places = words.filter(|(_, word)| *word == value);
        places.map(|(at, _)| at).collect::<Vec<_>>()
    });
    match places {
        [first, second] if first == second && first.len() == 1 => first.first().copied(),
        _ => None,
    }
}

fn words(observer: &Observer) -> [usize; WORDS] {
    // SAFETY: they are within the observer, all of it is initialised (`ObserverFields::find` counts
    // its fields), and its alignment is that of the pointers in it.
    unsafe { ptr::from_ref(observer).cast::<[usize; WORDS]>().read() }
}
