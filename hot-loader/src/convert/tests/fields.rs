//! Fields that come, go, move and change their names.

use super::{convert, error, exact};
use crate::{
    convert::{
        error::{ConvertError, Why},
        former_names, former_paths,
    },
    migration::{Was, hot::Migrations},
};
use bevy::{
    ecs::entity::Entity,
    math::{Vec2, Vec3},
    reflect::{GetTypeRegistration, PartialReflect, Reflect, Typed, prelude::ReflectDefault},
};

macro_rules! game {
    ($module:ident { $($item:item)* }) => {
        mod $module {
            #[allow(unused_imports, reason = "not every module needs all")]
            use super::*;
            $(
                #[derive(Reflect, Debug, PartialEq, Clone)]
                #[type_path = "game"]
                $item
            )*
        }
    };
}

#[test]
fn a_field_is_added_and_another_removed() {
    game!(old {
        pub struct Ship { pub hull: u32, pub armour: f32, pub name: String }
    });
    game!(new {
        #[reflect(Default)]
        pub struct Ship { pub shield: f32, pub name: String, pub hull: u32 }
    });
    impl Default for new::Ship {
        fn default() -> Self {
            Self {
                shield: 12.5,
                name: "nobody".into(),
                hull: 1,
            }
        }
    }
    let ship = old::Ship {
        hull: 77,
        armour: 2.0,
        name: "Ada".into(),
    };
    let (ship, lost, defaulted) = convert::<new::Ship>(ship);
    assert_eq!(
        ship,
        new::Ship {
            shield: 12.5,
            name: "Ada".into(),
            hull: 77
        }
    );
    assert_eq!(
        (lost, defaulted),
        (vec!["armour".into()], vec!["shield".into()])
    );
}

fn seven() -> u8 {
    7
}

#[test]
fn without_a_default_of_the_type_the_fields_have_theirs() {
    game!(old { pub struct Ship { pub hull: u32 } });
    game!(new {
        pub struct Ship {
            pub hull: u32,
            pub count: u16,
            #[reflect(default = "seven")]
            pub lives: u8,
            pub crew: Vec<String>,
            pub target: Option<Entity>,
        }
    });
    let (ship, lost, mut defaulted) = convert::<new::Ship>(old::Ship { hull: 3 });
    let expected = new::Ship {
        hull: 3,
        count: 0,
        lives: 7,
        crew: vec![],
        target: None,
    };
    assert_eq!(ship, expected);
    defaulted.sort();
    assert_eq!(defaulted, ["count", "crew", "lives", "target"]);
    assert!(lost.is_empty());
}

#[test]
fn a_new_field_without_any_default_is_refused() {
    game!(old { pub struct Ship { pub hull: u32 } });
    game!(new {
        pub struct Engine { pub power: u8 }
        pub struct Ship { pub hull: u32, pub engine: Engine }
    });
    let error = error::<new::Ship>(old::Ship { hull: 3 });
    let expected = ConvertError {
        path: "engine".into(),
        why: Why::NoDefault("game::Ship".into(), "game::Engine".into()),
    };
    assert_eq!(error, expected);
    let text = error.to_string();
    assert!(
        text.contains("engine") && text.contains("#[reflect(Default)]"),
        "{text}"
    );
}

#[test]
fn an_inner_type_takes_the_default_around_it_when_it_has_none() {
    game!(old {
        pub struct Engine { pub power: u8 }
        pub struct Ship { pub engine: Engine }
    });
    game!(new {
        pub struct Fuel { pub litres: u8 }
        pub struct Engine { pub power: u8, pub fuel: Fuel }
        #[reflect(Default)]
        pub struct Ship { pub engine: Engine }
    });
    impl Default for new::Ship {
        fn default() -> Self {
            Self {
                engine: new::Engine {
                    power: 1,
                    fuel: new::Fuel { litres: 40 },
                },
            }
        }
    }
    let ship = old::Ship {
        engine: old::Engine { power: 9 },
    };
    let (ship, _, defaulted) = convert::<new::Ship>(ship);
    let engine = new::Engine {
        power: 9,
        fuel: new::Fuel { litres: 40 },
    };
    assert_eq!(ship, new::Ship { engine });
    assert_eq!(defaulted, ["engine.fuel"]);
}

