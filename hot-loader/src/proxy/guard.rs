//! What all proxies of an app share: it keeps a panic or an error of module code from
//! taking the game down.
//!
//! The executor calls error handlers outside `run_unsafe`
//! (`multi_threaded.rs`), where nothing of ours could catch them, so slots settle errors
//! with the handler that is kept here. It must never swallow a panic silently: all are reported.

use crate::panics;
use bevy::ecs::error::ErrorHandler;
use core::num::NonZeroU64;
use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

/// What all proxies of an app share.
#[derive(Debug)]
pub struct Guard {
    /// Panics of module code: the system's name, and the message with file and line.
    panics: Mutex<Vec<(String, String)>>,
    handler: Mutex<ErrorHandler>,
    /// Coarse, and cheap to read: counts from 1.
    clock: AtomicU64,
}

impl Guard {
    /// With the world's error handler.
    pub fn new(handler: ErrorHandler) -> Self {
        panics::install_hook();
        Self {
            panics: Mutex::default(),
            handler: Mutex::new(handler),
            clock: AtomicU64::new(1),
        }
    }

    /// The time, in ticks of whoever moves the clock.
    #[inline]
    pub fn now(&self) -> NonZeroU64 {
        NonZeroU64::new(self.clock.load(Ordering::Relaxed)).unwrap_or(NonZeroU64::MIN)
    }

    /// Moves the clock on, and returns the time.
    pub fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Sets the world's error handler; called between frames.
    pub fn set_handler(&self, handler: ErrorHandler) {
        *panics::lock(&self.handler) = handler;
    }

    /// Takes the panics since the last call: the names of systems, and messages.
    pub fn take_panics(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *panics::lock(&self.panics))
    }

    /// Module code called `name` panicked.
    pub fn report(&self, name: &str, message: String) {
        panics::lock(&self.panics).push((name.to_owned(), message));
    }

    /// The world's error handler.
    pub fn handler(&self) -> ErrorHandler {
        *panics::lock(&self.handler)
    }
}
