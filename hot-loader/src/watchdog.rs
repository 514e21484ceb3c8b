//! Says which system the game waits for, when one does not come back: from a thread of
//! its own, since the main thread is the one that waits. It must never stop anything:
//! code cannot be taken out of a running function.

use crate::{
    events::HotReloadEvent,
    panics::lock,
    proxy::{Guard, Slots},
    report::Reporter,
};
use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// How long the guard's clock stands still.
const TICK: Duration = Duration::from_millis(250);
/// After how many ticks a system is told of: three seconds.
const STUCK: u64 = 12;

/// Watches until it is dropped: the thread ends with the sender.
#[derive(Debug)]
pub struct Watchdog(Option<(Sender<Infallible>, JoinHandle<()>)>);

impl Watchdog {
    /// Watches what runs in `slots`, by the clock of their `guard`. `None`, and a word in
    /// the log, if the system has no thread left.
    pub fn start(
        guard: Arc<Guard>,
        slots: Arc<Mutex<Vec<Arc<dyn Slots>>>>,
        reporter: Arc<Reporter>,
    ) -> Option<Self> {
        let (end, ended) = mpsc::channel();
        let watch = move || {
            let mut told = Vec::new();
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                let now = guard.tick();
                let slots = lock(&slots).clone();
                for event in look(now, &slots, &mut told) {
                    reporter.emit(event);
                }
            }
        };
        let thread = thread::Builder::new().name("hot-loader watchdog".into());
        let thread = thread.spawn(watch).inspect_err(|error| {
            tracing::warn!(target: "hot_loader", "cannot start the watchdog thread: {error}. Systems that do not return are not reported");
        });
        Some(Self(Some((end, thread.ok()?))))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.0.take() {
            drop(end);
            if thread.join().is_err() {
                tracing::debug!("the watchdog ended by a panic");
            }
        }
    }
}

/// A run of a system: which, and since when.
type Run = (Arc<dyn Slots>, u64);

/// Tells of the systems that have run for too long, each run once: not those `told` of.
fn look(now: u64, slots: &[Arc<dyn Slots>], told: &mut Vec<Run>) -> Vec<HotReloadEvent> {
    // Those that came back, and may stay away again.
    told.retain(|(slot, since)| slot.running_since() == Some(*since));
    let mut events = Vec::new();
    for slot in slots {
        let Some(since) = slot.running_since() else {
            continue;
        };
        let ticks = now.saturating_sub(since);
        let known = told.iter().any(|(known, _)| Arc::ptr_eq(known, slot));
        if ticks >= STUCK && !known {
            events.push(HotReloadEvent::Stuck {
                system: slot.name().to_owned(),
                seconds: TICK.as_secs_f64() * ticks as f64,
            });
            told.push((slot.clone(), since));
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::{OfSystem, Proxy, Slot};
    use bevy::ecs::{
        error::panic,
        prelude::*,
        system::{IntoSystem, System},
    };
    use std::sync::mpsc;

    #[test]
    fn a_run_that_lasts_is_told_of_once_and_the_next_one_again() {
        let guard = Arc::new(Guard::new(panic));
        let (go_on, wait) = mpsc::channel::<()>();
        let (begun, begins) = mpsc::channel::<()>();
        let wait = Mutex::new(wait);
        let system = move || {
            begun.send(()).unwrap();
            wait.lock().unwrap().recv().unwrap();
        };
        let boxed = Box::new(IntoSystem::into_system(system));
        let slot = Arc::new(Slot::<OfSystem>::new(boxed, guard.clone()));
        let slots: Vec<Arc<dyn Slots>> = vec![slot.clone()];
        let mut told = Vec::new();
        let mut proxy = Proxy::of(slot);
        thread::scope(|scope| {
            let running = scope.spawn(move || {
                let mut world = World::new();
                proxy.initialize(&mut world);
                for _ in 0..2 {
                    proxy.run((), &mut world).unwrap();
                }
            });
            for _ in 0..2 {
                begins.recv().unwrap();
                let mut seen = Vec::new();
                for _ in 0..2 * STUCK {
                    seen.extend(look(guard.tick(), &slots, &mut told));
                }
                assert_eq!(seen.len(), 1, "{seen:?}");
                let HotReloadEvent::Stuck { system, seconds } = &seen[0] else {
                    panic!("{seen:?}");
                };
                assert!(system.contains("a_run_that_lasts"), "{system}");
                assert_eq!(*seconds, 3.0);
                go_on.send(()).unwrap();
            }
            running.join().unwrap();
        });
        for _ in 0..2 * STUCK {
            assert_eq!(look(guard.tick(), &slots, &mut told), []);
        }
    }
}