#[test]
fn names_change() {
    game!(old { pub struct Ship { pub velocity: f32, pub hull: u8 } });
    game!(new {
        #[derive(Default)]
        #[reflect(Default, @Was("game::Boat, game::Raft"))]
        pub struct Ship {
            #[reflect(@Was("pace, velocity"))]
            pub speed: f32,
            pub hull: u8,
        }
    });
    let ship = exact::<new::Ship>(old::Ship {
        velocity: 2.5,
        hull: 4,
    });
    assert_eq!(
        ship,
        new::Ship {
            speed: 2.5,
            hull: 4
        }
    );
    let info = new::Ship::type_info();
    assert_eq!(
        former_paths(info).collect::<Vec<_>>(),
        ["game::Boat", "game::Raft"]
    );
    assert!(former_names(info));
    assert!(!former_names(old::Ship::type_info()));
    assert_eq!(former_paths(old::Ship::type_info()).count(), 0);
    // The attribute stays for the next edit, at which there is nothing to rename.
    let again = exact::<new::Ship>(new::Ship {
        speed: 2.5,
        hull: 4,
    });
    assert_eq!(again, ship);
}

#[test]
fn a_former_name_in_new_use_is_not_taken_twice() {
    game!(old { pub struct Ship { pub speed: f32 } });
    game!(new {
        #[derive(Default)]
        #[reflect(Default)]
        pub struct Ship {
            pub speed: f32,
            #[reflect(@Was("speed"))]
            pub top_speed: f32,
        }
    });
    let (ship, lost, defaulted) = convert::<new::Ship>(old::Ship { speed: 2.5 });
    assert_eq!(
        ship,
        new::Ship {
            speed: 0.0,
            top_speed: 2.5
        }
    );
    assert_eq!((lost, defaulted), (vec![], vec!["speed".into()]));
}

#[test]
fn a_type_that_moved_is_known_by_its_former_path_inside_others() {
    mod old {
        use super::*;
        #[derive(Reflect)]
        #[type_path = "game::parts"]
        pub struct Engine {
            pub power: u8,
            pub oil: u8,
        }
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Ship {
            pub engine: Engine,
        }
    }
    game!(new {
        #[derive(Default)]
        #[reflect(Default, @Was("game::parts::Engine"))]
        pub struct Motor { pub power: u16 }
        pub struct Ship { pub engine: Motor }
        pub struct Stranger { pub power: u16 }
    });
    let ship = || old::Ship {
        engine: old::Engine { power: 9, oil: 1 },
    };
    let (new, lost, _) = convert::<new::Ship>(ship());
    assert_eq!(new.engine, new::Motor { power: 9 });
    assert_eq!(lost, ["engine.oil"]);
    // Without it, some other type must not swallow what it has no field for.
    let refused = error::<new::Stranger>(ship().engine);
    assert!(matches!(refused.why, Why::Incompatible { .. }), "{refused}");
}

