//! Lists, arrays, maps and sets, within each other.

use super::{convert, error, exact};
use crate::convert::error::{ConvertError, Why};
use bevy::{
    platform::collections::{HashMap, HashSet},
    reflect::{Reflect, prelude::ReflectDefault},
};
use std::collections::{BTreeMap, VecDeque};

mod old {
    use super::*;

    #[derive(Reflect, Clone, PartialEq, Eq, Hash)]
    #[reflect(Hash, PartialEq)]
    #[type_path = "game"]
    pub struct Item {
        pub cost: u8,
        pub kind: u16,
    }

    #[derive(Reflect)]
    #[type_path = "game"]
    pub struct Bag {
        pub items: Vec<Item>,
        pub named: HashMap<String, Vec<Item>>,
        pub sorted: BTreeMap<u8, (Item, u8)>,
        pub pairs: Vec<(Item, u8)>,
        pub three: [Item; 2],
        pub one: u8,
        pub seen: HashSet<u16>,
        pub maybe: Option<Vec<Item>>,
    }

    #[derive(Reflect)]
    #[type_path = "game"]
    pub struct Row {
        pub cells: [u8; 4],
    }

    #[derive(Reflect)]
    #[type_path = "game"]
    pub struct Tree {
        pub value: u8,
        pub children: Vec<Tree>,
    }

    #[derive(Reflect)]
    #[type_path = "game"]
    pub struct Kinds {
        pub all: HashSet<Item>,
    }
}

mod new {
    use super::*;

    #[derive(Reflect, Clone, PartialEq, Eq, Hash, Debug, Default)]
    #[reflect(Hash, PartialEq, Default)]
    #[type_path = "game"]
    pub struct Item {
        pub kind: u32,
    }

    #[derive(Reflect, Debug, PartialEq)]
    #[type_path = "game"]
    pub struct Bag {
        pub items: VecDeque<Item>,
        pub named: HashMap<String, Vec<Item>>,
        pub sorted: BTreeMap<u16, (Item, u8)>,
        pub pairs: Vec<(Item, u8)>,
        pub three: [Item; 3],
        pub one: Vec<u16>,
        pub seen: HashSet<u32>,
        pub maybe: Option<Vec<Item>>,
    }

    #[derive(Reflect, Debug, PartialEq)]
    #[type_path = "game"]
    pub struct Row {
        pub cells: [u8; 3],
    }

    #[derive(Reflect, Debug, PartialEq, Default)]
    #[reflect(Default)]
    #[type_path = "game"]
    pub struct Tree {
        pub value: u16,
        pub children: Vec<Tree>,
        pub leaf: bool,
    }

    #[derive(Reflect, Debug)]
    #[type_path = "game"]
    pub struct Kinds {
        pub all: HashSet<Item>,
    }
}

fn item(kind: u16) -> old::Item {
    old::Item { cost: 1, kind }
}

#[test]
fn everything_at_once() {
    let bag = old::Bag {
        items: vec![item(1), item(2)],
        named: [("a".to_owned(), vec![item(3)])].into_iter().collect(),
        sorted: [(4, (item(4), 5))].into(),
        pairs: vec![(item(6), 7), (item(8), 9)],
        three: [item(10), item(11)],
        one: 12,
        seen: [13].into_iter().collect(),
        maybe: Some(vec![item(14)]),
    };
    let (bag, mut lost, defaulted) = convert::<new::Bag>(bag);
    let item = |kind| new::Item { kind };
    let expected = new::Bag {
        items: [item(1), item(2)].into(),
        named: [("a".to_owned(), vec![item(3)])].into_iter().collect(),
        sorted: [(4, (item(4), 5))].into(),
        pairs: vec![(item(6), 7), (item(8), 9)],
        three: [item(10), item(11), item(0)],
        one: vec![12],
        seen: [13].into_iter().collect(),
        maybe: Some(vec![item(14)]),
    };
    assert_eq!(bag, expected);
    lost.sort();
    let expected = [
        "items[].cost",
        "maybe[].cost",
        "named[][].cost",
        "pairs[].0.cost",
        "sorted[].0.cost",
        "three[].cost",
    ];
    assert_eq!(lost, expected);
    assert_eq!(defaulted, ["three[]"]);
}

#[test]
fn an_array_that_became_too_short_is_refused() {
    let expected = ConvertError {
        path: "cells".into(),
        why: Why::TooLong(4, "[u8; 3]".into()),
    };
    assert_eq!(
        error::<new::Row>(old::Row {
            cells: [1, 2, 3, 4]
        }),
        expected
    );
}

#[test]
fn types_that_hold_themselves() {
    let leaf = |value| old::Tree {
        value,
        children: vec![],
    };
    let tree = old::Tree {
        value: 1,
        children: vec![leaf(2), leaf(3)],
    };
    let (tree, lost, defaulted) = convert::<new::Tree>(tree);
    let leaf = |value| new::Tree {
        value,
        children: vec![],
        leaf: false,
    };
    let expected = new::Tree {
        value: 1,
        children: vec![leaf(2), leaf(3)],
        leaf: false,
    };
    assert_eq!(tree, expected);
    assert!(lost.is_empty());
    assert_eq!(defaulted, ["children[].leaf", "leaf"]);
}

#[test]
fn too_deep_is_refused_before_the_stack_runs_over() {
    let tree = |depth: u8| {
        let leaf = old::Tree {
            value: 0,
            children: vec![],
        };
        (0..depth).fold(leaf, |tree, value| old::Tree {
            value,
            children: vec![tree],
        })
    };
    let convert = move || {
        assert!(super::fallible::<new::Tree>(tree(80)).is_ok());
        let refused = error::<new::Tree>(tree(120));
        assert!(matches!(refused.why, Why::TooDeep), "{refused}");
    };
    // As small as that of a thread that an app may run on.
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    thread.spawn(convert).unwrap().join().unwrap();
}

#[test]
fn elements_that_become_the_same_are_refused() {
    let all = [
        old::Item { cost: 1, kind: 1 },
        old::Item { cost: 2, kind: 1 },
    ];
    let refused = error::<new::Kinds>(old::Kinds {
        all: all.into_iter().collect(),
    });
    assert!(matches!(refused.why, Why::Collision { .. }), "{refused}");
}

#[test]
fn a_value_deep_within_is_named_with_its_place() {
    mod deep {
        use super::*;
        #[derive(Reflect, Debug)]
        #[type_path = "game"]
        #[type_name = "Item"]
        pub struct Item {
            pub cost: u8,
            pub kind: u8,
        }
        #[derive(Reflect, Debug)]
        #[type_path = "game"]
        #[type_name = "Holder"]
        pub struct Holder {
            pub all: BTreeMap<u8, Vec<Item>>,
        }
        #[derive(Reflect)]
        #[type_path = "game"]
        #[type_name = "Holder"]
        pub struct Old {
            pub all: BTreeMap<u8, Vec<old::Item>>,
        }
    }
    let all = || -> BTreeMap<_, _> { [(7, vec![item(1), item(300)])].into() };
    let expected = ConvertError {
        path: "all[7][1].kind".into(),
        why: Why::DoesNotFit("300".into(), "u8".into()),
    };
    assert_eq!(error::<deep::Holder>(deep::Old { all: all() }), expected);
    let mut fits = all();
    fits.values_mut().for_each(|items| items.truncate(1));
    let holder = exact::<deep::Holder>(deep::Old { all: fits });
    assert_eq!(holder.all[&7][0].kind, 1);
}
