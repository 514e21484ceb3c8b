//! Plugins in all their shapes: each of them is a root of the registration surface.

use super::super::EditKind::{Body, Structure, Types};
use super::{Row, all_are, check};

#[test]
fn functions_that_take_an_app_are_registration() {
    let rows: &[Row] = &[
        (
            "a plugin function",
            "fn plugin(app: &mut App) { 1; }",
            "fn plugin(app: &mut App) { 2; }",
            Structure,
            Structure,
        ),
        (
            "a sub-app",
            "fn p(app: &mut SubApp) { 1; }",
            "fn p(app: &mut SubApp) { 2; }",
            Structure,
            Structure,
        ),
        (
            "a schedule",
            "fn p(s: &mut Schedule) { 1; }",
            "fn p(s: &mut Schedule) { 2; }",
            Structure,
            Structure,
        ),
        (
            "a maker of systems",
            "fn p() -> ScheduleConfigs<S> { 1 }",
            "fn p() -> ScheduleConfigs<S> { 2 }",
            Structure,
            Structure,
        ),
        (
            "a generic maker",
            "fn p<M>(s: impl IntoScheduleConfigs<M>) { 1 }",
            "fn p<M>(s: impl IntoScheduleConfigs<M>) { 2 }",
            Structure,
            Structure,
        ),
        (
            "a renamed App",
            "use bevy::app::App as Game; fn p(a: &mut Game) { 1 }",
            "use bevy::app::App as Game; fn p(a: &mut Game) { 2 }",
            Structure,
            Structure,
        ),
        (
            "an aliased App",
            "type Game<'a> = &'a mut App; fn p(a: Game) { 1 }",
            "type Game<'a> = &'a mut App; fn p(a: Game) { 2 }",
            Structure,
            Structure,
        ),
        (
            "a plugin's finish",
            "impl Plugin for P { fn finish(&self, a: &mut App) { 1 } }",
            "impl Plugin for P { fn finish(&self, a: &mut App) { 2 } }",
            Structure,
            Structure,
        ),
        (
            "a plugin's is_unique",
            "impl Plugin for P { fn is_unique(&self) -> bool { true } }",
            "impl Plugin for P { fn is_unique(&self) -> bool { false } }",
            Structure,
            Structure,
        ),
        (
            "a plugin group",
            "impl PluginGroup for P { fn build(self) -> B { 1 } }",
            "impl PluginGroup for P { fn build(self) -> B { 2 } }",
            Structure,
            Structure,
        ),
        (
            "a returned plugin",
            "fn p() -> impl Plugin { 1 }",
            "fn p() -> impl Plugin { 2 }",
            Structure,
            Structure,
        ),
        (
            "a new plugin",
            "struct A;",
            "struct A; impl Plugin for A { fn build(&self, app: &mut App) {} }",
            Structure,
            Structure,
        ),
        (
            "the exported expression",
            "hot_loader::export!(A);",
            "hot_loader::export!(B);",
            Structure,
            Structure,
        ),
        (
            "what the exported expression calls",
            "hot_loader::export!(p(1)); fn p(x: u8) -> P { 1 }",
            "hot_loader::export!(p(1)); fn p(x: u8) -> P { 2 }",
            Structure,
            Structure,
        ),
        (
            "an exclusive system",
            "fn s(world: &mut World) { 1; }",
            "fn s(world: &mut World) { 2; }",
            Body,
            Body,
        ),
    ];
    check(rows);
}