#[test]
fn structs_and_tuple_structs_are_matched_by_what_is_said() {
    game!(old {
        pub struct Point(pub f32, pub f32);
        pub struct Pair { pub left: u8, pub right: u8 }
        pub struct Bare(pub f32);
    });
    game!(new {
        pub struct Point {
            #[reflect(@Was("1"))]
            pub y: f32,
            #[reflect(@Was("0"))]
            pub x: f64,
        }
        pub struct Pair(#[reflect(@Was("right"))] pub u8, #[reflect(@Was("left"))] pub u8);
        #[derive(Default)]
        #[reflect(Default)]
        pub struct Bare { pub value: f32 }
    });
    let point = exact::<new::Point>(old::Point(1.0, 2.0));
    assert_eq!(point, new::Point { x: 1.0, y: 2.0 });
    assert_eq!(
        exact::<new::Pair>(old::Pair { left: 1, right: 2 }),
        new::Pair(2, 1)
    );
    let refused = error::<new::Bare>(old::Bare(1.0)).to_string();
    assert!(refused.contains("Was"), "{refused}");
}

#[test]
fn tuples_and_tuple_structs_go_by_index() {
    game!(old {
        pub struct Item { pub cost: u8 }
        pub struct Bag(pub u8, pub (Item, f32), pub u16);
    });
    game!(new {
        #[derive(Default)]
        #[reflect(Default)]
        pub struct Item { pub cost: u32, pub rare: bool }
        pub struct Bag(pub u64, pub (Item, f64, u8));
    });
    let (bag, lost, defaulted) = convert::<new::Bag>(old::Bag(1, (old::Item { cost: 2 }, 3.5), 4));
    assert_eq!(
        bag,
        new::Bag(
            1,
            (
                new::Item {
                    cost: 2,
                    rare: false
                },
                3.5,
                0
            )
        )
    );
    assert_eq!(lost, ["2"]);
    assert_eq!(defaulted, ["1.0.rare", "1.2"]);
}

#[test]
fn values_are_wrapped_and_unwrapped() {
    game!(old {
        pub struct Ship { pub speed: f32, pub name: String, pub tag: Option<u8>, pub mark: Option<u8>, pub heat: Heat }
        pub struct Heat(pub f32);
    });
    game!(new {
        pub struct Speed(pub f64);
        #[reflect(Default)]
        pub struct Ship { pub speed: Speed, pub name: Option<String>, pub tag: u16, pub mark: u16, pub heat: f64 }
    });
    impl Default for new::Ship {
        fn default() -> Self {
            Self {
                speed: new::Speed(0.0),
                name: None,
                tag: 5,
                mark: 5,
                heat: 0.0,
            }
        }
    }
    let ship = old::Ship {
        speed: 1.5,
        name: "Ada".into(),
        tag: Some(3),
        mark: None,
        heat: old::Heat(2.0),
    };
    let (ship, lost, defaulted) = convert::<new::Ship>(ship);
    let expected = new::Ship {
        speed: new::Speed(1.5),
        name: Some("Ada".into()),
        tag: 3,
        mark: 5,
        heat: 2.0,
    };
    assert_eq!(ship, expected);
    assert_eq!((lost, defaulted), (vec![], vec!["mark".into()]));
}

#[test]
fn units_become_structs_and_back() {
    game!(old { pub struct Marker; pub struct Full { pub a: u8 } });
    game!(new {
        #[derive(Default)]
        #[reflect(Default)]
        pub struct Marker { pub a: u8 }
        pub struct Full;
    });
    assert_eq!(convert::<new::Marker>(old::Marker).2, ["a"]);
    assert_eq!(convert::<new::Full>(old::Full { a: 1 }).1, ["a"]);
}

#[test]
fn foreign_values_stay_as_they_are() {
    game!(old { pub struct Ship { pub at: Vec3, pub target: Entity, pub name: String, pub flat: Vec2 } });
    game!(new {
        #[derive(Default)]
        #[reflect(Default)]
        pub struct Rest { pub a: u8 }
        pub struct Ship { pub rest: Rest, pub name: String, pub target: Entity, pub at: Vec3, pub flat: Vec3 }
    });
    let target = Entity::from_raw_u32(42).unwrap();
    let at = Vec3::new(1.0, f32::NAN, 3.0);
    let ship = old::Ship {
        at,
        target,
        name: "Ada".into(),
        flat: Vec2::new(1.0, 2.0),
    };
    let (ship, lost, defaulted) = convert::<new::Ship>(ship);
    assert_eq!((ship.target, ship.name), (target, "Ada".into()));
    assert_eq!(
        ship.at.to_array().map(f32::to_bits),
        at.to_array().map(f32::to_bits)
    );
    assert_eq!(ship.flat, Vec3::new(1.0, 2.0, 0.0));
    assert_eq!(
        (lost, defaulted),
        (vec![], vec!["rest".into(), "flat.z".into()])
    );
}

#[test]
fn what_reflection_does_not_see_is_said() {
    mod old {
        use super::*;
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Ship {
            pub hull: u8,
            #[reflect(ignore)]
            pub _cache: u8,
        }
    }
    mod new {
        use super::*;
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Ship {
            pub hull: u16,
            #[reflect(ignore)]
            pub scratch: u8,
        }
    }
    let (ship, lost, defaulted) = convert::<new::Ship>(old::Ship { hull: 3, _cache: 4 });
    assert_eq!((ship.hull, ship.scratch), (3, 0));
    assert_eq!(
        (lost, defaulted),
        (vec!["_cache".into()], vec!["scratch".into()])
    );
}

#[test]
fn what_the_old_value_lacks_stays_as_the_one_below_has_it() {
    game!(old {
        pub struct Ship { pub name: String }
    });
    game!(new {
        pub struct Ship { pub name: String, pub hull: u32, pub crew: Vec<String> }
    });
    let below = new::Ship {
        name: "Bob".into(),
        hull: 7,
        crew: vec!["Eve".into()],
    };
    let ship = old::Ship { name: "Ada".into() };
    let converter = super::converter::<old::Ship, new::Ship>(&Migrations::default());
    let new = new::Ship::get_type_registration();
    let alone = converter.convert(ship.as_partial_reflect(), &new);
    assert_eq!(alone.unwrap().notes.defaulted, ["hull", "crew"]);
    let made = converter.convert_over(Some(Box::new(below)), ship.as_partial_reflect(), &new);
    let made = made.unwrap();
    let notes = &made.notes;
    assert_eq!((&notes.lost, &notes.defaulted), (&vec![], &vec![]));
    let ship = made.value.take::<new::Ship>().unwrap();
    assert_eq!(
        (&*ship.name, ship.hull, &*ship.crew),
        ("Ada", 7, &["Eve".to_owned()][..])
    );
}
