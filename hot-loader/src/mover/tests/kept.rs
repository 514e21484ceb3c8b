//! Old values that are kept, and come back.

use std::collections::HashSet;

use bevy::prelude::*;

use super::super::{Kept, make};
use super::*;

#[derive(Component)]
struct Old(Counted, u32);
#[derive(Component, PartialEq, Debug)]
struct New(u32);
#[derive(Component)]
struct Plain(u32, u32);
#[derive(Component, PartialEq, Debug)]
struct Plain2(u32);
#[derive(Component)]
struct Again(Counted, u32);

fn old_values(world: &mut World, probe: &Arc<()>) -> Vec<Entity> {
    let old = |it| Old(Counted(probe.clone(), it), 10 + it);
    (0..3)
        .map(|it| world.spawn((old(it), Plain(it, 20 + it))).id())
        .collect()
}

#[test]
fn converted_values_are_kept_and_come_back_once() {
    let (mut world, probe) = (World::new(), Arc::new(()));
    let entities = old_values(&mut world, &probe);
    let columns = vec![
        {
            let make = by::<Old, New>(|_, old| Ok(New(old.0.1)));
            converted::<Old, New>(&mut world, make)
        },
        {
            let make = by::<Plain, Plain2>(|_, old| Ok(Plain2(old.0)));
            converted::<Plain, Plain2>(&mut world, make)
        },
    ];
    let olds: HashSet<_> = columns.iter().map(|it| it.old).collect();
    let mut aside = aside(&mut world, columns).unwrap();
    aside.keep(&mut world, &olds);
    let moved = aside.commit(&mut world);
    let kept = |it: &Kept| it.values().count();
    assert!(moved.kept.iter().map(kept).eq([3, 3]) && moved.lost.is_empty());
    for (n, entity) in (0..).zip(&entities) {
        assert_eq!(world.get::<New>(*entity), Some(&New(n)));
        assert_eq!(world.get::<Plain2>(*entity), Some(&Plain2(n)));
        assert!(!world.entity(*entity).contains::<Old>());
    }
    assert_eq!(Arc::strong_count(&probe), 1 + 3, "kept, and not twice");
    world.despawn(entities[1]);

    let id = world.register_component::<Old>();
    let kept = moved.kept.into_iter().find(|it| it.component() == id);
    let mut kept = kept.unwrap();
    drop(kept.take_of(|entity| world.get_entity(entity).is_err()));
    assert_eq!(
        Arc::strong_count(&probe),
        1 + 2,
        "what is despawned is dropped"
    );
    let again = world.register_component::<Again>();
    let mut convert = by::<Old, Again>(|_, old| Ok(Again(old.0.clone(), old.1)));
    // SAFETY: the values are of `Old`, and the conversion is to `Again`.
    let made = unsafe { make(&world, again, &mut convert, kept.values().collect()) };
    // SAFETY: they are of `Again`.
    assert_eq!(unsafe { made.unwrap().put_back(&mut world, again) }, 2);
    let first = kept.take_of(|entity| entity == entities[0]);
    // SAFETY: they are of `Old`.
    assert_eq!(unsafe { first.put_back(&mut world, id) }, 1);
    assert_eq!(world.get::<Again>(entities[2]).unwrap().1, 12);
    assert_eq!(world.get::<Old>(entities[0]).unwrap().1, 10);
    drop(kept);
    drop(world);
    assert_eq!(Arc::strong_count(&probe), 1, "each was dropped once");
}

#[test]
fn a_lenient_column_keeps_what_it_refuses() {
    let (mut world, probe) = (World::new(), Arc::new(()));
    let entities = old_values(&mut world, &probe);
    let make = || {
        by::<Old, New>(|_, old| match old.0.1 {
            1 => Err("no".into()),
            n => Ok(New(n)),
        })
    };
    let strict = converted::<Old, New>(&mut world, make());
    assert!(aside(&mut world, vec![strict]).is_err());
    let mut column = converted::<Old, New>(&mut world, make());
    column.is_lenient = true;
    let moved = moved(&mut world, vec![column]);
    assert_eq!((moved.refused.len(), moved.lost.len()), (1, 0));
    assert_eq!(count::<New>(&world), 2);
    assert_eq!(moved.refused[0].entity, Some(entities[1]));
    assert_eq!(world.get::<New>(entities[2]), Some(&New(2)));
    let there = world.entity(entities[1]);
    assert!(!there.contains::<New>() && !there.contains::<Old>());
    assert!(there.contains::<Plain>(), "its others stay");
    assert!(moved.kept.iter().all(Kept::is_empty));
    let mut kept = moved.set_aside.into_iter();
    let kept = kept.next().unwrap();
    let values: Vec<_> = kept.values().map(|(entity, _)| entity).collect();
    assert_eq!(values, [entities[1]]);
    assert_eq!(
        Arc::strong_count(&probe),
        1 + 1,
        "converted ones are dropped"
    );
    drop(kept);
    assert_eq!(Arc::strong_count(&probe), 1);
}

#[test]
fn what_a_hook_puts_in_the_place_of_a_refused_value_is_refused_too() {
    #[derive(Resource)]
    struct First(Entity, Arc<()>);
    let (mut world, probe) = (World::new(), Arc::new(()));
    world
        .register_component_hooks::<New>()
        .on_insert(|mut world, it| {
            if world.get::<New>(it.entity) == Some(&New(2)) {
                let First(first, probe) = world.resource();
                let again = [7, 8].map(|number| Old(Counted(probe.clone(), number), 0));
                let (first, [here, elsewhere]) = (*first, again);
                world.commands().entity(first).insert(here);
                world.commands().spawn((elsewhere, Plain(0, 0)));
            }
        });
    let entities = old_values(&mut world, &probe);
    world.insert_resource(First(entities[0], probe.clone()));
    let make = by::<Old, New>(|_, old| match old.0.1 {
        0 => Err("no".into()),
        number => Ok(New(number)),
    });
    let mut column = converted::<Old, New>(&mut world, make);
    column.is_lenient = true;
    let moved = moved(&mut world, vec![column]);
    let mut new = world.query::<&New>();
    let mut new: Vec<_> = new.iter(&world).map(|it| it.0).collect();
    new.sort_unstable();
    assert_eq!(new, [1, 2, 8]);
    assert!(!world.entity(entities[0]).contains::<New>());
    assert_eq!(moved.refused.len(), 1);
    drop(moved);
    world.remove_resource::<First>();
    assert_eq!(Arc::strong_count(&probe), 1);
}

#[test]
fn a_resource_is_refused_as_ever() {
    #[derive(Resource)]
    struct Was(u32);
    #[derive(Resource)]
    struct Is;
    let mut world = World::new();
    world.insert_resource(Was(1));
    let make = by::<Was, Is>(|_, was| match was.0 {
        0 => Ok(Is),
        _ => Err("no".into()),
    });
    let mut column = converted::<Was, Is>(&mut world, make);
    column.is_lenient = true;
    assert!(aside(&mut world, vec![column]).is_err());
    assert_eq!(world.resource::<Was>().0, 1);
}
