//! Variants that come, go and change what they hold.

use super::{convert, error, exact};
use crate::{
    convert::error::{ConvertError, Why},
    migration::Was,
};
use bevy::reflect::{Reflect, prelude::ReflectDefault};

mod old {
    use super::*;

    #[derive(Reflect, Clone)]
    #[type_path = "game"]
    pub enum Mood {
        Calm,
        Angry { at: u8, since: f32 },
        Hungry(u8, u8),
        Asleep,
        Gone(u8),
    }

    #[derive(Reflect)]
    #[type_path = "game"]
    pub struct Crew {
        pub moods: Vec<Mood>,
    }

    #[derive(Reflect)]
    #[type_path = "game"]
    pub struct Maybe {
        pub mood: Option<Mood>,
        pub deep: Option<u8>,
    }
}

mod new {
    use super::*;

    #[derive(Reflect, Clone, Debug, PartialEq, Default)]
    #[reflect(Default)]
    #[type_path = "game"]
    pub enum Mood {
        #[reflect(@Was("Angry"))]
        Furious {
            #[reflect(@Was("since"))]
            from: f64,
            #[reflect(default)]
            reason: String,
        },
        Hungry(u16),
        #[default]
        Calm,
        Asleep {
            dream: Option<u8>,
        },
    }

    #[derive(Reflect, Debug, PartialEq)]
    #[type_path = "game"]
    pub struct Crew {
        pub moods: Vec<Mood>,
    }

    #[derive(Reflect, Debug, PartialEq)]
    #[type_path = "game"]
    pub struct Maybe {
        pub mood: Option<Mood>,
        pub deep: Option<Option<u16>>,
    }
}

#[test]
fn each_variant_becomes_its_own() {
    assert_eq!(exact::<new::Mood>(old::Mood::Calm), new::Mood::Calm);
    let (mood, lost, defaulted) = convert::<new::Mood>(old::Mood::Angry { at: 1, since: 2.5 });
    let expected = new::Mood::Furious {
        from: 2.5,
        reason: String::new(),
    };
    assert_eq!(mood, expected);
    assert_eq!(
        (lost, defaulted),
        (vec!["Angry.at".into()], vec!["Angry.reason".into()])
    );
    let (mood, lost, _) = convert::<new::Mood>(old::Mood::Hungry(3, 4));
    assert_eq!(
        (mood, lost),
        (new::Mood::Hungry(3), vec!["Hungry.1".into()])
    );
    let (mood, _, defaulted) = convert::<new::Mood>(old::Mood::Asleep);
    assert_eq!(mood, new::Mood::Asleep { dream: None });
    assert_eq!(defaulted, ["Asleep.dream"]);
}

#[test]
fn a_live_variant_that_is_gone_is_refused_where_it_is() {
    let moods = vec![old::Mood::Calm, old::Mood::Gone(1)];
    let expected = ConvertError {
        path: "moods[1]".into(),
        why: Why::NoVariant("Gone".into(), "game::Mood".into()),
    };
    assert_eq!(error::<new::Crew>(old::Crew { moods }), expected);
    assert!(expected.to_string().contains("Was(\"Gone\")"));
    // Nobody minds one that no value is of.
    let crew = exact::<new::Crew>(old::Crew {
        moods: vec![old::Mood::Calm],
    });
    assert_eq!(crew.moods, [new::Mood::Calm]);
}

#[test]
fn options_are_no_step_of_a_path() {
    let maybe = old::Maybe {
        mood: Some(old::Mood::Hungry(1, 2)),
        deep: Some(3),
    };
    let (maybe, lost, _) = convert::<new::Maybe>(maybe);
    let expected = new::Maybe {
        mood: Some(new::Mood::Hungry(1)),
        deep: Some(Some(3)),
    };
    assert_eq!(maybe, expected);
    assert_eq!(lost, ["mood.Hungry.1"]);
    let maybe = exact::<new::Maybe>(old::Maybe {
        mood: None,
        deep: None,
    });
    assert_eq!(
        maybe,
        new::Maybe {
            mood: None,
            deep: None
        }
    );
}

#[test]
fn the_default_variant_gives_its_fields() {
    mod old {
        use super::*;
        #[derive(Reflect)]
        #[type_path = "game"]
        pub enum Gun {
            Loaded { shots: u8 },
        }
    }
    mod new {
        use super::*;
        #[derive(Reflect, Debug, PartialEq)]
        #[reflect(Default)]
        #[type_path = "game"]
        pub enum Gun {
            Loaded { shots: u16, range: u8 },
        }
        impl Default for Gun {
            fn default() -> Self {
                Self::Loaded {
                    shots: 1,
                    range: 99,
                }
            }
        }
    }
    let (gun, _, defaulted) = convert::<new::Gun>(old::Gun::Loaded { shots: 6 });
    assert_eq!(
        gun,
        new::Gun::Loaded {
            shots: 6,
            range: 99
        }
    );
    assert_eq!(defaulted, ["Loaded.range"]);
}
