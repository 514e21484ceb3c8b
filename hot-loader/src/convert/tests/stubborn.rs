//! Types that make it hard: without `FromReflect`, with a `Default` that panics, held
//! by foreign types.

use super::{convert, converter, error, exact, run};
use crate::{convert::error::Why, migration::hot::Migrations};
use bevy::reflect::{GetTypeRegistration, Reflect, Typed, prelude::ReflectDefault};
use core::marker::PhantomData;

#[test]
fn a_type_without_from_reflect_needs_a_default() {
    mod old {
        use super::*;
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Ship {
            pub hull: u8,
        }
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Boat {
            pub hull: u8,
        }
        #[derive(Reflect)]
        #[type_path = "game"]
        pub enum Mood {
            Calm(u8),
        }
    }
    mod new {
        use super::*;
        #[derive(Reflect, Default, Debug, PartialEq)]
        #[reflect(Default, from_reflect = false)]
        #[type_path = "game"]
        pub struct Ship {
            pub hull: u16,
        }
        #[derive(Reflect, Debug)]
        #[reflect(from_reflect = false)]
        #[type_path = "game"]
        pub struct Boat {
            pub hull: u16,
        }
        #[derive(Reflect, Debug, Default, PartialEq)]
        #[reflect(Default, from_reflect = false)]
        #[type_path = "game"]
        pub enum Mood {
            #[default]
            Angry,
            Calm(u16),
        }
    }
    assert_eq!(
        exact::<new::Ship>(old::Ship { hull: 3 }),
        new::Ship { hull: 3 }
    );
    assert_eq!(exact::<new::Mood>(old::Mood::Calm(3)), new::Mood::Calm(3));
    let refused = error::<new::Boat>(old::Boat { hull: 3 });
    assert!(matches!(refused.why, Why::NotBuildable { .. }), "{refused}");
    let converter = converter::<old::Boat, new::Boat>(&Migrations::default());
    let registration = new::Boat::get_type_registration();
    assert_eq!(
        converter.check(old::Boat::type_info(), &registration),
        Err(refused)
    );
}

// As a crate that no edit touches has it: both sides mean the same type.
#[derive(Reflect, Clone, Debug, PartialEq, Default)]
#[reflect(Clone, Default)]
struct Foreign {
    seen: u8,
    #[reflect(ignore)]
    unseen: u8,
}

#[test]
fn foreign_types_keep_what_reflection_does_not_see() {
    mod old {
        use super::*;
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Ship {
            pub foreign: Foreign,
            pub all: Vec<Foreign>,
            pub tuple: (u8, Foreign),
            pub maybe: Option<Foreign>,
            pub both: (Option<Foreign>, Part),
        }
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Part(pub u8);
    }
    mod new {
        use super::*;
        // No `Default`: goes by `FromReflect`, which alone would lose it.
        #[derive(Reflect, Debug, PartialEq)]
        #[type_path = "game"]
        pub struct Ship {
            pub foreign: Foreign,
            pub all: Vec<Foreign>,
            pub tuple: (u16, Foreign),
            pub maybe: Option<Foreign>,
            pub both: (Option<Foreign>, Part),
        }
        #[derive(Reflect, Debug, PartialEq)]
        #[type_path = "game"]
        pub struct Part(pub u16);
    }
    let foreign = || Foreign { seen: 1, unseen: 2 };
    let ship = old::Ship {
        foreign: foreign(),
        all: vec![foreign()],
        tuple: (3, foreign()),
        maybe: Some(foreign()),
        both: (Some(foreign()), old::Part(4)),
    };
    let expected = new::Ship {
        foreign: foreign(),
        all: vec![foreign()],
        tuple: (3, foreign()),
        maybe: Some(foreign()),
        both: (Some(foreign()), new::Part(4)),
    };
    assert_eq!(exact::<new::Ship>(ship), expected);
}

