//! Panics of module code: where they began, and how they are kept from going further.
//! What comes of one is its caller's to say; only what nothing depends on is logged here.

use core::ptr;
use std::{
    any::Any,
    cell::Cell,
    collections::VecDeque,
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, ThreadId},
};

thread_local! {
    /// Whether panics of this thread are answers that nobody needs to read.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// A panic that began: its payload does not say where.
struct Begun {
    number: u64,
    thread: ThreadId,
    message: String,
    place: String,
}

/// The last panics of the process, of all threads: one of a task is thrown again on the
/// thread that waits for it.
static BEGUN: Mutex<VecDeque<Begun>> = Mutex::new(VecDeque::new());
/// How many panics there were.
static COUNT: AtomicU64 = AtomicU64::new(0);
/// The hook of ours that was set last: its address, and whether it still exists.
static HOOK: Mutex<(usize, Weak<()>)> = Mutex::new((0, Weak::new()));

/// How many panics are kept.
const KEPT: usize = 32;

/// Notes where a panic is. Runs while it unwinds, so it must not panic itself.
fn note(info: &PanicHookInfo) {
    let begun = Begun {
        number: COUNT.fetch_add(1, Ordering::Relaxed),
        thread: thread::current().id(),
        message: message(info.payload()).to_owned(),
        place: info.location().map_or(UNKNOWN.into(), ToString::to_string),
    };
    let mut all = lock(&BEGUN);
    all.truncate(KEPT - 1);
    all.push_front(begun);
}

/// Where the panic that says `message` began: the last such of this thread, else of any,
/// that began when `since` had been counted or later.
fn place(message: &str, since: u64) -> String {
    let all = lock(&BEGUN);
    let fitting = || {
        let recent = all.iter().filter(|begun| begun.number >= since);
        recent.filter(|begun| begun.message == message)
    };
    let here = thread::current().id();
    let begun = fitting().find(|begun| begun.thread == here);
    let begun = begun.or_else(|| fitting().next());
    begun.map_or(UNKNOWN.into(), |begun| begun.place.clone())
}

const UNKNOWN: &str = "an unknown place";

/// Lets every panic from here on say where it is, and then do what the hook before
/// does. To be called between frames: a game may set a hook of its own at any time.
pub fn install_hook() {
    // None can be set while this thread unwinds.
    if thread::panicking() {
        return;
    }
    let mut ours = lock(&HOOK);
    let before = panic::take_hook();
    let (address, exists) = &*ours;
    if ptr::from_ref(&*before).addr() == *address && exists.strong_count() > 0 {
        panic::set_hook(before);
        return;
    }
    let exists = Arc::new(());
    let still = Arc::downgrade(&exists);
    let hook = Box::new(move |info: &PanicHookInfo| {
        let _ = &exists;
        note(info);
        if !QUIET.get() {
            before(info);
        }
    });
    *ours = (ptr::from_ref(&*hook).addr(), still);
    panic::set_hook(hook);
}

/// Runs module code whose panic is an answer to whoever asked.
///
/// # Errors
/// The panic's message and its place.
pub fn attempt<R>(code: impl FnOnce() -> R) -> Result<R, String> {
    let since = COUNT.load(Ordering::Relaxed);
    catch(code).map_err(|payload| said(&payload, since))
}

#[cold]
fn said(payload: &Panic, since: u64) -> String {
    let message = message(payload.as_ref());
    format!("{message} at {}", place(message, since))
}

/// What a panic carries.
pub type Panic = Box<dyn Any + Send>;

/// Runs code whose panic the caller deals with.
///
/// # Errors
/// What it panicked with.
pub fn catch<R>(code: impl FnOnce() -> R) -> Result<R, Panic> {
    panic::catch_unwind(AssertUnwindSafe(code))
}

/// Runs module code that nothing depends on, in the midst of what must be finished: a
/// panic goes no further than the log. `what` says what it was at.
pub fn contain(what: &str, code: impl FnOnce()) {
    if let Err(panic) = attempt(code) {
        tracing::warn!("{what} panicked: {panic}");
    }
}

/// Drops what may hold values of the module's types, whose `Drop` is module code.
pub fn discard<T>(value: T) {
    contain("dropping a value of the gameplay", || drop(value));
}

/// What `mutex` holds, also after a panic of whoever held it.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether `code` panics. The panic is not printed.
pub fn does_panic(code: impl FnOnce()) -> bool {
    quietly(code).is_err()
}

/// Runs `code`, whose panic is an answer that is not printed.
///
/// # Errors
/// As [`attempt`].
pub fn quietly<R>(code: impl FnOnce() -> R) -> Result<R, String> {
    install_hook();
    let before = QUIET.replace(true);
    let result = attempt(code);
    QUIET.set(before);
    result
}

/// What a panic said.
pub fn message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::JoinHandle;

    #[test]
    fn a_place_is_of_the_panic_that_is_reported() {
        install_hook();
        let others: thread::Result<()> = panic::catch_unwind(|| panic!("an earlier one"));
        assert!(others.is_err());
        let thrown: Result<(), String> =
            attempt(|| panic::resume_unwind(Box::new("an earlier one")));
        assert_eq!(thrown, Err(format!("an earlier one at {UNKNOWN}")));

        let thrown: Result<(), String> = attempt(|| {
            let caught: thread::Result<()> = panic::catch_unwind(|| panic!("the one"));
            let others: thread::Result<()> = panic::catch_unwind(|| panic!("a later one"));
            assert!(others.is_err());
            panic::resume_unwind(caught.unwrap_err());
        });
        assert_is_here("the one", &thrown);
    }

    #[test]
    fn a_panic_of_another_thread_keeps_its_place() {
        install_hook();
        let thrown: Result<(), String> = attempt(|| {
            let task: JoinHandle<()> = thread::spawn(|| panic!("in a task: {}", 1 + 1));
            panic::resume_unwind(task.join().unwrap_err());
        });
        assert_is_here("in a task: 2", &thrown);
    }

    #[test]
    fn a_game_may_set_a_hook_of_its_own() {
        static HEARD: AtomicU64 = AtomicU64::new(0);
        install_hook();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if message(info.payload()) == "heard by the game" {
                HEARD.fetch_add(1, Ordering::Relaxed);
            } else {
                before(info);
            }
        }));
        // Once is enough.
        for _ in 0..3 {
            install_hook();
        }
        let thrown: Result<(), String> = attempt(|| panic!("heard by the game"));
        assert_is_here("heard by the game", &thrown);
        assert_eq!(HEARD.load(Ordering::Relaxed), 1);
    }

    #[track_caller]
    fn assert_is_here(message: &str, thrown: &Result<(), String>) {
        let Err(thrown) = thrown else {
            panic!("{message} is caught")
        };
        assert!(thrown.starts_with(&format!("{message} at ")), "{thrown}");
        assert!(thrown.contains("panics.rs:"), "{thrown}");
    }
}
