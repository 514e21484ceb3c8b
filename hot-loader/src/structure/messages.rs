//! Messages whose types came with an edit: the engine's list of the messages that it
//! updates each frame is private, and knows a type by the world in which it was added.
//!
//! So the queue of such a type is updated in a world in which the type was recorded: it
//! is swapped in by its bytes, updated there by the engine's own code, and swapped back,
//! each frame. That world has a queue of its own, so nothing is ever in two places.

use super::transfer::{has, swap};
use bevy::ecs::{
    change_detection::{DetectChangesMut, Mut, Tick},
    message::{MessageRegistry, ShouldUpdateMessages},
    world::World,
};
use core::any::TypeId;

/// The messages that came with edits: worlds that know how to update them, and queues.
#[derive(Default)]
pub struct AdoptedMessages(Vec<(World, Vec<TypeId>)>);

impl AdoptedMessages {
    /// Lets `recorded` update `queues`.
    pub fn adopt(&mut self, recorded: World, queues: Vec<TypeId>) {
        if !queues.is_empty() {
            self.0.push((recorded, queues));
        }
    }

    /// Forgets queues that are in `world` no more, since their types are not.
    pub fn forget_gone(&mut self, world: &World) {
        self.0.retain_mut(|(_, queues)| {
            queues.retain(|queue| has(world, *queue));
            !queues.is_empty()
        });
    }

    /// Updates their queues, in the frames in which the engine updates its own. To be
    /// called before the frame's first schedule.
    pub fn update(&mut self, world: &mut World) {
        let registry = world.get_resource::<MessageRegistry>();
        if registry.is_some_and(|it| matches!(it.should_update, ShouldUpdateMessages::Waiting)) {
            return;
        }
        for (recorded, queues) in &mut self.0 {
            run(world, recorded, queues);
        }
    }
}

/// Empties queues: the engine drops a message at the second update.
pub fn clear(world: &mut World, recorded: &mut World, queues: &[TypeId]) {
    run(world, recorded, queues);
    run(world, recorded, queues);
}

/// Updates queues in the world that knows how.
fn run(world: &mut World, recorded: &mut World, queues: &[TypeId]) {
    let mut swapped = queues.to_vec();
    swapped.retain(|queue| swap(world, recorded, *queue));
    recorded.increment_change_tick();
    for queue in &swapped {
        let id = recorded.components().get_id(*queue);
        if let Some(mut queue) = id.and_then(|id| recorded.get_resource_mut_by_id(id)) {
            queue.set_changed();
        }
    }
    let tick = recorded.last_change_tick();
    recorded.try_resource_scope(|recorded, mut registry: Mut<MessageRegistry>| {
        registry.run_updates(recorded, Tick::new(tick.get()));
    });
    for queue in swapped {
        swap(world, recorded, queue);
    }
}
