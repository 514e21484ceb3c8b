//! Values, storages, ticks, and that a refusal leaves the world as it is.

use bevy::ecs::entity_disabling::Disabled;
use bevy::ecs::query::Allow;
use bevy::prelude::*;

use super::super::{Cause, How};
use super::*;

#[derive(Component, Clone, Copy, PartialEq, Debug)]
struct A(u32);
#[derive(Component, Clone, Copy, PartialEq, Debug)]
struct A2(u32);
#[derive(Component)]
struct Drops(Counted);
#[derive(Component)]
struct Drops2(Counted);
#[derive(Component)]
#[component(storage = "SparseSet")]
struct Sparse(Counted);
#[derive(Component)]
#[component(storage = "SparseSet")]
struct Sparse2(Counted);
#[derive(Component)]
struct Kept(String);
#[derive(Component)]
#[component(immutable)]
struct Fixed(Counted);
#[derive(Component)]
#[component(immutable, storage = "SparseSet")]
struct Fixed2(Counted);
#[derive(Component, Clone, Copy, PartialEq, Debug)]
struct Wide(u64, u64);

fn pairs(world: &mut World) -> Vec<Column<'static>> {
    vec![
        bytes::<A, A2>(world),
        bytes::<Drops, Drops2>(world),
        bytes::<Sparse, Sparse2>(world),
        bytes::<Fixed, Fixed2>(world),
    ]
}

fn fill(world: &mut World, count: u32, probe: &Arc<()>) -> Vec<Entity> {
    let counted = |it| Counted(probe.clone(), it);
    (0..count)
        .map(|it| {
            world.increment_change_tick();
            let mut entity = world.spawn((A(it), Kept(it.to_string())));
            if it % 2 == 0 {
                entity.insert(Drops(counted(it)));
            }
            if it % 3 == 0 {
                entity.insert(Sparse(counted(it)));
            }
            if it % 5 == 0 {
                entity.insert(Fixed(counted(it)));
            }
            if it % 7 == 0 {
                entity.insert(Disabled);
            }
            if it % 11 == 0 {
                entity.world_scope(World::increment_change_tick);
                entity.get_mut::<A>().unwrap().set_changed();
            }
            entity.id()
        })
        .collect()
}

#[test]
fn bytes_move_and_nothing_else() {
    let probe = Arc::new(());
    let mut world = World::new();
    let entities = fill(&mut world, 200, &probe);
    let before: Vec<_> = entities
        .iter()
        .map(|&it| ticks_of::<A>(&world, it))
        .collect();
    let sparse: Vec<_> = entities
        .iter()
        .map(|&it| {
            world
                .entity(it)
                .contains::<Sparse>()
                .then(|| ticks_of::<Sparse>(&world, it))
        })
        .collect();
    let strong = Arc::strong_count(&probe);
    world.increment_change_tick();
    let columns = pairs(&mut world);
    let moved = clean(&mut world, columns);
    assert_eq!(count::<A2>(&world), 200);
    assert!(moved.hooks.is_empty());
    assert_eq!(Arc::strong_count(&probe), strong);
    for (index, &entity) in entities.iter().enumerate() {
        let it = u32::try_from(index).unwrap();
        let entity = world.entity(entity);
        assert_eq!(entity.get::<A2>(), Some(&A2(it)));
        assert_eq!(entity.get::<Kept>().unwrap().0, it.to_string());
        assert_eq!(
            entity.get::<Drops2>().map(|d| d.0.1),
            (it % 2 == 0).then_some(it)
        );
        assert_eq!(
            entity.get::<Sparse2>().map(|d| d.0.1),
            (it % 3 == 0).then_some(it)
        );
        assert_eq!(
            entity.get::<Fixed2>().map(|d| d.0.1),
            (it % 5 == 0).then_some(it)
        );
        assert_eq!(entity.contains::<Disabled>(), it % 7 == 0);
        assert!(!entity.contains::<A>() && !entity.contains::<Drops>());
        assert_eq!(ticks_of::<A2>(&world, entity.id()), before[index]);
        if let Some(sparse) = sparse[index] {
            assert_eq!(ticks_of::<Sparse2>(&world, entity.id()), sparse);
        }
    }
    drop(world);
    assert_eq!(Arc::strong_count(&probe), 1);
}

#[test]
fn there_and_back_again() {
    let probe = Arc::new(());
    let mut world = World::new();
    let entities = fill(&mut world, 50, &probe);
    let strong = Arc::strong_count(&probe);
    for _ in 0..5 {
        let columns = pairs(&mut world);
        clean(&mut world, columns);
        let back = vec![
            bytes::<A2, A>(&mut world),
            bytes::<Drops2, Drops>(&mut world),
            bytes::<Sparse2, Sparse>(&mut world),
            bytes::<Fixed2, Fixed>(&mut world),
        ];
        clean(&mut world, back);
        assert_eq!(Arc::strong_count(&probe), strong);
    }
    assert_eq!(world.get::<A>(entities[7]), Some(&A(7)));
    world.clear_all();
    assert_eq!(Arc::strong_count(&probe), 1);
}

