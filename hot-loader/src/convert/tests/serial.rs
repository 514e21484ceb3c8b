//! Types that only serde can rebuild, or rebuilds better.

use super::{convert, converter, error, exact, migration, run};
use crate::{
    convert::{
        content::{ReadContent, serializer},
        error::Why,
    },
    migration::hot::Migrations,
};
use bevy::reflect::{Reflect, ReflectDeserialize, ReflectSerialize};
use core::{cell::RefCell, fmt::Debug};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_content::Value;
use std::collections::BTreeMap;

/// Without a default that reflection knows of.
#[derive(Clone, Debug, PartialEq, Reflect, Serialize, Deserialize)]
#[reflect(opaque)]
#[type_path = "game"]
struct Engine;

mod old {
    use super::*;

    #[derive(Reflect, Serialize, Deserialize, Clone)]
    #[reflect(opaque)]
    #[reflect(Serialize, Deserialize)]
    #[type_path = "game"]
    pub struct Save {
        pub big: u128,
        pub float: f64,
        pub gone: u8,
        pub former: Vec<u8>,
        pub map: BTreeMap<(u8, u8), Vec<Mood>>,
    }

    #[derive(Serialize, Deserialize, Clone)]
    pub enum Mood {
        Calm,
        Angry { at: u8 },
        Pair(u8, u8),
        One(u8),
    }

    #[derive(Reflect)]
    #[type_path = "game"]
    pub struct Slot {
        pub saves: Vec<Save>,
    }

    #[derive(Reflect, Serialize, Deserialize)]
    #[reflect(Serialize, Deserialize)]
    #[type_path = "game"]
    pub struct Ship {
        pub hull: u8,
    }

    #[derive(Reflect, Serialize, Deserialize, Clone)]
    #[reflect(opaque)]
    #[reflect(Serialize, Deserialize)]
    #[type_path = "game"]
    pub struct Strict {
        pub a: i32,
    }

    #[derive(Reflect, Clone)]
    #[reflect(opaque)]
    #[type_path = "game"]
    pub struct Dark;
}

mod new {
    use super::*;

    #[derive(Reflect, Serialize, Deserialize, Clone, Debug)]
    #[reflect(opaque)]
    #[reflect(Serialize, Deserialize)]
    #[type_path = "game"]
    pub struct Save {
        pub big: u128,
        pub float: f64,
        #[serde(default)]
        pub fresh: Option<u8>,
        #[serde(alias = "former")]
        pub current: Vec<u8>,
        pub map: BTreeMap<(u8, u8), Vec<Mood>>,
    }

    #[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
    pub enum Mood {
        One(u8),
        Pair(u8, u8),
        #[serde(alias = "Angry")]
        Furious {
            at: u16,
        },
        Calm,
    }

    #[derive(Reflect, Debug)]
    #[type_path = "game"]
    pub struct Slot {
        pub saves: Vec<Save>,
    }

    #[derive(Reflect, Serialize, Deserialize, Debug, PartialEq)]
    #[reflect(Serialize, Deserialize)]
    #[type_path = "game"]
    pub struct Ship {
        pub hull: u16,
        #[serde(default = "engine")]
        pub engine: Engine,
    }

    fn engine() -> Engine {
        Engine
    }

    #[derive(Reflect, Serialize, Deserialize, Clone, Debug)]
    #[reflect(opaque)]
    #[reflect(Serialize, Deserialize)]
    #[type_path = "game"]
    pub struct Strict {
        pub a: u32,
    }

    #[derive(Reflect, Clone, Debug)]
    #[reflect(opaque)]
    #[type_path = "game"]
    pub struct Dark;
}

#[test]
fn an_opaque_type_goes_through_its_own_serde() {
    use old::Mood::{Angry, Calm, One, Pair};
    let moods = vec![Calm, Angry { at: 1 }, Pair(2, 3), One(4)];
    let save = old::Save {
        big: u128::MAX,
        float: f64::NAN,
        gone: 1,
        former: vec![1, 2],
        map: [((1, 2), moods)].into(),
    };
    let (slot, lost, _) = convert::<new::Slot>(old::Slot {
        saves: vec![save.clone(), save],
    });
    let save = &slot.saves[1];
    assert_eq!(
        (save.big, save.fresh, &save.current[..]),
        (u128::MAX, None, &[1, 2][..])
    );
    assert!(save.float.is_nan());
    use new::Mood;
    let expected = [
        Mood::Calm,
        Mood::Furious { at: 1 },
        Mood::Pair(2, 3),
        Mood::One(4),
    ];
    assert_eq!(save.map[&(1, 2)], expected);
    assert_eq!(lost, ["saves[].gone"]);
}

