//! Relationships of the module: both sides, their order, and foreign ones.

use bevy::prelude::*;

use super::super::{Cause, How};
use super::*;

macro_rules! relation {
    ($of:ident $list:ident $($linked:ident)?) => {
        #[derive(Component, Debug, PartialEq)]
        #[relationship(relationship_target = $list)]
        struct $of {
            #[relationship]
            to: Entity,
            weight: u32,
        }
        #[derive(Component)]
        #[relationship_target(relationship = $of $(, $linked)?)]
        struct $list(Vec<Entity>);
    };
}
relation!(PartOf Parts linked_spawn);
relation!(PartOf2 Parts2 linked_spawn);

fn columns(world: &mut World) -> Vec<Column<'static>> {
    vec![
        bytes::<Parts, Parts2>(world),
        bytes::<PartOf, PartOf2>(world),
    ]
}

#[derive(Component)]
struct Name2(String);
#[derive(Component)]
struct Name1(String);

#[test]
fn both_sides_keep_order_and_ticks() {
    let mut world = World::new();
    let roots: Vec<_> = (0..3)
        .map(|_| world.spawn(Name1("root".into())).id())
        .collect();
    let parts: Vec<_> = (0..30)
        .map(|it| {
            world.increment_change_tick();
            let to = roots[it % 3];
            world
                .spawn((PartOf { to, weight: 5 }, Name1("part".into()), ChildOf(to)))
                .id()
        })
        .collect();
    // Out of the order of the table, and of another archetype.
    world
        .entity_mut(parts[4])
        .remove::<PartOf>()
        .insert(PartOf {
            to: roots[1],
            weight: 5,
        });
    world.entity_mut(parts[9]).remove::<Name1>();
    world.entity_mut(parts[12]).despawn();
    let count = world.entities().count_spawned();
    let lists: Vec<_> = roots
        .iter()
        .map(|&it| world.get::<Parts>(it).unwrap().0.clone())
        .collect();
    let children: Vec<Vec<Entity>> = roots
        .iter()
        .map(|&it| world.get::<Children>(it).unwrap().to_vec())
        .collect();
    let before = (
        ticks_of::<PartOf>(&world, parts[5]),
        ticks_of::<Parts>(&world, roots[1]),
    );
    world.increment_change_tick();
    let mut all = columns(&mut world);
    all.push(bytes::<Name1, Name2>(&mut world));
    let moved = clean(&mut world, all);
    assert_eq!(moved.rebuilt, [std::any::type_name::<Parts>()]);
    assert!(moved.hooks.iter().any(|it| it.ends_with("PartOf2")));
    assert_eq!(world.entities().count_spawned(), count);
    for ((&root, list), children) in roots.iter().zip(&lists).zip(&children) {
        assert_eq!(&world.get::<Parts2>(root).unwrap().0, list);
        assert_eq!(&world.get::<Children>(root).unwrap().to_vec(), children);
        for &part in list {
            let of = world.get::<PartOf2>(part).unwrap();
            assert_eq!(
                of,
                &PartOf2 {
                    to: root,
                    weight: 5
                }
            );
        }
    }
    let after = (
        ticks_of::<PartOf2>(&world, parts[5]),
        ticks_of::<Parts2>(&world, roots[1]),
    );
    assert_eq!(after, before);
    // The new relationship works.
    world.entity_mut(roots[0]).despawn();
    assert!(world.get_entity(parts[0]).is_err() && world.get_entity(parts[1]).is_ok());
}

