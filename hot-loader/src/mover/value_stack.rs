//! A stack of values of one component, of which it knows the layout and the drop function
//! only. It must not touch a world.

use crate::panics;
use std::alloc::{self, Layout};
use std::ptr::NonNull;

use bevy::ecs::component::ComponentInfo;
use bevy::ptr::OwningPtr;

/// What drops one value; `None` where there is nothing to drop.
pub(super) type DropFn = Option<unsafe fn(OwningPtr<'_>)>;

/// A stack of values in one allocation. Dropping it drops those that are left.
pub(super) struct ValueStack {
    layout: Layout,
    drop: DropFn,
    data: NonNull<u8>,
    /// What `data` was allocated with; size zero where it was not.
    allocated: Layout,
    capacity: usize,
    len: usize,
}

impl ValueStack {
    /// An empty stack for values of one component. Nothing is allocated yet.
    pub(super) fn of(info: &ComponentInfo) -> Self {
        Self::new(info.layout().pad_to_align(), info.drop())
    }

    fn new(layout: Layout, drop: DropFn) -> Self {
        Self {
            layout,
            drop,
            data: dangling(layout),
            allocated: Layout::new::<()>(),
            capacity: 0,
            len: 0,
        }
    }

    /// An empty one for the same type.
    pub(super) fn empty(&self) -> Self {
        Self::new(self.layout, self.drop)
    }

    /// Moves the value at an index of `other`, a stack of the same type, here; the top value
    /// goes to its place. Whether there was room.
    pub(super) fn push_from(&mut self, other: &mut Self, index: usize) -> bool {
        if self.len == self.capacity && self.reserve(self.len.max(1)).is_err() {
            return false;
        }
        let (Some(room), Some(value)) = (self.room(), other.get(index)) else {
            return false;
        };
        let Some(top) = other.pop() else {
            return false;
        };
        // SAFETY: places of whole values of one layout, in two allocations, or in one where
        // they may be the same; the value is here once it is copied, and its place is given up.
        unsafe {
            room.as_ptr()
                .copy_from_nonoverlapping(value.as_ptr(), self.layout.size());
            self.grow();
            value.as_ptr().copy_from(top.as_ptr(), self.layout.size());
        }
        true
    }

    /// Makes room for `count` more values, or says that no allocation can be so large.
    pub(super) fn reserve(&mut self, count: usize) -> Result<(), String> {
        let needed = self.len.checked_add(count);
        let bytes = needed.and_then(|needed| needed.checked_mul(self.layout.size()));
        let new = bytes.and_then(|bytes| Layout::from_size_align(bytes, self.layout.align()).ok());
        let (Some(needed), Some(new)) = (needed, new) else {
            return Err(format!("{count} values do not fit into memory"));
        };
        if needed <= self.capacity {
            return Ok(());
        }
        if new.size() > 0 {
            // SAFETY: the size is not zero; where there was an allocation, it is `allocated`.
            let data = unsafe {
                if self.allocated.size() == 0 {
                    alloc::alloc(new)
                } else {
                    alloc::realloc(self.data.as_ptr(), self.allocated, new.size())
                }
            };
            let Some(data) = NonNull::new(data) else {
                alloc::handle_alloc_error(new);
            };
            self.data = data;
            self.allocated = new;
        }
        self.capacity = needed;
        Ok(())
    }

    /// The room for the next value, if any was reserved. [`ValueStack::grow`] makes it one.
    pub(super) fn room(&mut self) -> Option<NonNull<u8>> {
        // SAFETY: within the allocation, since `len` is below `capacity`; for values without
        // size the offset is zero.
        (self.len < self.capacity).then(|| unsafe { self.data.add(self.len * self.layout.size()) })
    }

    /// Counts the value that was written to [`ValueStack::room`].
    ///
    /// # Safety
    ///
    /// `room` gave a place, and a whole value of the stack's component was written there.
    pub(super) unsafe fn grow(&mut self) {
        self.len += 1;
    }

    /// Gives out the top value. It stays in place until the next `reserve` or `room`.
    pub(super) fn pop(&mut self) -> Option<NonNull<u8>> {
        self.len = self.len.checked_sub(1)?;
        // SAFETY: a value below the old `len`, so within the allocation.
        Some(unsafe { self.data.add(self.len * self.layout.size()) })
    }

    /// The value at an index, which stays on the stack.
    pub(super) fn get(&self, index: usize) -> Option<NonNull<u8>> {
        // SAFETY: as in `pop`.
        (index < self.len).then(|| unsafe { self.data.add(index * self.layout.size()) })
    }

    /// Drops a value that is off the stack.
    ///
    /// # Safety
    ///
    /// It is one of the stack's component, and the caller's to drop; it is gone afterwards.
    pub(super) unsafe fn drop_value(&self, value: NonNull<u8>) {
        if let Some(drop) = self.drop {
            // SAFETY: the caller owns the value and gives it up; it is aligned for its type.
            let value = unsafe { OwningPtr::new(value) };
            // SAFETY: as above; `drop` is for values of the component.
            panics::contain("dropping a value of the gameplay", || unsafe {
                drop(value);
            });
        }
    }

    /// Drops the top value.
    pub(super) fn drop_top(&mut self) {
        if let Some(value) = self.pop() {
            // SAFETY: `pop` made the value ours.
            unsafe { self.drop_value(value) };
        }
    }

    /// Drops all values.
    pub(super) fn clear(&mut self) {
        while self.len > 0 {
            self.drop_top();
        }
    }
}

// SAFETY: the values are those of components, which are `Send` and `Sync`.
unsafe impl Send for ValueStack {}

// SAFETY: as above.
unsafe impl Sync for ValueStack {}

impl Drop for ValueStack {
    fn drop(&mut self) {
        self.clear();
        if self.allocated.size() > 0 {
            // SAFETY: allocated with `allocated`, and not used any more.
            unsafe { alloc::dealloc(self.data.as_ptr(), self.allocated) };
        }
    }
}

/// A pointer that is aligned for `layout` and points to nothing.
fn dangling(layout: Layout) -> NonNull<u8> {
    let align = std::num::NonZeroUsize::new(layout.align()).unwrap_or(std::num::NonZeroUsize::MIN);
    NonNull::without_provenance(align)
}
