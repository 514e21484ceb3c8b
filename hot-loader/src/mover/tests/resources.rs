//! Resources, which are components of entities that a mark finds.

use bevy::ecs::resource::IsResource;
use bevy::prelude::*;

use super::super::{Cause, How};
use super::*;

#[derive(Resource)]
struct Score(u32);
#[derive(Resource)]
struct Score2(u32);
#[derive(Resource)]
struct Text(Counted);
#[derive(Resource)]
struct Text2(Counted);
#[derive(Resource)]
struct Long(u64);

#[test]
fn resources_move_with_their_entity() {
    let probe = Arc::new(());
    let mut world = World::new();
    world.insert_resource(Score(7));
    world.insert_resource(Text(Counted(probe.clone(), 8)));
    world.increment_change_tick();
    world.resource_mut::<Score>().0 += 1;
    for _ in 0..3 {
        let score = world.register_component::<Score>();
        let score2 = world.register_component::<Score2>();
        let home = world.resource_entities().get(score).unwrap();
        let before = ticks(&world, home, score);
        world.increment_change_tick();
        let columns = vec![
            bytes::<Score, Score2>(&mut world),
            bytes::<Text, Text2>(&mut world),
        ];
        clean(&mut world, columns);
        assert_eq!((count::<Score2>(&world), count::<Text2>(&world)), (1, 1));
        assert_eq!(world.resource_entities().get(score2), Some(home));
        assert_eq!(world.resource_entities().get(score), None);
        let mark = world.get::<IsResource>(home).unwrap();
        assert_eq!(mark.resource_component_id(), score2);
        assert_eq!(ticks(&world, home, score2), before);
        assert_eq!(world.resource::<Score2>().0, 8);
        assert!(world.contains_resource_by_id(score2) && !world.contains_resource_by_id(score));
        assert!(world.resource_ref::<Score2>().last_changed() == before.1);
        let read = |score: Res<Score2>, text: Res<Text2>, old: Option<Res<Score>>| {
            (score.0, text.0.1, old.is_some())
        };
        assert_eq!(world.run_system_cached(read).unwrap(), (8, 8, false));
        assert_eq!(Arc::strong_count(&probe), 2);
        let back = vec![
            bytes::<Score2, Score>(&mut world),
            bytes::<Text2, Text>(&mut world),
        ];
        clean(&mut world, back);
    }
    assert_eq!(world.resource::<Score>().0, 8);
    drop(world);
    assert_eq!(Arc::strong_count(&probe), 1);
}

#[test]
fn resources_are_converted_and_dropped() {
    let probe = Arc::new(());
    let mut world = World::new();
    world.insert_resource(Score(7));
    world.insert_resource(Text(Counted(probe.clone(), 8)));
    // The mark of a resource that was removed stays on its entity.
    world.insert_resource(Long(0));
    world.remove_resource::<Long>();
    let make = by(|_, score: &Score| Ok(Long(score.0.into())));
    let columns = vec![
        converted::<Score, Long>(&mut world, make),
        column::<Text, Text2>(&mut world, How::Drop),
    ];
    clean(&mut world, columns);
    assert_eq!((count::<Long>(&world), count::<Text2>(&world)), (1, 0));
    assert_eq!(world.resource::<Long>().0, 7);
    assert!(!world.contains_resource::<Text>() && !world.contains_resource::<Text2>());
    assert_eq!(Arc::strong_count(&probe), 1);
    world.insert_resource(Text2(Counted(probe.clone(), 9)));
    world.insert_resource(Text(Counted(probe, 9)));
    let columns = vec![bytes::<Text, Text2>(&mut world)];
    let failure = aside(&mut world, columns).err().unwrap();
    assert!(matches!(failure.cause, Cause::Unfit(_)));
}