#[test]
fn filters_see_no_change() {
    let mut world = World::new();
    world.spawn(A(1));
    world.spawn((A(2), Drops(Counted(Arc::new(()), 0))));
    let touched = world.spawn(A(3)).id();
    let mut seen = IntoSystem::into_system(
        |changed: Query<&A2, Changed<A2>>, added: Query<&A2, Added<A2>>| {
            (changed.iter().count(), added.iter().count())
        },
    );
    seen.initialize(&mut world);
    assert_eq!(seen.run((), &mut world).unwrap(), (0, 0));
    world.get_mut::<A>(touched).unwrap().0 = 4;
    let make = by(|_, a: &A| Ok(A2(a.0)));
    let columns = vec![converted::<A, A2>(&mut world, make)];
    clean(&mut world, columns);
    assert_eq!(seen.run((), &mut world).unwrap(), (1, 0));
}

#[test]
fn values_are_converted_between_storages() {
    let probe = Arc::new(());
    let mut world = World::new();
    let entities = fill(&mut world, 60, &probe);
    let strong = Arc::strong_count(&probe);
    let make = by(|_, d: &Drops| Ok(Sparse2(Counted(d.0.0.clone(), d.0.1 + 1))));
    let back = by(|_, d: &Sparse| Ok(Drops2(Counted(d.0.0.clone(), d.0.1 + 1))));
    let widen = by(|entity: Entity, a: &A| Ok(Wide(a.0.into(), entity.to_bits())));
    let columns = vec![
        converted::<Drops, Sparse2>(&mut world, make),
        converted::<Sparse, Drops2>(&mut world, back),
        converted::<A, Wide>(&mut world, widen),
        column::<Fixed, Fixed2>(&mut world, How::Drop),
    ];
    let before = ticks_of::<Sparse>(&world, entities[6]);
    clean(&mut world, columns);
    let counts = (count::<Wide>(&world), count::<Sparse2>(&world));
    assert_eq!((counts, count::<Drops2>(&world)), ((60, 30), 20));
    assert_eq!(ticks_of::<Drops2>(&world, entities[6]), before);
    assert_eq!(Arc::strong_count(&probe), strong - 12);
    let entity = world.entity(entities[30]);
    assert_eq!(entity.get::<Sparse2>().unwrap().0.1, 31);
    assert_eq!(entity.get::<Drops2>().unwrap().0.1, 31);
    assert_eq!(
        entity.get::<Wide>(),
        Some(&Wide(30, entities[30].to_bits()))
    );
    assert!(!entity.contains::<Fixed>() && !entity.contains::<Fixed2>());
    drop(world);
    assert_eq!(Arc::strong_count(&probe), 1);
}

/// Everything a refusal could have changed.
fn state(world: &World, entities: &[Entity]) -> Vec<impl PartialEq + std::fmt::Debug + use<>> {
    let one = |&it: &Entity| {
        let entity = world.entity(it);
        let ticks = ticks_of::<A>(world, it);
        let location = entity.location();
        (
            *entity.get::<A>().unwrap(),
            entity.get::<Drops>().map(|d| d.0.1),
            ticks,
            location,
        )
    };
    entities.iter().map(one).collect()
}

#[test]
fn a_refusal_changes_nothing() {
    let probe = Arc::new(());
    let made = Arc::new(());
    let mut world = World::new();
    let entities = fill(&mut world, 100, &probe);
    let strong = Arc::strong_count(&probe);
    let before = state(&world, &entities);
    for panics in [false, true] {
        let make = by(|entity, a: &A| {
            if a.0 == 77 {
                assert!(!panics, "no {entity}");
                return Err("no".to_owned());
            }
            Ok(Drops2(Counted(made.clone(), a.0)))
        });
        let columns = vec![
            bytes::<Sparse, Sparse2>(&mut world),
            converted::<A, Drops2>(&mut world, make),
        ];
        let failure = aside(&mut world, columns).err().unwrap();
        assert_eq!(failure.entity, Some(entities[77]));
        assert!(failure.component.ends_with("values::A"));
        let expected = if panics {
            Cause::Panicked(format!("no {}", entities[77]))
        } else {
            Cause::Refused("no".to_owned())
        };
        assert_eq!(failure.cause, expected);
        assert_eq!(Arc::strong_count(&made), 1);
    }
    // What is prepared and given up is dropped as well.
    let make = by(|_, a: &A| Ok(Drops2(Counted(made.clone(), a.0))));
    let columns = vec![converted::<A, Drops2>(&mut world, make)];
    let prepared = aside(&mut world, columns).unwrap();
    assert_eq!(Arc::strong_count(&made), 101);
    drop(prepared);
    assert_eq!(Arc::strong_count(&made), 1);
    assert_eq!(state(&world, &entities), before);
    assert_eq!(Arc::strong_count(&probe), strong);
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let mut world = World::new();
    let entity = world.spawn((A(1), A2(1))).id();
    let refuse = |columns: Vec<Column>, world: &mut World| {
        let failure = aside(world, columns).err().unwrap();
        assert!(matches!(failure.cause, Cause::Unfit(_)), "{failure}");
        failure.entity
    };
    let columns = vec![bytes::<A, A2>(&mut world)];
    assert_eq!(refuse(columns, &mut world), Some(entity));
    let columns = vec![bytes::<A, Wide>(&mut world)];
    assert_eq!(refuse(columns, &mut world), None);
    let columns = vec![bytes::<Drops, Wide>(&mut world)];
    refuse(columns, &mut world);
    let columns = vec![bytes::<A, A>(&mut world)];
    refuse(columns, &mut world);
    let columns = vec![
        bytes::<Drops, Drops2>(&mut world),
        bytes::<Drops2, Fixed>(&mut world),
    ];
    refuse(columns, &mut world);
    let mut unknown = bytes::<A, A2>(&mut world);
    unknown.new = ComponentId::new(99_999);
    refuse(vec![unknown], &mut world);
}

