//! Keeps a panic or an error of module code from taking the game down.
//!
//! The executor calls error handlers outside `run_unsafe`
//! (`multi_threaded.rs`), where nothing of ours could catch them, so errors are
//! settled here. It must never swallow one silently: every panic is reported.

use bevy::ecs::error::{BevyError, ErrorContext, ErrorHandler};
use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::{self, AssertUnwindSafe},
    sync::{
        Mutex, Once, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// A panic of module code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanicReport {
    /// The system's name.
    pub system: String,
    /// The message, with file and line.
    pub message: String,
}

/// What all proxies of an app share.
#[derive(Debug)]
pub struct Guard {
    panics: Mutex<Vec<PanicReport>>,
    handler: Mutex<ErrorHandler>,
    /// Coarse, and cheap to read: counts from 1.
    clock: AtomicU64,
}

thread_local! {
    /// Where the last panic of this thread happened: the payload does not say.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Whether panics of this thread are answers that nobody needs to read.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Installs a panic hook, once a process, that notes the place of a panic and then
/// does what the hook before it did.
fn install_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PLACE.set(info.location().map(ToString::to_string));
            if !QUIET.get() {
                before(info);
            }
        }));
    });
}

impl Guard {
    /// With the world's error handler.
    pub fn new(handler: ErrorHandler) -> Self {
        install_hook();
        Self {
            panics: Mutex::default(),
            handler: Mutex::new(handler),
            clock: AtomicU64::new(1),
        }
    }

    /// The time, in ticks of whoever moves the clock.
    pub fn now(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }

    /// Moves the clock on, and returns the time.
    pub fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Sets the world's error handler; called between frames.
    pub fn set_handler(&self, handler: ErrorHandler) {
        *self.handler.lock().unwrap_or_else(PoisonError::into_inner) = handler;
    }

    /// Takes the panics since the last call.
    pub fn take_panics(&self) -> Vec<PanicReport> {
        std::mem::take(&mut *self.panics.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs module code. `None` if it panicked, which is then reported under `name`.
    pub fn run<R>(&self, name: &str, code: impl FnOnce() -> R) -> Option<R> {
        // The state behind the code is the system's own; it does not run again
        // until a reload puts new code behind it.
        match Self::attempt(code) {
            Ok(result) => Some(result),
            Err(message) => {
                self.report(name, message);
                None
            }
        }
    }

    /// Module code called `name` panicked.
    pub fn report(&self, name: &str, message: String) {
        let report = PanicReport {
            system: name.to_owned(),
            message,
        };
        let panics = self.panics.lock();
        panics.unwrap_or_else(PoisonError::into_inner).push(report);
    }

    /// Runs module code whose panic is an answer to whoever asked.
    ///
    /// # Errors
    /// The panic's message and its place.
    pub fn attempt<R>(code: impl FnOnce() -> R) -> Result<R, String> {
        panic::catch_unwind(AssertUnwindSafe(code)).map_err(|payload| {
            let place = PLACE.take().unwrap_or_else(|| "an unknown place".into());
            format!("{} at {place}", message(payload.as_ref()))
        })
    }

    /// Runs module code that nothing depends on, in the midst of what must be finished: a
    /// panic goes no further than the log. `what` says what it was at.
    pub fn contain(what: &str, code: impl FnOnce()) {
        if let Err(panic) = Self::attempt(code) {
            tracing::warn!("{what} panicked: {panic}");
        }
    }

    /// Drops what may hold values of the module's types, whose `Drop` is module code.
    pub fn discard<T>(value: T) {
        Self::contain("a value of the gameplay's, when it was dropped,", || {
            drop(value)
        });
    }

    /// Whether `code` panics. The panic is not printed.
    pub fn panics(code: impl FnOnce()) -> bool {
        Self::quietly(code).is_err()
    }

    /// Runs `code`, whose panic is an answer that is not printed.
    ///
    /// # Errors
    /// As [`attempt`](Self::attempt).
    pub fn quietly<R>(code: impl FnOnce() -> R) -> Result<R, String> {
        install_hook();
        let before = QUIET.replace(true);
        let result = Self::attempt(code);
        QUIET.set(before);
        result
    }

    /// Hands an error of module code to the world's handler, as the executor
    /// would. Returns whether the handler let the game go on.
    pub fn handle(&self, name: &str, error: BevyError, context: ErrorContext) -> bool {
        let handler = *self.handler.lock().unwrap_or_else(PoisonError::into_inner);
        self.run(name, || handler(error, context)).is_some()
    }
}

fn message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}
