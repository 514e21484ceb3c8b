//! Edits of what procedural macros make, and of what a crate that nobody knows gives by a
//! glob import under a known name.
//!
//! Must not hold rows about `macro_rules!` of the crate itself.

use super::Kind::{Body, Structure, Types};
use super::{Alarm, Row, alarms, check, misses, rows};

#[test]
fn names_that_a_macro_makes_are_followed() {
    check(&[rows(MADE_NAMES), alarms(MADE_NAMES_ALARMS)].concat());
}

#[test]
fn what_a_procedural_macro_makes_counts() {
    check(&[rows(OUTPUTS), alarms(OUTPUTS_ALARMS)].concat());
}

#[test]
fn a_glob_of_an_unknown_crate_can_give_any_name() {
    check(&[rows(GLOBS), alarms(GLOBS_ALARMS), misses(MISSES)].concat());
}

/// `[<on _boom>]` is `on_boom`.
#[rustfmt::skip]
const MADE_NAMES: &[Row] = &[
    ("what a made system calls", "app.add_systems(Update, on_boom); ⟶ kit::paste! { fn [<on _boom>](c: Commands) { k(); } } fn k() -> u8 { § }", Body, Body),
    ("what a made function calls in build", "set_up(app); ⟶ kit::paste! { fn [<set _up>](app: &mut App) { k(); } } fn k() -> u8 { § }", Structure, Structure),
    ("what build calls by a made name", "kit::paste!([<set _up>](app)); ⟶ fn set_up(app: &mut App) { k(§); } fn k(_: u8) {}", Structure, Structure),
    ("a made name in build", "app.add_systems(Update, kit::paste!([<on _ ‹boom¦hit›>])); ⟶ fn on_boom() {} fn on_hit() {}", Structure, Structure),
    ("which made system build says", "app.add_systems(Update, ‹on_boom¦on_hit›); ⟶ kit::paste! { fn [<on _boom>]() {} fn [<on _hit>]() {} }", Structure, Structure),
    ("a made resource's default", "kit::paste!(app.init_resource::<[<Car go>]>()); ⟶ #[derive(Resource)] struct Cargo(u8); impl Default for Cargo { fn default() -> Self { Cargo(§) } }", Structure, Structure),
    ("a made type's field", "kit::paste! { #[derive(Component)] pub struct [<Car go>](‹u8¦u16›); } fn keep(_: &Cargo) {}", Types, Types),
    ("a made constant of a field", "kit::paste! { const [<MAX _N>]: usize = §; } pub struct A([u8; MAX_N]);", Types, Types),
    ("a constant of a field by a made name", "const MAX_N: usize = §; pub struct A([u8; kit::paste!([<MAX _N>])]);", Types, Types),
    ("a hook of a made name", "#[derive(Component)] #[component(on_add = on_boom)] struct A; kit::paste! { fn [<on _boom>](w: DeferredWorld, c: HookContext) { k(); } } fn k() -> u8 { § }", Types, Types),
    ("what Drop of a made name calls", "pub struct Cargo(u8); kit::paste! { impl Drop for [<Car go>] { fn drop(&mut self) { k(); } } } fn k() -> u8 { § }", Types, Types),
    ("what a made trait's Drop calls", "pub struct Cargo(u8); kit::paste! { impl [<Dr op>] for Cargo { fn drop(&mut self) { k(); } } } fn k() -> u8 { § }", Types, Types),
    ("an alias by a made name in an associated type", "struct A; impl Event for A { type Trigger = kit::paste!([<Tri g>]); } type Trig = ‹u8¦u16›;", Types, Types),
    ("an alias by a made name in a made impl", "struct A; kit::paste! { impl Event for A { type Trigger = [<Tri g>]; } } type Trig = ‹u8¦u16›;", Types, Types),
];