#[test]
fn foreign_generics_are_converted_by_their_parts() {
    #[derive(Reflect, Debug, PartialEq)]
    #[type_path = "engine"]
    struct State<S> {
        now: S,
        #[reflect(ignore)]
        of: PhantomData<u8>,
    }
    mod old {
        use super::*;
        #[derive(Reflect)]
        #[type_path = "game"]
        pub enum Phase {
            Menu,
            Game { level: u8 },
        }
    }
    mod new {
        use super::*;
        #[derive(Reflect, Debug, PartialEq)]
        #[type_path = "game"]
        pub enum Phase {
            Game { level: u16 },
            Menu,
        }
    }
    let old = |now| State {
        now,
        of: PhantomData,
    };
    let (state, _, defaulted) = convert::<State<new::Phase>>(old(old::Phase::Game { level: 3 }));
    assert_eq!(state.now, new::Phase::Game { level: 3 });
    assert_eq!(defaulted, ["of"]);
    let state = convert::<State<new::Phase>>(old(old::Phase::Menu)).0;
    assert_eq!(state.now, new::Phase::Menu);
}

#[test]
fn a_default_that_panics_is_an_error() {
    mod old {
        use super::*;
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Ship {
            pub hull: u8,
        }
    }
    mod new {
        use super::*;
        #[derive(Reflect, Debug)]
        #[reflect(Default)]
        #[type_path = "game"]
        pub struct Ship {
            pub hull: u16,
        }
        impl Default for Ship {
            fn default() -> Self {
                panic!("no ship")
            }
        }
    }
    let converter = converter::<old::Ship, new::Ship>(&Migrations::default());
    for _ in 0..2 {
        let refused = run::<_, new::Ship>(&converter, &old::Ship { hull: 1 }).unwrap_err();
        let Why::Panicked(what, message) = &refused.why else {
            panic!("{refused:?}");
        };
        assert_eq!((refused.path.as_str(), message.as_str()), ("", "no ship"));
        assert!(what.contains("game::Ship"), "{what}");
    }
}

#[test]
fn check_says_what_every_value_would_be_refused_for() {
    mod old {
        use super::*;
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Ship {
            pub inner: Inner,
        }
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Inner {
            pub hull: String,
            pub all: Vec<Inner>,
        }
    }
    mod new {
        use super::*;
        #[derive(Reflect, Debug)]
        #[type_path = "game"]
        pub struct Ship {
            pub inner: Inner,
        }
        #[derive(Reflect, Debug)]
        #[type_path = "game"]
        pub struct Inner {
            pub hull: u8,
            pub all: Vec<Inner>,
        }
    }
    let converter = converter::<old::Ship, new::Ship>(&Migrations::default());
    let registration = new::Ship::get_type_registration();
    let refused = converter
        .check(old::Ship::type_info(), &registration)
        .unwrap_err();
    assert!(
        matches!(refused.why, Why::Incompatible { .. }) && refused.path == "inner.hull",
        "{refused}"
    );
    let inner = old::Inner {
        hull: "x".into(),
        all: vec![],
    };
    assert_eq!(
        run::<_, new::Ship>(&converter, &old::Ship { inner }).unwrap_err(),
        refused
    );
}

