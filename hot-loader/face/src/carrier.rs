//! Bundle types that stand for one component each, with which `mover` takes values out of
//! entities without dropping them; it says why. A generation may bring some. None may ever
//! be inserted into a world.
#![expect(
    unsafe_code,
    reason = "the traits of a bundle are unsafe, and a value is copied to where its owner wants it"
)]

use bevy::{
    ecs::{
        bundle::{Bundle, BundleFromComponents, DynamicBundle},
        component::{ComponentId, Components, ComponentsRegistrator, StorageType},
        world::{EntityWorldMut, World},
    },
    ptr::{MovingPtr, OwningPtr},
};
use core::{any::TypeId, cell::Cell, iter, marker::PhantomData, mem::MaybeUninit};

// The executable and each generation have their own of these.
thread_local! {
    /// The id that the carrier type being registered on this thread is to stand for.
    static BINDING: Cell<Option<ComponentId>> = const { Cell::new(None) };
    /// Where the value that is being taken on this thread goes.
    static DESTINATION: Cell<Option<Destination>> = const { Cell::new(None) };
}

/// Room for a value, and its size in bytes.
pub type Destination = (*mut u8, usize);

/// A bundle type that stands for one component of each world. `M` makes more of them.
struct Carrier<M, const N: usize>(PhantomData<fn() -> M>);

// SAFETY: the comments of `Bundle` (bundle/mod.rs) ask for valid ids, in the order of
// `get_components`. There is at most one id, which the world knows (`CarrierFn::register`),
// and `get_components` is never called: a `Carrier` is made in
// `from_components` only, for `take`, which drops it, and both are private.
unsafe impl<M: 'static, const N: usize> Bundle for Carrier<M, N> {
    fn component_ids(
        _components: &mut ComponentsRegistrator,
    ) -> impl Iterator<Item = ComponentId> + use<M, N> {
        BINDING.get().into_iter()
    }

    fn get_component_ids(_components: &Components) -> impl Iterator<Item = Option<ComponentId>> {
        iter::once(None)
    }
}

impl<M: 'static, const N: usize> DynamicBundle for Carrier<M, N> {
    type Effect = ();

    unsafe fn get_components(
        _ptr: MovingPtr<'_, Self>,
        _func: &mut impl FnMut(StorageType, OwningPtr<'_>),
    ) {
        unreachable!("a carrier is never inserted");
    }

    unsafe fn apply_effect(_ptr: MovingPtr<'_, MaybeUninit<Self>>, _entity: &mut EntityWorldMut) {}
}

// SAFETY: `func` has to be called exactly once for each id of `component_ids`. There is one
// call, and one id: `mover` uses no carrier for which another number was registered.
unsafe impl<M: 'static, const N: usize> BundleFromComponents for Carrier<M, N> {
    unsafe fn from_components<T, F>(ctx: &mut T, func: &mut F) -> Self
    where
        F: for<'a> FnMut(&'a mut T) -> OwningPtr<'a>,
    {
        receive(func(ctx));
        Self(PhantomData)
    }
}

/// Copies the value to its destination; whoever set that owns it then. Not generic, so that
/// each carrier compiles as little as possible.
#[inline(never)]
fn receive(value: OwningPtr<'_>) {
    if let Some((destination, size)) = DESTINATION.take() {
        // SAFETY: whoever calls `CarrierFn::take` promises room for `size` bytes, the size of
        // the component that the carrier is bound to, and `value` is one of that component;
        // that room and a component's storage do not overlap.
        unsafe { value.as_ptr().copy_to_nonoverlapping(destination, size) };
    }
}

/// One carrier, without its type.
#[derive(Clone, Copy)]
pub struct CarrierFn {
    /// Tells it from all others.
    pub type_id: TypeId,
    /// Registers it with a world, to stand for this component of it from then on.
    ///
    /// # Safety
    /// The world knows the component.
    pub register: unsafe fn(&mut World, ComponentId),
    /// Sets where the next value goes that is taken on this thread. Returns what was set before,
    /// unless a value went there.
    pub aim: fn(Option<Destination>) -> Option<Destination>,
    /// Takes the value of its component out of the entity, and copies it to where
    /// [`aim`](Self::aim) says. Says whether the entity had one.
    ///
    /// # Safety
    /// The carrier stands for a component in the entity's world, and there is room for a
    /// value of it where it goes; if one came, it is the caller's to drop.
    pub take: unsafe fn(&mut EntityWorldMut) -> bool,
}

const fn carrier<M: 'static, const N: usize>() -> CarrierFn {
    CarrierFn {
        type_id: TypeId::of::<Carrier<M, N>>(),
        register: |world, id| {
            BINDING.set(Some(id));
            world.register_bundle::<Carrier<M, N>>();
            BINDING.set(None);
        },
        aim: |destination| DESTINATION.replace(destination),
        take: |entity| entity.take::<Carrier<M, N>>().is_some(),
    }
}

/// A row of carriers.
pub type Carriers = [CarrierFn; 16];

/// Carriers of the caller's own, of a marker type. They are compiled where this is called, at
/// some 70 ms each at opt-level 1, 14 ms at 0, and 6 KiB of code. A crate that is rebuilt
/// under another `-C metadata` has new types, and a marker of its own is a new one each time.
#[must_use]
pub const fn carriers<M: 'static>() -> Carriers {
    macro_rules! each {
        ($($n:literal)*) => { [$(carrier::<M, $n>()),*] };
    }
    each!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
}
