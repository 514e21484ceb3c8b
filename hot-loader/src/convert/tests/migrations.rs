//! What users wrote themselves: at any depth, and when it fails.

use super::{converter, migration, run};
use crate::{
    convert::error::{ConvertError, Why},
    migration::hot::{Migration, Migrations},
};
use bevy::reflect::{PartialReflect, Reflect};
use core::any::TypeId;
use std::sync::Arc;

mod old {
    use super::*;

    #[derive(Reflect)]
    #[type_path = "game"]
    pub struct Heading(pub f32);

    #[derive(Reflect)]
    #[type_path = "game"]
    pub struct Fleet {
        pub ships: Vec<Option<Heading>>,
        pub wind: f32,
    }

    #[derive(Reflect)]
    #[type_path = "game"]
    pub enum Mood {
        Gone(u8),
    }
}

mod new {
    use super::*;

    #[derive(Reflect, Debug, PartialEq)]
    #[type_path = "game"]
    pub struct Heading(pub f32);

    #[derive(Reflect, Debug, PartialEq)]
    #[type_path = "game"]
    pub struct Fleet {
        pub ships: Vec<Option<Heading>>,
        pub wind: f64,
    }

    #[derive(Reflect, Debug, PartialEq)]
    #[type_path = "game"]
    pub enum Mood {
        Calm(u8),
    }
}

fn with(entries: impl IntoIterator<Item = (TypeId, Migration)>) -> Migrations {
    let mut migrations = Migrations::default();
    migrations.by_type.extend(entries);
    migrations
}

fn fleet() -> old::Fleet {
    let ships = vec![None, Some(old::Heading(180.0))];
    old::Fleet { ships, wind: 2.0 }
}

#[test]
fn it_is_asked_at_any_depth() {
    let migrations = with([migration(|old| {
        let old = old.try_downcast_ref::<old::Heading>().ok_or("not one")?;
        Ok(new::Heading(old.0.to_radians()))
    })]);
    let converter = converter::<old::Fleet, new::Fleet>(&migrations);
    let fleet = run::<_, new::Fleet>(&converter, &fleet()).unwrap();
    let fleet = fleet.value.take::<new::Fleet>().unwrap();
    let ships = vec![None, Some(new::Heading(core::f32::consts::PI))];
    assert_eq!(fleet, new::Fleet { ships, wind: 2.0 });
}

#[test]
fn it_may_refuse_panic_or_return_something_else() {
    let refuse = migration::<new::Heading>(|_| Err("no way".into()));
    let panic = migration::<new::Heading>(|_| panic!("number {}", 7));
    let something: Migration = Arc::new(|_: &dyn PartialReflect| Ok(Box::new(7u8) as _));
    let path = || "ships[1]".to_owned();
    let new = || "game::Heading".to_owned();
    let cases = [
        (
            refuse,
            ConvertError {
                path: path(),
                why: Why::Migration(new(), "no way".into()),
            },
        ),
        (
            panic,
            ConvertError {
                path: path(),
                why: Why::Panicked(
                    "the migration for `game::Heading`".into(),
                    "number 7".into(),
                ),
            },
        ),
        (
            (TypeId::of::<new::Heading>(), something),
            ConvertError {
                path: path(),
                why: Why::WrongType(new(), "u8".into()),
            },
        ),
    ];
    for (migration, expected) in cases {
        let converter = converter::<old::Fleet, new::Fleet>(&with([migration]));
        assert_eq!(
            run::<_, new::Fleet>(&converter, &fleet()).unwrap_err(),
            expected
        );
    }
}

#[test]
fn it_covers_a_variant_that_is_gone() {
    let migrations = with([migration(|old| match old.try_downcast_ref() {
        Some(old::Mood::Gone(since)) => Ok(new::Mood::Calm(*since)),
        None => Err("not one".into()),
    })]);
    let converter = converter::<old::Mood, new::Mood>(&migrations);
    let mood = run::<_, new::Mood>(&converter, &old::Mood::Gone(3)).unwrap();
    assert_eq!(mood.value.take::<new::Mood>().unwrap(), new::Mood::Calm(3));
}

#[test]
fn it_is_the_last_resort_for_other_types() {
    #[derive(Reflect)]
    #[type_path = "game"]
    #[type_name = "Ship"]
    struct Old {
        heading: String,
    }
    #[derive(Reflect, Debug)]
    #[type_path = "game"]
    #[type_name = "Ship"]
    struct New {
        heading: new::Heading,
    }
    let migrations = with([migration(|old| {
        let text = old.try_downcast_ref::<String>().ok_or("no text")?;
        Ok(new::Heading(text.parse().map_err(|_| "no number")?))
    })]);
    let converter = converter::<Old, New>(&migrations);
    let old = Old {
        heading: "1.5".into(),
    };
    let ship = run::<_, New>(&converter, &old)
        .unwrap()
        .value
        .take::<New>()
        .unwrap();
    assert_eq!(ship.heading, new::Heading(1.5));
    let refused = run::<_, New>(
        &converter,
        &Old {
            heading: "x".into(),
        },
    )
    .unwrap_err();
    assert_eq!(
        refused,
        ConvertError {
            path: "heading".into(),
            why: Why::Migration("game::Heading".into(), "no number".into())
        }
    );
}