#[test]
fn nothing_of_one_value_gets_into_another() {
    mod old {
        use super::*;
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Ship {
            pub mood: Option<Mood>,
            pub all: Vec<Mood>,
            pub pair: (Mood, [Option<Mood>; 1]),
        }
        #[derive(Reflect)]
        #[type_path = "game"]
        pub enum Mood {
            Calm(u8, Vec<u8>),
        }
    }
    mod new {
        use super::*;
        // Nothing here has a default: values are made from a pattern.
        #[derive(Reflect, Debug, PartialEq)]
        #[type_path = "game"]
        pub struct Ship {
            pub mood: Option<Mood>,
            pub all: Vec<Mood>,
            pub pair: (Mood, [Option<Mood>; 1], u8),
        }
        #[derive(Reflect, Debug, PartialEq)]
        #[type_path = "game"]
        #[type_name = "Ship"]
        pub struct Bare {
            pub mood: Mood,
        }
        #[derive(Reflect, Debug, PartialEq)]
        #[type_path = "game"]
        pub enum Mood {
            Calm(u16, Vec<u16>),
        }
    }
    let mood = |a: u8| old::Mood::Calm(a, vec![a; a.into()]);
    let ship = |a: u8, full: bool| old::Ship {
        mood: full.then(|| mood(a)),
        all: (0..a).map(mood).collect(),
        pair: (mood(a), [full.then(|| mood(a))]),
    };
    let converter = converter::<old::Ship, new::Ship>(&Migrations::default());
    let mood = |a: u16| new::Mood::Calm(a, vec![a; a.into()]);
    for (a, full) in [(3, true), (1, false), (2, true)] {
        let new = run::<_, new::Ship>(&converter, &ship(a, full))
            .unwrap()
            .value;
        let a = u16::from(a);
        let expected = new::Ship {
            mood: full.then(|| mood(a)),
            all: (0..a).map(mood).collect(),
            pair: (mood(a), [full.then(|| mood(a))], 0),
        };
        assert_eq!(new.take::<new::Ship>().unwrap(), expected);
    }
    // No `None` any more, and nothing to stand for it.
    let converter = super::converter::<old::Ship, new::Bare>(&Migrations::default());
    let new = run::<_, new::Bare>(&converter, &ship(3, true))
        .unwrap()
        .value;
    assert_eq!(
        new.take::<new::Bare>().unwrap(),
        new::Bare { mood: mood(3) }
    );
    let refused = run::<_, new::Bare>(&converter, &ship(1, false)).unwrap_err();
    assert!(matches!(refused.why, Why::NoDefault { .. }), "{refused}");
}

#[test]
fn a_converter_may_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<crate::convert::Converter>();
}

#[test]
fn unregistered_types_are_made_by_what_is_around_them() {
    // `BTreeMap` does not register what is in it.
    mod old {
        use super::*;
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Bag {
            pub all: std::collections::BTreeMap<u8, (Item, Option<Kind>)>,
        }
        #[derive(Reflect)]
        #[type_path = "game"]
        pub struct Item {
            pub kinds: Vec<Kind>,
            pub foreign: Foreign,
        }
        #[derive(Reflect)]
        #[type_path = "game"]
        pub enum Kind {
            A { x: u8 },
            B,
        }
    }
    mod new {
        use super::*;
        #[derive(Reflect, Debug, PartialEq)]
        #[type_path = "game"]
        pub struct Bag {
            pub all: std::collections::BTreeMap<u8, (Item, Option<Kind>)>,
        }
        #[derive(Reflect, Debug, PartialEq)]
        #[type_path = "game"]
        pub struct Item {
            pub foreign: Foreign,
            pub kinds: Vec<Kind>,
        }
        #[derive(Reflect, Debug, PartialEq)]
        #[type_path = "game"]
        pub enum Kind {
            B,
            A { x: u16 },
        }
    }
    let foreign = || Foreign { seen: 1, unseen: 2 };
    let kinds = vec![old::Kind::B, old::Kind::A { x: 3 }];
    let item = old::Item {
        kinds,
        foreign: foreign(),
    };
    let bag = old::Bag {
        all: [(4, (item, Some(old::Kind::A { x: 5 })))].into(),
    };
    let kinds = vec![new::Kind::B, new::Kind::A { x: 3 }];
    let item = new::Item {
        kinds,
        foreign: foreign(),
    };
    let expected = new::Bag {
        all: [(4, (item, Some(new::Kind::A { x: 5 })))].into(),
    };
    assert_eq!(exact::<new::Bag>(bag), expected);
}
