//! Hooks and required components: user code that runs while values move.

use bevy::ecs::lifecycle::HookContext;
use bevy::ecs::world::DeferredWorld;
use bevy::prelude::*;

use super::super::Cause;
use super::*;

#[derive(Component)]
struct Old(Counted);
#[derive(Component)]
struct New(Counted);
#[derive(Component, Clone, Copy)]
struct Plain(u32);
#[derive(Component, Clone, Copy)]
struct Plain2(u32);

fn pair(world: &mut World) -> Vec<Column<'static>> {
    vec![bytes::<Old, New>(world), bytes::<Plain, Plain2>(world)]
}

fn fill(world: &mut World, probe: &Arc<()>) -> Vec<Entity> {
    let one = |it| (Old(Counted(probe.clone(), it)), Plain(it));
    (0..20).map(|it| world.spawn(one(it)).id()).collect()
}

#[test]
fn hooks_run_and_are_named() {
    let probe = Arc::new(());
    let mut world = World::new();
    world.register_component_hooks::<Old>().on_remove(
        |mut world: DeferredWorld, it: HookContext| {
            let mut old = world.get_mut::<Old>(it.entity).unwrap();
            // Frees what was there when the move began.
            let probe = old.0.0.clone();
            let number = old.0.1;
            old.0 = Counted(probe, number + 100);
        },
    );
    world.register_component_hooks::<Plain2>().on_insert(
        |world: DeferredWorld, it: HookContext| {
            let entity = world.entity(it.entity);
            assert_eq!(
                entity.get::<New>().unwrap().0.1,
                entity.get::<Plain2>().unwrap().0 + 100
            );
        },
    );
    let entities = fill(&mut world, &probe);
    let columns = pair(&mut world);
    let moved = clean(&mut world, columns);
    let names = [
        std::any::type_name::<Old>(),
        std::any::type_name::<Plain2>(),
    ];
    assert_eq!(moved.hooks, names);
    assert_eq!(world.get::<New>(entities[3]).unwrap().0.1, 103);
    assert_eq!(Arc::strong_count(&probe), 21);
}

#[test]
fn hooks_that_spawn_and_despawn() {
    let probe = Arc::new(());
    let mut world = World::new();
    world.register_component_hooks::<Old>().on_remove(
        |mut world: DeferredWorld, it: HookContext| {
            let old = world.get::<Old>(it.entity).unwrap();
            let (number, probe) = (old.0.1, old.0.0.clone());
            if number == 5 {
                world
                    .commands()
                    .spawn((Old(Counted(probe, 1000)), Plain(1000)));
            } else if number == 6 {
                world.commands().entity(it.entity).despawn();
            } else if number == 7 {
                // One that has not moved yet, since they move in their order.
                let mut commands = world.commands();
                commands.queue(|world: &mut World| {
                    let mut olds = world.query::<(Entity, &Old)>();
                    let found = olds.iter(world).find(|it| it.1.0.1 == 12).map(|it| it.0);
                    if let Some(found) = found {
                        world.entity_mut(found).remove::<(Old, Plain)>();
                    }
                });
            }
        },
    );
    let entities = fill(&mut world, &probe);
    let columns = pair(&mut world);
    clean(&mut world, columns);
    assert!(world.get_entity(entities[6]).is_err());
    assert!(!world.entity(entities[12]).contains::<New>());
    let mut news = world.query::<&New>();
    assert_eq!(news.iter(&world).filter(|it| it.0.1 == 1000).count(), 1);
    assert_eq!(news.iter(&world).count(), 19);
    assert_eq!(count::<Plain2>(&world), 19);
    assert_eq!(Arc::strong_count(&probe), 20);
}

#[test]
fn converted_values_of_vanished_entities_are_dropped() {
    let probe = Arc::new(());
    let mut world = World::new();
    world.register_component_hooks::<Plain>().on_remove(
        |mut world: DeferredWorld, it: HookContext| {
            if world.get::<Plain>(it.entity).unwrap().0.is_multiple_of(2) {
                world.commands().entity(it.entity).despawn();
            }
        },
    );
    for it in 0..20 {
        world.spawn((Plain(it), Old(Counted(probe.clone(), it))));
    }
    let make = by(|_, it: &Plain| Ok(New(Counted(probe.clone(), it.0))));
    let columns = vec![converted::<Plain, New>(&mut world, make)];
    clean(&mut world, columns);
    assert_eq!(count::<New>(&world), 10);
    assert_eq!(Arc::strong_count(&probe), 1 + 2 * 10);
}

#[test]
fn a_hook_that_puts_it_back_ends() {
    let probe = Arc::new(());
    let mut world = World::new();
    world.register_component_hooks::<Plain>().on_remove(
        |mut world: DeferredWorld, it: HookContext| {
            let plain = *world.get::<Plain>(it.entity).unwrap();
            world.commands().spawn(plain);
        },
    );
    world.spawn((Plain(1), Old(Counted(probe, 1))));
    let columns = pair(&mut world);
    let moved = moved(&mut world, columns);
    assert_eq!(moved.left.len(), 1);
    assert_eq!(moved.left[0].cause, Cause::Hooks);
}