#[test]
fn plugins_are_found_wherever_they_are() {
    all_are(
        Structure,
        &[
            (
                "app.add_plugins(A);",
                "struct A; impl Plugin for A { fn build(&self, app: &mut App) { § } }",
            ),
            (
                "app.add_plugins(A { count: § });",
                "struct A { count: u8 } impl Plugin for A { fn build(&self, app: &mut App) {} }",
            ),
            (
                "app.add_plugins(m::A);",
                "mod m { pub struct A; mod n { impl bevy::app::Plugin for super::A { fn build(&self, app: &mut App) { § } } } }",
            ),
            (
                "app.add_plugins(A::<u8>::new());",
                "struct A<T>(T); impl<T: Component> Plugin for A<T> { fn build(&self, app: &mut App) { § } }",
            ),
            (
                "app.add_plugins(A::<u8>::new());",
                "struct A<T>(T); impl<T> A<T> { fn new() -> Self { § } } impl<T> Plugin for A<T> { fn build(&self, app: &mut App) {} }",
            ),
            (
                "app.add_plugins(A);",
                "struct A; impl Plugin for A { fn build(&self, app: &mut App) { self.more(); } } impl A { fn more(&self) { § } }",
            ),
            (
                "app.add_plugins((a, b, (c, d)));",
                "fn d(app: &mut App) { § }",
            ),
            (
                "app.add_plugins((a, |app: &mut App| { h(); }));",
                "fn h() { § }",
            ),
            ("app.add_plugins((a, |app: &mut App| { §; }));", ""),
            (
                "app.add_plugins(m::plugin);",
                "mod m { pub fn plugin(app: &mut bevy::app::App) { § } }",
            ),
            (
                "for p in PLUGINS { app.add_plugins(p); }",
                "const PLUGINS: [fn(&mut App); 1] = [a]; fn a(app: &mut App) { § }",
            ),
            (
                "for p in PLUGINS { app.add_plugins(p); }",
                "const PLUGINS: [fn(&mut App); 1] = [a§]; fn a1(app: &mut App) {} fn a2(app: &mut App) {}",
            ),
            (
                "app.add_plugins(boxed());",
                "fn boxed() -> Box<dyn Plugin> { § }",
            ),
            (
                "app.add_plugins(DefaultPlugins.build().disable::<A§>());",
                "",
            ),
            (
                "app.add_plugins(Group);",
                "struct Group; impl PluginGroup for Group { fn build(self) -> PluginGroupBuilder { PluginGroupBuilder::start::<Self>().add(A§) } }",
            ),
            (
                "app.add_plugins(Group);",
                "struct Group; impl bevy::app::PluginGroup for Group { fn name() -> String { n() } fn build(self) -> B { B } } fn n() -> String { § }",
            ),
            (
                "app.add_plugins(ui(§));",
                "fn ui(n: u8) -> impl Fn(&mut App) { move |app| {} }",
            ),
            (
                "if !app.is_plugin_added::<A§>() { app.add_plugins(a); }",
                "",
            ),
            (
                "",
                "fn sub(app: &mut SubApp) { app.add_systems(Update, s§); }",
            ),
            ("app.sub_app_mut(RenderApp).add_systems(Render, s§);", ""),
            (
                "wire(app.sub_app_mut(RenderApp));",
                "fn wire(sub: &mut SubApp) { sub.add_systems(Render, s); h(); } fn h() { § }",
            ),
            (
                "if let Some(render) = app.get_sub_app_mut(RenderApp) { more(render); }",
                "fn more(render: &mut Render) { § }",
            ),
            (
                "",
                "mod a { mod b { fn plugin(app: &mut App) { helper(); } fn helper() { § } } }",
            ),
            ("", "impl P { fn extra(&self, app: &mut App) { § } }"),
            ("", "trait Feature { fn add(&self, app: &mut App) { § } }"),
            ("", "fn p(game: &mut bevy::prelude::App) { § }"),
            ("", "fn p(f: impl FnOnce(&mut App)) { § }"),
            ("", "fn p() -> Box<dyn FnOnce(&mut App)> { § }"),
            (
                "",
                "fn p(systems: impl IntoScheduleConfigs<ScheduleSystem, M>) { § }",
            ),
            (
                "",
                "fn p<S>(systems: S) where S: IntoScheduleConfigs<ScheduleSystem, M> { § }",
            ),
            ("", "fn set() -> impl SystemSet { § }"),
            (
                "",
                "fn p(schedule: &mut Schedule) { helper() } fn helper() { § }",
            ),
            (
                "",
                "const _: () = { impl Plugin for A { fn build(&self, app: &mut App) { helper(); } } }; struct A; fn helper() { § }",
            ),
            (
                "",
                "fn hidden() { impl Plugin for A { fn build(&self, app: &mut App) { helper(); } } } struct A; fn helper() { § }",
            ),
            (
                "",
                "static HIDDEN: u8 = { impl Plugin for A { fn build(&self, app: &mut App) { helper(); } } 1 }; struct A; fn helper() { § }",
            ),
            (
                "",
                "macro_rules! plugin { ($t:ident) => { impl Plugin for $t { fn build(&self, app: &mut App) { helper(); } } } } struct A; plugin!(A); fn helper() { § }",
            ),
            ("", "plugin_of!(A, helper); fn helper() { § }"),
            (
                "",
                "#[odd::plugin] fn p(x: Odd) { helper(); } fn helper() { § }",
            ),
            (
                "",
                "#[derive(OddPlugin)] #[plugin(helper)] struct A; fn helper() { § }",
            ),
        ],
    );
}