#[test]
fn a_source_with_drop_glue_or_converted() {
    #[derive(Default)]
    struct Tag(Option<Arc<()>>, u32);
    #[derive(Component)]
    #[relationship(relationship_target = Owned)]
    struct Owner {
        #[relationship]
        to: Entity,
        value: Tag,
    }
    #[derive(Component)]
    #[relationship_target(relationship = Owner)]
    struct Owned(Vec<Entity>);
    #[derive(Component)]
    #[relationship(relationship_target = Owned2)]
    struct Owner2 {
        #[relationship]
        to: Entity,
        value: Tag,
    }
    #[derive(Component)]
    #[relationship_target(relationship = Owner2)]
    struct Owned2(Vec<Entity>);
    #[derive(Component)]
    #[relationship(relationship_target = Owned3)]
    struct Owner3(#[relationship] Entity, u8);
    #[derive(Component)]
    #[relationship_target(relationship = Owner3)]
    struct Owned3(Vec<Entity>);

    let probe = Arc::new(());
    let mut world = World::new();
    let root = world.spawn_empty().id();
    let parts: Vec<_> = (0..9)
        .map(|it| {
            let value = Tag(Some(probe.clone()), it);
            world.spawn(Owner { to: root, value }).id()
        })
        .collect();
    let all = vec![
        bytes::<Owner, Owner2>(&mut world),
        bytes::<Owned, Owned2>(&mut world),
    ];
    clean(&mut world, all);
    assert_eq!(count::<Owner2>(&world), 9);
    assert_eq!(Arc::strong_count(&probe), 10);
    assert_eq!(world.get::<Owned2>(root).unwrap().0, parts);
    for (it, &part) in (0..).zip(&parts) {
        let owner = world.get::<Owner2>(part).unwrap();
        assert_eq!((owner.to, owner.value.1), (root, it));
    }
    let make = by(|_, it: &Owner2| Ok(Owner3(it.to, it.value.1.try_into().unwrap())));
    let all = vec![
        converted::<Owner2, Owner3>(&mut world, make),
        bytes::<Owned2, Owned3>(&mut world),
    ];
    clean(&mut world, all);
    assert_eq!(Arc::strong_count(&probe), 1);
    assert_eq!(world.get::<Owned3>(root).unwrap().0, parts);
    assert_eq!(world.get::<Owner3>(parts[8]).unwrap().1, 8);
    let all = vec![
        column::<Owner3, Owner>(&mut world, How::Drop),
        column::<Owned3, Owned>(&mut world, How::Drop),
    ];
    clean(&mut world, all);
    assert_eq!((count::<Owner>(&world), count::<Owned>(&world)), (0, 0));
    assert!(world.get_entity(root).is_ok());
}

#[test]
fn one_to_one_moves() {
    #[derive(Component)]
    #[relationship(relationship_target = View)]
    struct ViewOf(Entity);
    #[derive(Component)]
    #[relationship_target(relationship = ViewOf)]
    struct View(Entity);
    #[derive(Component)]
    #[relationship(relationship_target = View2)]
    struct ViewOf2(Entity);
    #[derive(Component)]
    #[relationship_target(relationship = ViewOf2)]
    struct View2(Entity);

    let mut world = World::new();
    let pairs: Vec<_> = (0..5)
        .map(|_| {
            let seen = world.spawn_empty().id();
            (seen, world.spawn(ViewOf(seen)).id())
        })
        .collect();
    let all = vec![
        bytes::<ViewOf, ViewOf2>(&mut world),
        bytes::<View, View2>(&mut world),
    ];
    clean(&mut world, all);
    for (seen, by) in pairs {
        assert_eq!(world.get::<View2>(seen).unwrap().0, by);
        assert_eq!(world.get::<ViewOf2>(by).unwrap().0, seen);
    }
}

#[test]
fn a_target_alone_is_refused() {
    let mut world = World::new();
    let root = world.spawn_empty().id();
    world.spawn(PartOf {
        to: root,
        weight: 1,
    });
    world.register_component::<PartOf2>();
    let alone = vec![bytes::<Parts, Parts2>(&mut world)];
    let failure = aside(&mut world, alone).err().unwrap();
    assert!(matches!(failure.cause, Cause::Unfit(_)));
}

#[test]
fn queries_visit_sources_in_the_order_of_before() {
    let mut world = World::new();
    let roots: Vec<_> = (0..2).map(|_| world.spawn_empty().id()).collect();
    for it in 0..10 {
        let to = roots[it % 2];
        world.spawn(PartOf { to, weight: 1 });
    }
    let mut query = world.query_filtered::<Entity, With<PartOf>>();
    let before: Vec<_> = query.iter(&world).collect();
    let all = columns(&mut world);
    clean(&mut world, all);
    let mut query = world.query_filtered::<Entity, With<PartOf2>>();
    let after: Vec<_> = query.iter(&world).collect();
    assert_eq!(after, before);
}