#[test]
fn serde_is_the_second_try_where_reflection_has_no_default() {
    let ship = exact::<new::Ship>(old::Ship { hull: 3 });
    assert_eq!(
        ship,
        new::Ship {
            hull: 3,
            engine: Engine
        }
    );
}

#[test]
fn serde_knows_former_variants() {
    mod old {
        use super::*;
        #[derive(Reflect, Serialize, Deserialize)]
        #[reflect(Serialize, Deserialize)]
        #[type_path = "game"]
        pub enum Mood {
            Angry { at: u8 },
        }
    }
    mod new {
        use super::*;
        #[derive(Reflect, Serialize, Deserialize, Debug, PartialEq)]
        #[reflect(Serialize, Deserialize)]
        #[type_path = "game"]
        pub enum Mood {
            #[serde(alias = "Angry")]
            Furious { at: u8 },
        }
    }
    let mood = exact::<new::Mood>(old::Mood::Angry { at: 3 });
    assert_eq!(mood, new::Mood::Furious { at: 3 });
}

#[test]
fn serde_never_passes_over_what_the_user_wrote() {
    mod old {
        use super::*;
        #[derive(Reflect, Serialize, Deserialize)]
        #[reflect(Serialize, Deserialize)]
        #[type_path = "game"]
        pub struct Turret {
            pub heading: Heading,
        }
        #[derive(Reflect, Serialize, Deserialize)]
        #[type_path = "game"]
        pub struct Heading(pub f32);
    }
    mod new {
        use super::*;
        #[derive(Reflect, Serialize, Deserialize, Debug)]
        #[reflect(Serialize, Deserialize)]
        #[type_path = "game"]
        pub struct Turret {
            pub heading: Heading,
            #[serde(default = "engine")]
            pub engine: Engine,
        }
        #[derive(Reflect, Serialize, Deserialize, Debug)]
        #[type_path = "game"]
        pub struct Heading(pub f32);
        fn engine() -> Engine {
            Engine
        }
    }
    let radians = migration(|old| {
        let old = old.try_downcast_ref::<old::Heading>().ok_or("not one")?;
        Ok(new::Heading(old.0.to_radians()))
    });
    let mut migrations = Migrations::default();
    migrations.by_type.extend([radians]);
    let turret = old::Turret {
        heading: old::Heading(180.0),
    };
    let with = converter::<old::Turret, new::Turret>(&migrations);
    let refused = run::<_, new::Turret>(&with, &turret).unwrap_err();
    assert!(matches!(refused.why, Why::NoDefault { .. }), "{refused}");
    let without = converter::<old::Turret, new::Turret>(&Migrations::default());
    assert!(run::<_, new::Turret>(&without, &turret).is_ok());
}

#[test]
fn what_serde_refuses_is_said() {
    let refused = error::<new::Strict>(old::Strict { a: -1 });
    assert!(matches!(refused.why, Why::Serde { .. }), "{refused}");
    assert!(refused.to_string().contains("-1"), "{refused}");
    let refused = error::<new::Dark>(old::Dark);
    assert!(
        refused.to_string().contains("Serialize, Deserialize"),
        "{refused}"
    );
}

fn there_and_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) {
    let content = value.serialize(serializer()).unwrap();
    let ignored = RefCell::default();
    let back = T::deserialize(ReadContent::new(content, &ignored)).unwrap();
    assert_eq!(back, value);
    assert!(ignored.into_inner().is_empty());
}

#[test]
fn everything_that_serde_knows_is_kept() {
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Unit;
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct New(Option<Option<u8>>);
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    #[serde(tag = "kind")]
    enum Tagged {
        A { x: i64 },
        B,
    }
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    #[serde(untagged)]
    enum Untagged {
        Number(u64),
        Text(String),
        Named { a: Option<u8> },
    }
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Flat {
        a: u8,
        #[serde(flatten)]
        rest: BTreeMap<String, i8>,
    }
    there_and_back((u8::MAX, i8::MIN, u64::MAX, i64::MIN, u128::MAX, i128::MIN));
    there_and_back((
        f32::MAX,
        f64::MIN_POSITIVE,
        'ß',
        "text".to_owned(),
        true,
        (),
    ));
    there_and_back((Unit, New(None), New(Some(Some(1))), Some(Unit)));
    there_and_back(vec![Tagged::A { x: -1 }, Tagged::B]);
    there_and_back(vec![
        Untagged::Number(1),
        Untagged::Text("x".into()),
        Untagged::Named { a: None },
    ]);
    there_and_back(Flat {
        a: 1,
        rest: [("b".to_owned(), 2)].into(),
    });
    there_and_back::<BTreeMap<i128, [u8; 2]>>([(1, [2, 3])].into());
    there_and_back::<Result<u8, String>>(Err("x".into()));
    assert_eq!(7u8.serialize(serializer()).unwrap(), Value::from(7u8));
}