#[test]
fn every_method_of_a_plugin_is_registration() {
    for method in [
        "fn build(&self, app: &mut App) { § }",
        "fn ready(&self, app: &App) -> bool { § > 1 }",
        "fn finish(&self, app: &mut App) { § }",
        "fn cleanup(&self, app: &mut App) { § }",
        "fn name(&self) -> &str { \"§\" }",
        "fn is_unique(&self) -> bool { § > 1 }",
        "fn is_unique(&self) -> bool { helper() } } fn helper() -> bool { § > 1 } struct B; impl B {",
        "fn name(&self) -> &str { NAME } } const NAME: &str = \"§\"; struct B; impl B {",
    ] {
        let more = format!("struct A; impl Plugin for A {{ {method} }}");
        all_are(Structure, &[("app.add_plugins(A);", &more)]);
        // Beside a trait of the crate's own of that name.
        let more = format!(
            "mod own {{ pub trait Plugin {{ fn go(&self); }} }} struct A; impl bevy::app::Plugin for A {{ {method} }}"
        );
        all_are(Structure, &[("app.add_plugins(A);", &more)]);
    }
}

#[test]
fn what_is_exported_is_registration() {
    all_are(
        Structure,
        &[
            ("", "hot_loader::export!(A§);"),
            ("", "hot_loader::export! { A { x: § } }"),
            (
                "",
                "hot_loader::export!(plugins()); fn plugins() -> (A, B) { (A, B§) }",
            ),
            (
                "",
                "hot_loader::export!((A, B, m::plugin)); mod m { pub fn plugin(a: A) { § } }",
            ),
            (
                "",
                "hot_loader::export!(|app: &mut App| { h(); }); fn h() { § }",
            ),
            (
                "",
                "hot_loader::export!(A::default()); struct A { x: X } impl Default for A { fn default() -> A { § } }",
            ),
            (
                "",
                "hot_loader::export!(A::default()); #[derive(Default)] struct A { x: X } struct X; impl Default for X { fn default() -> X { § } }",
            ),
            (
                "",
                "hot_loader::export!(A::DEMO); struct A(u8); impl A { const DEMO: A = A(§); }",
            ),
            (
                "",
                "hot_loader::export!(A(COUNT)); struct A(u8); const COUNT: u8 = §;",
            ),
            (
                "",
                "use hot_loader::export; export!(start); fn start(a: &mut Any) { § }",
            ),
            (
                "",
                "use crate::m::start; hot_loader::export!(start); mod m { pub fn start(a: &mut Any) { § } }",
            ),
            (
                "",
                "hot_loader::export!(generic::<u8>); fn generic<T>(a: &mut Any) { § }",
            ),
        ],
    );
}

#[test]
fn what_a_state_follows_is_registration() {
    all_are(
        Structure,
        &[
            (
                "app.add_computed_state::<S>();",
                "struct S; impl ComputedStates for S { type SourceStates = M; fn compute(m: M) -> Option<S> { § } }",
            ),
            (
                "app.add_sub_state::<S>();",
                "struct S; impl SubStates for S { fn should_exist(m: M) -> Option<S> { § } }",
            ),
        ],
    );
}

#[test]
fn what_has_an_identity_of_its_own_is_a_type() {
    all_are(
        Types,
        &[
            (
                "app.add_systems(A, s);",
                "#[derive(ScheduleLabel, Clone, PartialEq, Eq, Hash)] struct A; #[derive(SystemSet)] enum B { C§ }",
            ),
            (
                "app.add_systems(L::A1, s);",
                "#[derive(ScheduleLabel)] enum L { A1, B§ }",
            ),
            (
                "app.configure_sets(Update, G::A);",
                "#[derive(SystemSet)] enum G { A, B§ }",
            ),
            (
                "app.init_state::<S>();",
                "#[derive(States, Default)] enum S { #[default] A, B§ }",
            ),
            (
                "app.add_sub_state::<S>();",
                "#[derive(SubStates, Default)] #[source(M = M::A§)] enum S { #[default] A, B }",
            ),
            ("app.add_plugins(A { n: 1 });", "struct A { n: u8, x§: u8 }"),
            ("", "plugin_group! { pub struct G { a:::A§ } }"),
            ("", "odd!(§);"),
            ("", "#[odd_plugin(§)] impl A { fn build() {} }"),
        ],
    );
}
