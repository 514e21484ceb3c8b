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
    /// For how many values `data` was allocated, if they have a size.
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
            data: layout.dangling_ptr(),
            capacity: 0,
            len: 0,
        }
    }

    /// An empty one for the same type.
    pub(super) fn empty(&self) -> Self {
        Self::new(self.layout, self.drop)
    }

    /// Moves the value at an index of `other`, a stack of the same type, here; the top value
    /// goes to its place. Whether there was such a value.
    pub(super) fn push_from(&mut self, other: &mut Self, index: usize) -> bool {
        let Some(value) = other.get(index) else {
            return false;
        };
        let Some(top) = other.pop() else {
            return false;
        };
        let room = self.room();
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

    /// Makes room for more values.
    fn widen(&mut self) {
        let capacity = (2 * self.capacity).max(1);
        let Some(new) = self.all(capacity) else {
            alloc::handle_alloc_error(self.layout);
        };
        if new.size() > 0 {
            // SAFETY: the size is not zero; where there was an allocation, it has this layout.
            let data = unsafe {
                match self.allocated() {
                    Some(old) => alloc::realloc(self.data.as_ptr(), old, new.size()),
                    None => alloc::alloc(new),
                }
            };
            self.data = NonNull::new(data).unwrap_or_else(|| alloc::handle_alloc_error(new));
        }
        self.capacity = capacity;
    }

    /// The layout of so many values, if there can be such.
    fn all(&self, count: usize) -> Option<Layout> {
        Some(self.layout.repeat(count).ok()?.0)
    }

    /// What `data` was allocated with, if it was.
    fn allocated(&self) -> Option<Layout> {
        self.all(self.capacity).filter(|it| it.size() > 0)
    }

    /// The room for the next value, which [`ValueStack::grow`] makes one. The values may move
    /// to another allocation for it.
    pub(super) fn room(&mut self) -> NonNull<u8> {
        if self.len == self.capacity {
            self.widen();
        }
        // SAFETY: within the allocation, since `len` is below `capacity`; for values without
        // size the offset is zero.
        unsafe { self.data.add(self.len * self.layout.size()) }
    }

    /// Counts the value that was written to [`ValueStack::room`].
    ///
    /// # Safety
    ///
    /// `room` gave a place, and a whole value of the stack's component was written there.
    pub(super) unsafe fn grow(&mut self) {
        self.len += 1;
    }

    /// Gives out the top value. It stays in place until the next `room`.
    pub(super) fn pop(&mut self) -> Option<NonNull<u8>> {
        let top = self.get(self.len.checked_sub(1)?);
        self.len -= 1;
        top
    }

    /// The value at an index, which stays on the stack.
    pub(super) fn get(&self, index: usize) -> Option<NonNull<u8>> {
        // SAFETY: a value below `len`, so within the allocation.
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
                drop(value)
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
        if let Some(allocated) = self.allocated() {
            // SAFETY: allocated with this layout, and not used any more.
            unsafe { alloc::dealloc(self.data.as_ptr(), allocated) };
        }
    }
}
