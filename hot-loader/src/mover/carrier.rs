//! Takes the value of one component out of an entity without dropping it. It must not
//! decide which values move, and no type of it may ever be inserted into a world.
//!
//! The public interface of Bevy forgets a value in one place only, `EntityWorldMut::take`
//! (world/entity_access/world_mut.rs), and for a bundle *type* only. So [`Carrier`] is a
//! bundle type of our own that stands for one `ComponentId`. `Bundles::register_info`
//! (bundle/info.rs) asks a bundle type for its ids once per world and keeps the answer for
//! ever: each carrier is bound to one id of each world, and a pool of them can be used up.
//! What `Bundles` keeps is also the only record of the bindings, since a record of our own
//! could be lost or be wrong.

use crate::panics::{self, Panic};
use std::any::TypeId;
use std::cell::Cell;
use std::iter;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use bevy::ecs::bundle::{Bundle, BundleFromComponents, DynamicBundle};
use bevy::ecs::component::{ComponentId, Components, ComponentsRegistrator, StorageType};
use bevy::ecs::world::{EntityWorldMut, World};
use bevy::ptr::{MovingPtr, OwningPtr};

thread_local! {
    /// The id that the carrier type being registered on this thread is to stand for.
    static BINDING: Cell<Option<ComponentId>> = const { Cell::new(None) };
    /// Where the value that is being taken on this thread goes, and its size.
    static DESTINATION: Cell<Option<(*mut u8, usize)>> = const { Cell::new(None) };
}

/// A bundle type that stands for one component of each world. `M` makes more of them.
struct Carrier<M, const N: usize>(PhantomData<fn() -> M>);

// SAFETY: the comments of `Bundle` (bundle/mod.rs) ask for valid ids, in the order of
// `get_components`. There is at most one id, `bind` gives none but one that it has found
// in the world, and `get_components` is never called: a `Carrier` is made in
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
// call, and one id: `bind` gives out no carrier for which another number was registered.
unsafe impl<M: 'static, const N: usize> BundleFromComponents for Carrier<M, N> {
    unsafe fn from_components<T, F>(ctx: &mut T, func: &mut F) -> Self
    where
        F: for<'a> FnMut(&'a mut T) -> OwningPtr<'a>,
    {
        receive(func(ctx));
        Self(PhantomData)
    }
}

/// Copies the value to the destination that `CarrierFn::take` has set; it is the caller's then.
/// Not generic, so that each carrier compiles as little as possible.
#[inline(never)]
fn receive(value: OwningPtr<'_>) {
    if let Some((destination, size)) = DESTINATION.take() {
        // SAFETY: `CarrierFn::take` was promised room for `size` bytes, the size of the
        // component that the carrier is bound to, and `value` is one of that component; the
        // memory of the caller and a component's storage do not overlap.
        unsafe { value.as_ptr().copy_to_nonoverlapping(destination, size) };
    }
}

/// One carrier, without its type: see [`carriers`].
#[derive(Clone, Copy)]
pub struct CarrierFn {
    /// Tells it from all others.
    pub type_id: TypeId,
    register: fn(&mut World),
    take: fn(&mut EntityWorldMut) -> bool,
}

const fn carrier<M: 'static, const N: usize>() -> CarrierFn {
    CarrierFn {
        type_id: TypeId::of::<Carrier<M, N>>(),
        register: |world| {
            world.register_bundle::<Carrier<M, N>>();
        },
        take: |entity| entity.take::<Carrier<M, N>>().is_some(),
    }
}

/// The markers of the carriers that this crate brings.
enum Own<const ROW: usize> {}

/// How many components with drop glue can move by their bytes in the life of one world
/// without [`carriers`] of the caller: 64. Each costs some 70 ms of compile time at
/// opt-level 1, 14 ms at 0, and 6 KiB of code.
static POOL: [[CarrierFn; 16]; 4] = [
    carriers::<Own<0>>(),
    carriers::<Own<1>>(),
    carriers::<Own<2>>(),
    carriers::<Own<3>>(),
];

/// Sixteen carriers of the caller's own, for the `more` of `prepare`: no world runs out
/// of carriers whose caller passes those of a new marker type now and then. They are compiled
/// where this is called. A crate that is rebuilt under another `-C metadata` has new types,
/// and a marker of its own is a new one each time.
#[must_use]
pub const fn carriers<M: 'static>() -> [CarrierFn; 16] {
    macro_rules! each {
        ($($n:literal)*) => { [$(carrier::<M, $n>()),*] };
    }
    each!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
}

/// The carrier of `id` in this world: the one it has, or a free one, which then is its own
/// for ever. `None` if all of the pool and of `more` are used up, or the world does not know
/// `id`.
pub(super) fn bind(world: &mut World, id: ComponentId, more: &[CarrierFn]) -> Option<CarrierFn> {
    world.components().get_info(id)?;
    let mut free = None;
    for carrier in POOL.as_flattened().iter().chain(more) {
        match bound(world, carrier) {
            Some([bound]) if *bound == id => return Some(*carrier),
            Some(_) => {}
            None => free = free.or(Some(*carrier)),
        }
    }
    let carrier = free?;
    BINDING.set(Some(id));
    (carrier.register)(world);
    BINDING.set(None);
    (bound(world, &carrier) == Some(&[id])).then_some(carrier)
}

/// The ids that the carrier was registered with in this world; `None` if it was not yet.
fn bound<'w>(world: &'w World, carrier: &CarrierFn) -> Option<&'w [ComponentId]> {
    let bundle = world.bundles().get_id(carrier.type_id)?;
    let info = world.bundles().get(bundle)?;
    Some(info.explicit_components())
}

impl CarrierFn {
    /// Takes the value out of the entity: its removal hooks run, then its bytes are copied to
    /// `destination`, and the entity has it no more. Says whether that happened, and what a
    /// hook, or a command that it queued, panicked with: the value may be taken even then.
    ///
    /// # Safety
    ///
    /// The entity is spawned, and belongs to the world that [`bind`] gave the carrier for.
    /// `destination` has room for the `size` bytes of the value of the component that it was
    /// bound to; if it was taken, it is the caller's to drop.
    pub(super) unsafe fn take(
        self,
        entity: &mut EntityWorldMut,
        destination: NonNull<u8>,
        size: usize,
    ) -> (bool, Result<(), Panic>) {
        DESTINATION.set(Some((destination.as_ptr(), size)));
        let result = panics::catch(|| (self.take)(entity));
        // `receive` has emptied it, and nothing but this function fills it.
        let taken = DESTINATION.take().is_none();
        (taken, result.map(drop))
    }
}