#[test]
fn panics_are_named_and_the_rest_moves() {
    let probe = Arc::new(());
    let mut world = World::new();
    let fail = |number: u32| assert!(number != 4, "four");
    let fail: fn(u32) = fail;
    static HOOK: std::sync::OnceLock<fn(u32)> = std::sync::OnceLock::new();
    HOOK.get_or_init(|| fail);
    world.register_component_hooks::<Plain2>().on_insert(
        |world: DeferredWorld, it: HookContext| {
            HOOK.get().unwrap()(world.get::<Plain2>(it.entity).unwrap().0);
        },
    );
    world.register_component_hooks::<Old>().on_discard(
        |mut world: DeferredWorld, it: HookContext| match world.get::<Old>(it.entity).unwrap().0.1 {
            9 => panic!("nine"),
            11 => world.commands().queue(|_: &mut World| panic!("eleven")),
            _ => {}
        },
    );
    let entities = fill(&mut world, &probe);
    let columns = pair(&mut world);
    let result = moved(&mut world, columns);
    let said: Vec<_> = result
        .panics
        .iter()
        .map(|it| (it.entity, it.cause.clone()))
        .collect();
    assert!(said.contains(&(Some(entities[4]), Cause::Panicked("four".to_owned()))));
    assert!(said.contains(&(Some(entities[9]), Cause::Panicked("nine".to_owned()))));
    assert!(said.contains(&(Some(entities[11]), Cause::Panicked("eleven".to_owned()))));
    assert_eq!(result.left.len(), 2, "{:?}", result.left);
    assert!(result.left.iter().all(|it| it.entity == Some(entities[9])));
    assert!(result.lost.is_empty(), "{:?}", result.lost);
    for (index, &entity) in entities.iter().enumerate() {
        let entity = world.entity(entity);
        let number = entity
            .get::<New>()
            .map(|it| usize::try_from(it.0.1).unwrap());
        assert_eq!(number, (index != 9).then_some(index));
        assert!(entity.contains::<Plain2>() || index == 9 || index == 11);
    }
    // The list of ids that panicked works again.
    let back = vec![
        bytes::<New, Old>(&mut world),
        bytes::<Plain2, Plain>(&mut world),
    ];
    moved(&mut world, back);
    for entity in &entities {
        if let Ok(mut entity) = world.get_entity_mut(*entity)
            && entity
                .get::<Old>()
                .is_some_and(|it| matches!(it.0.1, 4 | 9 | 11))
        {
            entity.get_mut::<Old>().unwrap().0.1 = 200;
            entity.insert(Plain(200));
        }
    }
    let columns = pair(&mut world);
    clean(&mut world, columns);
    let mut all = world.query::<(&New, &Plain2)>();
    assert_eq!(all.iter(&world).filter(|it| it.0.0.1 < 200).count(), 17);
    drop(world);
    assert_eq!(Arc::strong_count(&probe), 1);
}

#[test]
fn what_was_not_there_is_not_added() {
    #[derive(Component, Default)]
    struct Needed;
    #[derive(Component, Default)]
    #[require(Deeper)]
    struct Asked(u32);
    #[derive(Component, Default)]
    struct Deeper;
    #[derive(Component)]
    struct Body(u32);
    #[derive(Component)]
    #[require(Asked, Needed)]
    struct Body2(u32);

    let mut world = World::new();
    world.register_component_hooks::<Deeper>().on_add(|_, _| {});
    let bare = world.spawn(Body(1)).id();
    let with = world.spawn((Body(2), Asked(7))).id();
    let columns = vec![bytes::<Body, Body2>(&mut world)];
    let moved = clean(&mut world, columns);
    assert_eq!(moved.hooks, [std::any::type_name::<Deeper>()]);
    let entity = world.entity(bare);
    assert_eq!(entity.get::<Body2>().unwrap().0, 1);
    assert_eq!(entity.archetype().component_count(), 1);
    let entity = world.entity(with);
    assert_eq!(entity.get::<Body2>().unwrap().0, 2);
    assert_eq!(entity.get::<Asked>().unwrap().0, 7);
    assert_eq!(entity.archetype().component_count(), 3);
}

#[test]
fn late_values_that_cannot_be_converted_are_named() {
    let probe = Arc::new(());
    let mut world = World::new();
    world.register_component_hooks::<Plain>().on_remove(
        |mut world: DeferredWorld, it: HookContext| {
            if world.get::<Plain>(it.entity).unwrap().0 == 3 {
                world.commands().spawn_batch([Plain(50), Plain(51)]);
            }
        },
    );
    fill(&mut world, &probe);
    let make = by(|_, it: &Plain| {
        let late = it.0 >= 50;
        (!late).then_some(Plain2(it.0)).ok_or_else(|| "late".into())
    });
    let columns = vec![
        bytes::<Old, New>(&mut world),
        converted::<Plain, Plain2>(&mut world, make),
    ];
    let result = moved(&mut world, columns);
    assert_eq!((count::<New>(&world), result.left.len()), (20, 0));
    assert_eq!(result.lost.len(), 2);
    assert_eq!(result.lost[0].cause, Cause::Refused("late".to_owned()));
    assert_eq!(world.query::<&Plain2>().iter(&world).count(), 20);
}
