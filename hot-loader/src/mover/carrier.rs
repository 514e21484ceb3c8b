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

use std::any::{Any, TypeId};
use std::cell::Cell;
use std::iter;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
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

/// What a panic carries.
pub(super) type Panic = Box<dyn Any + Send>;

/// A bundle type that stands for one component of each world. `M` makes more of them.
struct Carrier<M, const ROW: usize, const N: usize>(PhantomData<M>);

/// A type that can mark carriers.
pub trait Marker: Send + Sync + 'static {}

impl<M: Send + Sync + 'static> Marker for M {}

// SAFETY: the comments of `Bundle` (bundle/mod.rs) ask for valid ids, in the order of
// `get_components`. There is at most one id, `bind` hands over none but one that it has found
// in the world, and `get_components` is never called: a `Carrier` is made in
// `from_components` only, for `take`, which drops it, and both are private.
unsafe impl<M: Marker, const ROW: usize, const N: usize> Bundle for Carrier<M, ROW, N> {
    fn component_ids(
        _components: &mut ComponentsRegistrator,
    ) -> impl Iterator<Item = ComponentId> + use<M, ROW, N> {
        BINDING.get().into_iter()
    }

    fn get_component_ids(_components: &Components) -> impl Iterator<Item = Option<ComponentId>> {
        iter::once(None)
    }
}

impl<M: Marker, const ROW: usize, const N: usize> DynamicBundle for Carrier<M, ROW, N> {
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
unsafe impl<M: Marker, const ROW: usize, const N: usize> BundleFromComponents
    for Carrier<M, ROW, N>
{
    unsafe fn from_components<T, F>(ctx: &mut T, func: &mut F) -> Self
    where
        F: for<'a> FnMut(&'a mut T) -> OwningPtr<'a>,
    {
        receive(func(ctx));
        Self(PhantomData)
    }
}

/// Copies the value to the destination that `Binding::take` has set; it is the caller's then.
/// Not generic, so that each carrier compiles as little as possible.
#[inline(never)]
fn receive(value: OwningPtr<'_>) {
    if let Some((destination, size)) = DESTINATION.take() {
        // SAFETY: `Binding::take` was promised room for `size` bytes, the size of the
        // component that the carrier is bound to, and `value` is one of that component; the
        // memory of the caller and a component's storage do not overlap.
        unsafe { value.as_ptr().copy_to_nonoverlapping(destination, size) };
    }
}

/// One carrier, without its type: see [`carriers`].
#[derive(Clone, Copy)]
pub struct Carriage {
    type_id: TypeId,
    register: fn(&mut World),
    take: fn(&mut EntityWorldMut) -> bool,
}

impl Carriage {
    /// Tells it from all others.
    pub fn type_id(&self) -> TypeId {
        self.type_id
    }
}

const fn carriage<M: Marker, const ROW: usize, const N: usize>() -> Carriage {
    Carriage {
        type_id: TypeId::of::<Carrier<M, ROW, N>>(),
        register: |world| {
            world.register_bundle::<Carrier<M, ROW, N>>();
        },
        take: |entity| entity.take::<Carrier<M, ROW, N>>().is_some(),
    }
}

const fn row<M: Marker, const ROW: usize>() -> [Carriage; 16] {
    [
        carriage::<M, ROW, 0>(),
        carriage::<M, ROW, 1>(),
        carriage::<M, ROW, 2>(),
        carriage::<M, ROW, 3>(),
        carriage::<M, ROW, 4>(),
        carriage::<M, ROW, 5>(),
        carriage::<M, ROW, 6>(),
        carriage::<M, ROW, 7>(),
        carriage::<M, ROW, 8>(),
        carriage::<M, ROW, 9>(),
        carriage::<M, ROW, 10>(),
        carriage::<M, ROW, 11>(),
        carriage::<M, ROW, 12>(),
        carriage::<M, ROW, 13>(),
        carriage::<M, ROW, 14>(),
        carriage::<M, ROW, 15>(),
    ]
}

/// The marker of the carriers that this crate brings.
enum Own {}

/// How many components with drop glue can move by their bytes in the life of one world
/// without [`carriers`] of the caller: 64. Each costs some 70 ms of compile time at
/// opt-level 1, 14 ms at 0, and 6 KiB of code.
static POOL: [[Carriage; 16]; 4] = [
    row::<Own, 0>(),
    row::<Own, 1>(),
    row::<Own, 2>(),
    row::<Own, 3>(),
];

/// Sixteen carriers of the caller's own, for the `more` of `prepare`: no world runs out
/// of carriers whose caller passes those of a new marker type now and then. They are compiled
/// where this is called. A crate that is rebuilt under another `-C metadata` has new types,
/// and a marker of its own is a new one each time.
#[must_use]
pub const fn carriers<M: Marker>() -> [Carriage; 16] {
    row::<M, 0>()
}

/// A carrier that is bound to one component of one world.
#[derive(Clone, Copy)]
pub(super) struct Binding {
    take: fn(&mut EntityWorldMut) -> bool,
    size: usize,
}

/// The carrier of `id` in this world: the one it has, or a free one, which then is its own
/// for ever. `None` if all of the pool and of `more` are used up, or the world does not know
/// `id`.
pub(super) fn bind(world: &mut World, id: ComponentId, more: &[Carriage]) -> Option<Binding> {
    let size = world.components().get_info(id)?.layout().size();
    let mut free = None;
    for carriage in POOL.as_flattened().iter().chain(more) {
        match bound(world, carriage) {
            Some([bound]) if *bound == id => {
                return Some(Binding {
                    take: carriage.take,
                    size,
                });
            }
            Some(_) => {}
            None => free = free.or(Some(carriage)),
        }
    }
    let carriage = free?;
    BINDING.set(Some(id));
    (carriage.register)(world);
    BINDING.set(None);
    (bound(world, carriage) == Some(&[id])).then_some(Binding {
        take: carriage.take,
        size,
    })
}

/// The ids that the carrier was registered with in this world; `None` if it was not yet.
fn bound<'w>(world: &'w World, carriage: &Carriage) -> Option<&'w [ComponentId]> {
    let bundle = world.bundles().get_id(carriage.type_id)?;
    let info = world.bundles().get(bundle)?;
    Some(info.explicit_components())
}

impl Binding {
    /// Takes the value out of the entity: its removal hooks run, then its bytes are copied to
    /// `destination`, and the entity has it no more. Says whether that happened, and what a
    /// hook, or a command that it queued, panicked with: the value may be taken even then.
    ///
    /// # Safety
    ///
    /// The entity is spawned, and belongs to the world that the carrier was bound in.
    /// `destination` has room for the value; if it was taken, it is the caller's to drop.
    pub(super) unsafe fn take(
        self,
        entity: &mut EntityWorldMut,
        destination: NonNull<u8>,
    ) -> (bool, Result<(), Panic>) {
        DESTINATION.set(Some((destination.as_ptr(), self.size)));
        let result = catch_unwind(AssertUnwindSafe(|| (self.take)(entity)));
        // `receive` has emptied it, and nothing but this function fills it.
        let taken = DESTINATION.take().is_none();
        (taken, result.map(drop))
    }
}