#[test]
fn odd_layouts_move() {
    #[derive(Component, PartialEq, Debug)]
    #[repr(align(64))]
    struct Far(u8);
    #[derive(Component, PartialEq, Debug)]
    #[repr(align(64))]
    struct Far2(u8);
    #[derive(Component)]
    struct Nothing;
    #[derive(Component)]
    struct Nothing2;
    static DROPS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    #[derive(Component)]
    struct Empty;
    #[derive(Component)]
    struct Empty2;
    impl Drop for Empty {
        fn drop(&mut self) {
            DROPS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }
    impl Drop for Empty2 {
        fn drop(&mut self) {
            DROPS.fetch_add(100, std::sync::atomic::Ordering::Relaxed);
        }
    }
    #[derive(Component)]
    struct Big(Box<u32>, [u64; 512]);
    #[derive(Component)]
    struct Big2(Box<u32>, [u64; 512]);
    #[derive(Component)]
    #[repr(align(64))]
    #[component(storage = "SparseSet")]
    struct FarDrop(Box<u32>);
    #[derive(Component)]
    #[repr(align(64))]
    struct FarDrop2(Box<u32>);

    let mut world = World::new();
    let entities: Vec<_> = (0..30u8)
        .map(|it| {
            let big = Big(Box::new(it.into()), [it.into(); 512]);
            world
                .spawn((Far(it), Nothing, Empty, big, FarDrop(Box::new(it.into()))))
                .id()
        })
        .collect();
    let make = by(|_, far: &Far| Ok(Far2(far.0 + 1)));
    let columns = vec![
        converted::<Far, Far2>(&mut world, make),
        bytes::<Nothing, Nothing2>(&mut world),
        bytes::<Empty, Empty2>(&mut world),
        bytes::<Big, Big2>(&mut world),
        bytes::<FarDrop, FarDrop2>(&mut world),
    ];
    clean(&mut world, columns);
    for (it, &entity) in (0..30u8).zip(&entities) {
        let entity = world.entity(entity);
        assert_eq!(entity.get::<Far2>(), Some(&Far2(it + 1)));
        assert!(entity.contains::<Nothing2>());
        let big = entity.get::<Big2>().unwrap();
        assert_eq!((*big.0, big.1[511]), (it.into(), it.into()));
        let far = entity.get::<FarDrop2>().unwrap();
        assert!(std::ptr::from_ref(far).is_aligned());
        assert_eq!(*far.0, u32::from(it));
    }
    assert_eq!(DROPS.load(std::sync::atomic::Ordering::Relaxed), 0);
    drop(world);
    assert_eq!(DROPS.load(std::sync::atomic::Ordering::Relaxed), 3000);
}

#[test]
fn no_entities_and_another_world() {
    let mut world = World::new();
    let columns = pairs(&mut world);
    clean(&mut world, columns);
    assert_eq!(count::<A2>(&world), 0);
    world.spawn(A(1));
    let columns = pairs(&mut world);
    let prepared = aside(&mut world, columns).unwrap();
    let moved = prepared.commit(&mut World::new());
    assert_eq!((count::<A>(&world), moved.left.len()), (1, 1));
}

#[test]
fn queries_visit_the_entities_in_the_order_of_before() {
    let mut world = World::new();
    let probe = Arc::new(());
    let entities = fill(&mut world, 60, &probe);
    // The last row takes its place.
    world.despawn(entities[11]);
    let mut query = world.query_filtered::<Entity, (With<A>, Allow<Disabled>)>();
    let before: Vec<_> = query.iter(&world).collect();
    let mut columns = pairs(&mut world);
    // Another storage is another table.
    let fixed = world.component_id::<Fixed>().unwrap();
    columns.retain(|it| it.old != fixed);
    clean(&mut world, columns);
    let mut query = world.query_filtered::<Entity, (With<A2>, Allow<Disabled>)>();
    let after: Vec<_> = query.iter(&world).collect();
    assert_eq!(after, before);
}
