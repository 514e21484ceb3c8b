//! Takes the value of one component out of an entity without dropping it. It must not
//! decide which values move.
//!
//! The public interface of Bevy forgets a value in one place only, `EntityWorldMut::take`
//! (world/entity_access/world_mut.rs), and for a bundle *type* only. So a carrier is a
//! bundle type of our own that stands for one `ComponentId`. `Bundles::register_info`
//! (bundle/info.rs) asks a bundle type for its ids once per world and keeps the answer for
//! ever: each carrier is bound to one id of each world, and a pool of them can be used up.
//! What `Bundles` keeps is also the only record of the bindings, since a record of our own
//! could be lost or be wrong.

use crate::panics::{self, Panic};
use bevy::ecs::{
    component::ComponentId,
    world::{EntityWorldMut, World},
};
use hot_loader_face::carrier::{CarrierFn, Carriers, carriers};
use std::ptr::NonNull;

/// The markers of the carriers that this crate brings.
enum Own<const ROW: usize> {}

/// How many components with drop glue can move by their bytes in the life of one world
/// without carriers of the generations: 64. Most games need no more.
static POOL: [Carriers; 4] = [
    carriers::<Own<0>>(),
    carriers::<Own<1>>(),
    carriers::<Own<2>>(),
    carriers::<Own<3>>(),
];

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
    // SAFETY: it does, see above.
    unsafe { (carrier.register)(world, id) };
    (bound(world, &carrier) == Some(&[id])).then_some(carrier)
}

/// How many of the pool and of `more` stand for nothing in this world yet.
pub fn unbound(world: &World, more: &[CarrierFn]) -> usize {
    let all = POOL.as_flattened().iter().chain(more);
    all.filter(|it| bound(world, it).is_none()).count()
}

/// The ids that the carrier was registered with in this world; `None` if it was not yet.
fn bound<'w>(world: &'w World, carrier: &CarrierFn) -> Option<&'w [ComponentId]> {
    let bundle = world.bundles().get_id(carrier.type_id)?;
    let info = world.bundles().get(bundle)?;
    Some(info.explicit_components())
}

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
    carrier: CarrierFn,
    entity: &mut EntityWorldMut,
    destination: NonNull<u8>,
    size: usize,
) -> (bool, Result<(), Panic>) {
    (carrier.aim)(Some((destination.as_ptr(), size)));
    // SAFETY: the caller's.
    let result = panics::catch(|| unsafe { (carrier.take)(entity) });
    // It is emptied when a value comes, and nothing but this function fills it.
    let taken = (carrier.aim)(None).is_none();
    (taken, result.map(drop))
}
