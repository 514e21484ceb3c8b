//! A lock that says since when it is held. It guards what may run for minutes, is taken for
//! every run, and is almost never wanted by two, so whoever wants it waits by looking again.
//!
//! A lock of the standard library costs a proxy twice as much, and needs the time beside it.

use core::{
    cell::UnsafeCell,
    marker::PhantomData,
    num::NonZeroU64,
    ops::{Deref, DerefMut},
    sync::atomic::{AtomicU64, Ordering},
};
use std::thread;

/// A value that one has at a time.
// The lock comes first: a run wants the beginning of the value too.
#[repr(C)]
pub struct Held<T> {
    /// When it was taken; 0 while nobody has it.
    since: AtomicU64,
    value: UnsafeCell<T>,
}

// SAFETY: only who set `since` has the value, and `T` may go from thread to thread.
unsafe impl<T: Send> Sync for Held<T> {}

/// The value, until this is dropped: by a panic too.
pub struct Taken<'a, T> {
    held: &'a Held<T>,
    /// It goes from thread to thread as an exclusive borrow does.
    value: PhantomData<&'a mut T>,
}

impl<T> Held<T> {
    /// Nobody has it yet.
    pub fn new(value: T) -> Self {
        Self {
            since: AtomicU64::new(0),
            value: UnsafeCell::new(value),
        }
    }

    /// Takes it at the time `now`. `None` if somebody has it.
    #[inline]
    pub fn try_take(&self, now: NonZeroU64) -> Option<Taken<'_, T>> {
        let free = self
            .since
            .compare_exchange(0, now.get(), Ordering::Acquire, Ordering::Relaxed);
        free.is_ok().then(|| Taken {
            held: self,
            value: PhantomData,
        })
    }

    /// Takes it when it is free. Never returns if this thread has it.
    pub fn take(&self, now: NonZeroU64) -> Taken<'_, T> {
        loop {
            match self.try_take(now) {
                Some(taken) => return taken,
                None => thread::yield_now(),
            }
        }
    }

    /// Since when somebody has it. Never waits.
    pub fn since(&self) -> Option<u64> {
        NonZeroU64::new(self.since.load(Ordering::Relaxed)).map(NonZeroU64::get)
    }
}

impl<T> Drop for Taken<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.held.since.store(0, Ordering::Release);
    }
}

impl<T> Deref for Taken<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: only who set `since` has a `Taken`, and resets it after the last use.
        unsafe { &*self.held.value.get() }
    }
}

impl<T> DerefMut for Taken<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above; it is borrowed exclusively.
        unsafe { &mut *self.held.value.get() }
    }
}
