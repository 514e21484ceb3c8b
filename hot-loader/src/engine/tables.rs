//! What a table of functions looks like: `[drop, size, align, methods…]`, the
//! methods in the order of the trait (rustc's `vtable_entries`; probed on 1.95
//! with Bevy 0.19.1).
//!
//! The layout is rustc's own and promised to nobody, so [`verify`] checks
//! at start-up, on a system of ours, that every method that is relied on is
//! where it is thought to be. Without that nothing else here may be used.

use bevy::ecs::{
    change_detection::{CheckChangeTicks, Tick},
    query::FilteredAccessSet,
    system::{ReadOnlySystem, RunSystemError, System, SystemIn, SystemStateFlags},
    world::{DeferredWorld, World, unsafe_world_cell::UnsafeWorldCell},
};
use bevy::utils::prelude::DebugName;
use core::any::TypeId;

/// The words before the methods: drop function, size, alignment.
pub const HEADER: usize = 3;
/// `System` has these many methods; `run_readonly` of `ReadOnlySystem` follows them.
const SYSTEM_METHODS: usize = 17;
/// `system_type`, the second method: it returns a constant that no other type
/// has, so compilers and linkers never merge it with another type's. Its symbol
/// is the type's identity.
pub const IDENTITY: usize = HEADER + 1;
/// `run_unsafe`.
pub const RUN_UNSAFE: usize = HEADER + 7;
const SET_LAST_RUN: usize = HEADER + 16;
const RUN_READONLY: usize = HEADER + SYSTEM_METHODS;

/// Which trait object a table belongs to; as a number, its length in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum TableShape {
    /// `dyn System`.
    System = HEADER + SYSTEM_METHODS,
    /// `dyn ReadOnlySystem`, as run conditions are held.
    Condition = HEADER + SYSTEM_METHODS + 1,
}

/// The data and table pointers of a boxed trait object.
///
/// `B` is `Box<dyn …>`: two pointers, checked at compile time.
fn parts<B>(object: &B) -> [*mut (); 2] {
    const { assert!(size_of::<B>() == size_of::<[*mut (); 2]>()) };
    // SAFETY: `B` has the size of two pointers (above), and a raw pointer may have
    // any value. Pointers and not integers, so that the provenance stays.
    unsafe { core::mem::transmute_copy(object) }
}

/// The address of a boxed trait object's table.
pub fn table_of<B>(object: &B) -> usize {
    parts(object)[1].expose_provenance()
}

/// The same object with another table.
///
/// # Safety
/// `table` must be a table of the same trait for the same type as the object's
/// own, and stay mapped; and [`verify`] must have succeeded.
pub unsafe fn with_table<B>(object: B, table: usize) -> B {
    let [data, _] = parts(&object);
    core::mem::forget(object);
    let words = [data, core::ptr::with_exposed_provenance_mut::<()>(table)];
    // SAFETY: the first word is the data, the second the table (`verify`);
    // the caller vouches for the table. The original is forgotten: one owner.
    unsafe { core::mem::transmute_copy(&words) }
}

/// A system that is never run; only its table is looked at.
struct Probe<Out>(u64, core::marker::PhantomData<fn() -> Out>);

impl<Out: Default + 'static> System for Probe<Out> {
    type In = ();
    type Out = Out;
    fn name(&self) -> DebugName {
        DebugName::borrowed("hot_loader probe")
    }
    fn system_type(&self) -> TypeId {
        TypeId::of::<Self>()
    }
    fn flags(&self) -> SystemStateFlags {
        SystemStateFlags::EXCLUSIVE
    }
    unsafe fn run_unsafe(
        &mut self,
        _: SystemIn<'_, Self>,
        _: UnsafeWorldCell,
    ) -> Result<Out, RunSystemError> {
        self.0 = self.0.wrapping_mul(3);
        Ok(Out::default())
    }
    fn apply_deferred(&mut self, _: &mut World) {}
    fn queue_deferred(&mut self, _: DeferredWorld) {}
    fn initialize(&mut self, _: &mut World) -> FilteredAccessSet {
        FilteredAccessSet::new()
    }
    fn check_change_tick(&mut self, _: CheckChangeTicks) {}
    fn get_last_run(&self) -> Tick {
        Tick::new(self.0 as u32)
    }
    fn set_last_run(&mut self, last_run: Tick) {
        self.0 ^= u64::from(last_run.get());
    }
}

// SAFETY: it touches no world.
unsafe impl ReadOnlySystem for Probe<bool> {
    fn run_readonly(&mut self, (): (), _: &World) -> Result<bool, RunSystemError> {
        self.0 = self.0.wrapping_add(11);
        Ok(self.0 > 5)
    }
}

/// Checks that this compiler lays out the tables of systems and conditions as is
/// relied on here.
///
/// # Errors
/// Says what is elsewhere.
pub fn verify() -> Result<(), String> {
    macro_rules! verify {
        ($out:ty as $object:ty: $($index:ident $method:ident),*) => {{
            let probe: Box<Probe<$out>> = Box::new(Probe(1, core::marker::PhantomData));
            let data = core::ptr::from_ref(&*probe) as usize;
            let object: $object = probe;
            let methods = [$(($index, Probe::<$out>::$method as *const () as usize)),*];
            verify_table(parts(&object), data, &methods)
        }};
    }
    verify!(() as Box<dyn System<In = (), Out = ()>>:
        IDENTITY system_type, RUN_UNSAFE run_unsafe, SET_LAST_RUN set_last_run)?;
    verify!(bool as Box<dyn ReadOnlySystem<In = (), Out = bool>>:
        IDENTITY system_type, RUN_UNSAFE run_unsafe, SET_LAST_RUN set_last_run,
        RUN_READONLY run_readonly)
}

fn verify_table(
    [first, table]: [*mut (); 2],
    data: usize,
    methods: &[(usize, usize)],
) -> Result<(), String> {
    if first.addr() != data {
        return Err("the data pointer of a system is not the first word".into());
    }
    // SAFETY: the second word of a trait object is its table, which is longer
    // than three words whatever its order.
    let word = |i: usize| unsafe { *table.cast::<usize>().add(i) };
    if word(1) != size_of::<Probe<()>>() || word(2) != align_of::<Probe<()>>() {
        return Err("size and alignment are elsewhere in tables of systems".into());
    }
    let is_there = |&(index, address): &(usize, usize)| word(index) == address;
    if !methods.iter().all(is_there) {
        return Err("the methods are in another order in tables of systems".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_compiler_lays_out_tables_as_is_relied_on() {
        verify().unwrap();
    }
}