#[rustfmt::skip]
const MADE_NAMES_ALARMS: &[Alarm] = &[
    ("a made system's parameters", "app.add_systems(Update, on_boom); ⟶ kit::paste! { fn [<on _boom>](x: Local<Size>) {} } type Size = ‹u8¦u16›;", Structure, Types, Types, "what a macro makes is its arguments, and what these mean"),
    ("a made system's body", "app.add_systems(Update, on_boom); ⟶ kit::paste! { fn [<on _boom>](c: Commands) { k(§); } } fn k(_: u8) {}", Body, Types, Types, "what a macro makes is its arguments"),
    ("a made function is new", "‹¦kit::paste! { fn [<on _boom>]() {} }› struct A;", Body, Types, Types, "what a macro makes is its arguments"),
    ("a made type is new", "struct A; ‹¦kit::paste! { pub struct [<Car go>](u8); fn keep(_: &Cargo) {} }›", Structure, Types, Types, "what a macro makes is its arguments"),
];

#[rustfmt::skip]
const OUTPUTS: &[Row] = &[
    ("an attribute adds Drop", "struct A(u8); #[kit::adds(impl Drop for A { fn drop(&mut self) { k(§); } })] fn f() {} fn k(_: u8) {}", Types, Types),
    ("an attribute's Drop calls", "struct A(u8); #[kit::adds(impl Drop for A { fn drop(&mut self) { k(); } })] fn f() {} fn k() -> u8 { § }", Types, Types),
    ("an attribute of a function adds an associated type", "struct A(u8); #[kit::adds(impl Event for A { type Trigger = ‹u8¦u16›; })] fn f() {}", Types, Types),
    ("an attribute of a constant does", "struct A(u8); #[kit::adds(impl Event for A { type Trigger = ‹u8¦u16›; })] const N: u8 = 1;", Types, Types),
    ("an attribute of an import does", "struct A(u8); #[kit::adds(impl Event for A { type Trigger = ‹u8¦u16›; })] use std::mem;", Types, Types),
    ("an attribute of an inherent impl does", "struct A(u8); #[kit::adds(impl Event for A { type Trigger = ‹u8¦u16›; })] impl A {}", Types, Types),
    ("an attribute of an ordinary impl does", "struct A(u8); #[kit::adds(impl Event for A { type Trigger = ‹u8¦u16›; })] impl std::fmt::Debug for A { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { Ok(()) } }", Types, Types),
    ("an attribute adds a type", "#[kit::adds(pub struct B(‹u8¦u16›); pub fn keep_it(_: &B) {})] fn f() {}", Types, Types),
    ("an attribute of a type adds an associated type", "#[kit::adds(impl Event for A { type Trigger = ‹u8¦u16›; })] struct A(u8);", Types, Types),
    ("an attribute by an alias", "struct A(u8); #[kit::adds(impl Event for A { type Trigger = Trig; })] fn f() {} type Trig = ‹u8¦u16›;", Types, Types),
    ("a derive's Drop calls", "#[derive(kit::Made)] #[of(impl Drop for A { fn drop(&mut self) { k(); } })] struct A(u8); fn k() -> u8 { § }", Types, Types),
    ("a derive's hook calls", "#[derive(kit::Made)] #[of(impl Component for A { const STORAGE_TYPE: StorageType = StorageType::Table; type Mutability = Mutable; fn on_add() -> Option<bevy::ecs::ComponentHook> { k(); None } })] struct A(u8); fn k() -> u8 { § }", Types, Types),
    ("a derive's constant", "#[derive(kit::Made)] #[of(impl Component for A { const STORAGE_TYPE: StorageType = K; type Mutability = Mutable; })] struct A(u8); const K: StorageType = StorageType::‹Table¦SparseSet›;", Types, Types),
    ("a derive of an ordinary trait's name from elsewhere", "#[derive(kit::Display)] #[of(impl Drop for A { fn drop(&mut self) { k(); } })] struct A(u8); fn k() -> u8 { § }", Types, Types),
    ("a derive by an ordinary name that is imported", "use kit::Display; #[derive(Display)] #[of(impl Drop for A { fn drop(&mut self) { k(); } })] struct A(u8); fn k() -> u8 { § }", Types, Types),

    ("a file of types", "kit::from_file!(\"crate/x.txt\"); fn keep(_: &A) {}\n//// x.txt\nstruct A(‹u8¦u16›);", Types, Types),
    ("a file of Drop", "struct A(u8); kit::from_file!(\"crate/x.txt\");\n//// x.txt\nimpl Drop for A { fn drop(&mut self) { k(§); } } fn k(_: u8) {}", Types, Types),
    ("a file of an associated type", "struct A(u8); kit::from_file!(\"crate/x.txt\");\n//// x.txt\nimpl Event for A { type Trigger = ‹u8¦u16›; }", Types, Types),
    ("a derive's file of Drop", "#[derive(kit::Made)] #[of_file(\"crate/x.txt\")] struct A(u8);\n//// x.txt\nimpl Drop for A { fn drop(&mut self) { k(§); } } fn k(_: u8) {}", Types, Types),
    ("a derive's file of an associated type", "#[derive(kit::Made)] #[of_file(\"crate/x.txt\")] struct A(u8);\n//// x.txt\nimpl Event for A { type Trigger = ‹u8¦u16›; }", Types, Types),
    ("a derive's file of a constant", "#[derive(kit::Made)] #[of_file(\"crate/x.txt\")] struct A(u8);\n//// x.txt\nimpl Component for A { const STORAGE_TYPE: StorageType = StorageType::‹Table¦SparseSet›; type Mutability = Mutable; }", Types, Types),
    ("an attribute's file of an associated type", "struct A(u8); #[kit::adds_file(\"crate/x.txt\")] fn f() {}\n//// x.txt\nimpl Event for A { type Trigger = ‹u8¦u16›; }", Types, Types),
    ("what an attribute makes a function give, in build", "e(); ⟶ #[kit::gives(k())] fn e() -> u8 { 1 } fn k() -> u8 { § }", Structure, Structure),
    ("what an attribute makes a function give, by another", "#[kit::gives(k())] fn e() -> u8 { 1 } fn k() -> u8 { § }", Body, Body),
    ("the body of a function with an attribute", "#[kit::adds(struct B;)] fn e() -> u8 { § }", Body, Body),
];

#[rustfmt::skip]
const OUTPUTS_ALARMS: &[Alarm] = &[
    ("a file of an expression in build", "k(kit::from_file!(\"crate/x.txt\")); ⟶ fn k(_: u8) {}\n//// x.txt\n§", Structure, Types, Types, "a macro may make anything of a file"),
    ("a file of an expression", "fn e() -> u8 { kit::from_file!(\"crate/x.txt\") }\n//// x.txt\n§", Body, Types, Types, "a macro may make anything of a file"),
    ("a file of what build calls", "e(); ⟶ kit::from_file!(\"crate/x.txt\");\n//// x.txt\nfn e() -> u8 { § }", Structure, Types, Types, "a macro may make anything of a file"),
    ("a file of functions", "kit::from_file!(\"crate/x.txt\");\n//// x.txt\nfn e() -> u8 { § }", Body, Types, Types, "a macro may make anything of a file"),
];

#[rustfmt::skip]
const GLOBS: &[Row] = &[
    ("a trait by its own name", "mod n { use kit::Command; pub struct A; impl Command for A { fn run(&self) { k(§); } } fn k(_: u8) {} }", Types, Types),
    ("a trait by a glob", "mod n { use kit::*; pub struct A; impl Command for A { fn run(&self) { k(§); } } fn k(_: u8) {} }", Types, Types),
    ("a trait by a glob of a module", "mod n { use kit::parts; use parts::*; pub struct A; impl Command for A { fn run(&self) { k(§); } } fn k(_: u8) {} }", Types, Types),
    ("a trait by an imported module", "mod n { use kit::parts; pub struct A; impl parts::Command for A { fn run(&self) { k(§); } } fn k(_: u8) {} }", Types, Types),
    ("a trait by a glob of a glob", "mod n { use super::o::*; pub struct A; impl Command for A { fn run(&self) { k(§); } } fn k(_: u8) {} } mod o { pub use kit::*; }", Types, Types),
    ("a trait by a name, and one of the crate's own", "mod n { use kit::Command; pub struct A; impl Command for A { fn run(&self) { k(§); } } fn k(_: u8) {} } mod o { pub trait Command {} }", Types, Types),
    ("a trait of the prelude's by a glob", "mod n { use kit::*; pub struct A; impl Default for A { fn default(&self) { k(§); } } fn k(_: u8) {} }", Types, Types),
    ("a derive by a glob", "mod n { use kit::*; #[derive(Display)] #[of(impl Drop for A { fn drop(&mut self) { k(); } })] pub struct A(u8); fn k() -> u8 { § } }", Types, Types),
    ("a macro by a glob", "mod n { use kit::*; pub struct A; debug! { impl bevy::ecs::Event for A { type Trigger = ‹u8¦u16›; } } }", Types, Types),
    ("a macro by its name", "mod n { use kit::debug; pub struct A; debug! { impl bevy::ecs::Event for A { type Trigger = ‹u8¦u16›; } } }", Types, Types),
    ("a macro by its path", "pub struct A; kit::debug! { impl Event for A { type Trigger = ‹u8¦u16›; } }", Types, Types),

    ("a known trait by its name beside a glob", "mod n { use kit::*; use std::fmt::Display; pub struct A; impl Display for A { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { k(§); Ok(()) } } fn k(_: u8) {} }", Body, Body),
    ("a known trait by its path beside a glob", "mod n { use kit::*; pub struct A; impl std::fmt::Display for A { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { k(§); Ok(()) } } fn k(_: u8) {} }", Body, Body),
    ("a trait of the crate's own beside a glob", "mod n { use kit::*; pub trait Go { fn go(&self); } pub struct A; impl Go for A { fn go(&self) { k(§); } } fn k(_: u8) {} }", Body, Body),
    ("an impl in another module", "mod m { use kit::*; pub struct B; } mod n { pub struct A; impl Default for A { fn default() -> A { k(§); A } } fn k(_: u8) {} }", Body, Body),
    ("a plugin beside a glob", "mod n { use kit::*; use bevy::prelude::*; pub struct A; impl Plugin for A { fn build(&self, app: &mut App) { k(§); } } fn k(_: u8) {} }", Structure, Structure),
    ("what Bevy's prelude has beside a glob", "mod n { use kit::*; use bevy::prelude::*; pub struct A; impl FromWorld for A { fn from_world(w: &mut World) -> A { k(§); A } } fn k(_: u8) {} }", Body, Body),
    ("a set beside a glob", "app.add_systems(Update, n::go.in_set(G::‹A¦B›)); ⟶ mod n { use kit::*; use bevy::prelude::*; pub fn go(c: Commands) {} }", Structure, Structure),
    ("a system beside a glob", "app.add_systems(Update, n::go); ⟶ mod n { use kit::*; use bevy::prelude::*; pub fn go(c: Commands) { k(§); } fn k(_: u8) {} }", Body, Body),
];

#[rustfmt::skip]
const GLOBS_ALARMS: &[Alarm] = &[
    ("a trait of std's prelude beside a glob", "mod n { use kit::parts::*; pub struct A; impl Default for A { fn default() -> A { k(§); A } } fn k(_: u8) {} }", Body, Types, Types, "the glob could have a trait of that name"),
];

#[rustfmt::skip]
const MISSES: &[Alarm] = &[
    ("a trait by a glob, and one of the crate's own elsewhere", "mod n { use kit::*; pub struct A; impl Command for A { fn run(&self) { k(§); } } fn k(_: u8) {} } mod o { pub trait Command {} }", Types, Body, Body, "a trait's name counts for the crate's own, wherever that is"),
];
