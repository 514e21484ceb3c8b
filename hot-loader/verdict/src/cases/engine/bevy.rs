//! A stand-in for Bevy: the names and signatures that the rows use, of functions that do
//! nothing.
//!
//! Compiled by the test as a crate of its own. Must look from outside as Bevy does, as far as
//! a game's MIR shows it: generic in systems and markers, with contracts as associated items.

#![allow(warnings)]

extern crate self as bevy;

use std::marker::PhantomData;
use std::time::Duration;

fn never<T>() -> T {
    panic!("nothing runs here")
}

pub mod prelude {
    pub use crate::app::*;
    pub use crate::ecs::*;
    pub use crate::schedule::*;
    pub use crate::state::*;
    pub use crate::system::*;
    pub use crate::time::*;
    pub use crate::world::*;
    pub use crate::{debug, error, info, trace, warn};
    pub use bevy_derives::*;
}

pub mod log {
    pub use crate::{debug, error, info, trace, warn};
}

#[macro_export]
macro_rules! info { ($($t:tt)*) => { $crate::logged(::core::format_args!($($t)*)) } }
#[macro_export]
macro_rules! warn { ($($t:tt)*) => { $crate::logged(::core::format_args!($($t)*)) } }
#[macro_export]
macro_rules! error { ($($t:tt)*) => { $crate::logged(::core::format_args!($($t)*)) } }
#[macro_export]
macro_rules! debug { ($($t:tt)*) => { $crate::logged(::core::format_args!($($t)*)) } }
#[macro_export]
macro_rules! trace { ($($t:tt)*) => { $crate::logged(::core::format_args!($($t)*)) } }

#[doc(hidden)]
pub fn logged(_: std::fmt::Arguments<'_>) {}

pub mod app {
    use crate::ecs::*;
    use crate::never;
    use crate::schedule::*;
    use crate::state::*;
    use crate::system::*;
    use crate::world::*;

    pub struct App(pub World);
    pub struct SubApp(pub World);
    #[derive(Clone, Copy)]
    pub struct RenderApp;
    pub enum AppExit {
        Success,
    }

    pub trait Plugin: Send + Sync + 'static {
        fn build(&self, app: &mut App);
        fn ready(&self, _app: &App) -> bool {
            true
        }
        fn finish(&self, _app: &mut App) {}
        fn cleanup(&self, _app: &mut App) {}
        fn name(&self) -> &str {
            "plugin"
        }
        fn is_unique(&self) -> bool {
            true
        }
    }

    impl<T: Fn(&mut App) + Send + Sync + 'static> Plugin for T {
        fn build(&self, app: &mut App) {
            self(app)
        }
    }

    pub struct PluginGroupBuilder;
    impl PluginGroupBuilder {
        pub fn start<T>() -> Self {
            Self
        }
        pub fn add<T: Plugin>(self, _: T) -> Self {
            self
        }
        pub fn disable<T: Plugin>(self) -> Self {
            self
        }
    }
    pub trait PluginGroup: Sized {
        fn build(self) -> PluginGroupBuilder;
        fn name() -> String {
            String::new()
        }
    }

    pub struct OnePlugin;
    pub struct OneGroup;
    pub struct ManyPlugins;
    pub trait Plugins<Marker> {}
    impl<T: Plugin> Plugins<OnePlugin> for T {}
    impl<T: PluginGroup> Plugins<OneGroup> for T {}
    impl Plugins<ManyPlugins> for Box<dyn Plugin> {}
    macro_rules! tuples {
        ($($($t:ident $m:ident),+;)*) => { $(
            impl<$($t: Plugins<$m>, $m),+> Plugins<(ManyPlugins, $($m),+)> for ($($t,)+) {}
        )* };
    }
    tuples! { A MA; A MA, B MB; A MA, B MB, C MC; A MA, B MB, C MC, D MD; }

    impl App {
        pub fn new() -> Self {
            Self(World(0))
        }
        pub fn add_systems<M>(&mut self, _: impl ScheduleLabel, _: impl IntoScheduleConfigs<ScheduleSystem, M>) -> &mut Self {
            self
        }
        pub fn configure_sets<M>(&mut self, _: impl ScheduleLabel, _: impl IntoScheduleConfigs<InternedSystemSet, M>) -> &mut Self {
            self
        }
        pub fn add_plugins<M>(&mut self, _: impl Plugins<M>) -> &mut Self {
            self
        }
        pub fn is_plugin_added<T: Plugin>(&self) -> bool {
            false
        }
        pub fn init_resource<R: Resource + FromWorld>(&mut self) -> &mut Self {
            let made = R::from_world(&mut self.0);
            self.insert_resource(made)
        }
        pub fn insert_resource<R: Resource>(&mut self, _: R) -> &mut Self {
            self
        }
        pub fn init_state<S: States + FromWorld>(&mut self) -> &mut Self {
            self
        }
        pub fn insert_state<S: States>(&mut self, _: S) -> &mut Self {
            self
        }
        pub fn add_sub_state<S: SubStates>(&mut self) -> &mut Self {
            self
        }
        pub fn add_computed_state<S: ComputedStates>(&mut self) -> &mut Self {
            self
        }
        pub fn add_message<M: Message>(&mut self) -> &mut Self {
            self
        }
        pub fn add_observer<M>(&mut self, _: impl IntoObserverSystem<M>) -> &mut Self {
            self
        }
        pub fn register_type<T: Reflect>(&mut self) -> &mut Self {
            self
        }
        pub fn register_required_components<T: Component, R: Component + Default>(&mut self) -> &mut Self {
            self
        }
        pub fn register_required_components_with<T: Component, R: Component>(&mut self, _: fn() -> R) -> &mut Self {
            self
        }
        pub fn register_system<M>(&mut self, _: impl IntoSystem<M>) -> SystemId {
            SystemId
        }
        pub fn add_schedule(&mut self, _: Schedule) -> &mut Self {
            self
        }
        pub fn init_schedule(&mut self, _: impl ScheduleLabel) -> &mut Self {
            self
        }
        pub fn edit_schedule(&mut self, _: impl ScheduleLabel, _: impl FnMut(&mut Schedule)) -> &mut Self {
            self
        }
        pub fn set_runner(&mut self, _: impl FnOnce(App) -> AppExit + 'static) -> &mut Self {
            self
        }
        pub fn world(&self) -> &World {
            &self.0
        }
        pub fn world_mut(&mut self) -> &mut World {
            &mut self.0
        }
        pub fn sub_app_mut(&mut self, _: RenderApp) -> &mut SubApp {
            never()
        }
        pub fn get_sub_app_mut(&mut self, _: RenderApp) -> Option<&mut SubApp> {
            None
        }
        pub fn update(&mut self) {}
        pub fn finish(&mut self) {}
    }
    impl SubApp {
        pub fn add_systems<M>(&mut self, _: impl ScheduleLabel, _: impl IntoScheduleConfigs<ScheduleSystem, M>) -> &mut Self {
            self
        }
        pub fn insert_resource<R: Resource>(&mut self, _: R) -> &mut Self {
            self
        }
    }
}

pub mod ecs {
    use super::*;
    use crate::world::*;

    #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
    pub struct Entity(pub u32);
    pub enum StorageType {
        Table,
        SparseSet,
    }
    pub struct Mutable;
    pub struct Immutable;
    pub struct HookContext;
    pub struct DeferredWorld<'w>(PhantomData<&'w ()>);
    pub type ComponentHook = for<'w> fn(DeferredWorld<'w>, HookContext);
    pub struct RequiredComponents;
    impl RequiredComponents {
        pub fn register_required<C: Component>(&mut self, _: fn() -> C) {}
        pub fn related<C>(&mut self) {}
    }

    pub trait Component: Send + Sync + 'static {
        const STORAGE_TYPE: StorageType;
        type Mutability;
        fn register_required_components(_: &mut RequiredComponents) {}
        fn on_add() -> Option<ComponentHook> {
            None
        }
        fn on_insert() -> Option<ComponentHook> {
            None
        }
        fn on_remove() -> Option<ComponentHook> {
            None
        }
    }
    pub trait Resource: Send + Sync + 'static {}
    pub struct GlobalTrigger;
    pub trait Event: Send + Sync + 'static {
        type Trigger;
    }
    pub trait Message: Send + Sync + 'static {}
    pub trait Bundle: Send + Sync + 'static {}
    impl<C: Component> Bundle for C {}
    macro_rules! tuples {
        ($($($t:ident),+;)*) => { $( impl<$($t: Bundle),+> Bundle for ($($t,)+) {} )* };
    }
    tuples! { A; A, B; A, B, C; A, B, C, D; }
    impl Bundle for () {}
    pub trait States: Send + Sync + 'static {
        const DEPENDENCY_DEPTH: usize = 1;
    }
    pub trait SystemSet: Send + Sync + 'static {
        fn is_anonymous(&self) -> bool {
            false
        }
    }
    pub trait ScheduleLabel: Send + Sync + 'static {}
    pub trait Reflect: 'static {
        fn type_data() -> &'static [&'static str] {
            &[]
        }
    }
    pub trait FromReflect: Sized {
        fn from_reflect(_: &dyn std::any::Any) -> Option<Self>;
    }
    pub trait MapEntities {
        fn map_entities(&mut self);
    }
    pub trait FromWorld {
        fn from_world(world: &mut World) -> Self;
    }
    impl<T: Default> FromWorld for T {
        fn from_world(_: &mut World) -> Self {
            T::default()
        }
    }
    pub fn default<T: Default>() -> T {
        T::default()
    }
    pub trait Command: Send + 'static {
        fn apply(self, world: &mut World);
    }
    impl<F: FnOnce(&mut World) + Send + 'static> Command for F {
        fn apply(self, world: &mut World) {
            self(world)
        }
    }
    pub trait EntityCommand: Send + 'static {
        fn apply(self, entity: EntityWorldMut<'_>);
    }
    /// # Safety
    /// None.
    pub unsafe trait SystemParam {
        fn init_state() -> u8 {
            0
        }
    }
    /// # Safety
    /// None.
    pub unsafe trait QueryData {
        fn width() -> u8 {
            0
        }
    }

    #[derive(Default, Clone, Debug)]
    pub struct Name(pub String);
    impl Name {
        pub fn new(name: impl Into<String>) -> Self {
            Self(name.into())
        }
    }
    impl Component for Name {
        const STORAGE_TYPE: StorageType = StorageType::Table;
        type Mutability = Mutable;
    }
    #[derive(Default, Clone, Copy, Debug)]
    pub struct Transform {
        pub translation: Vec3,
    }
    impl Transform {
        pub fn from_xyz(x: f32, y: f32, z: f32) -> Self {
            Self { translation: Vec3::new(x, y, z) }
        }
    }
    impl Component for Transform {
        const STORAGE_TYPE: StorageType = StorageType::Table;
        type Mutability = Mutable;
    }
    #[derive(Default, Clone, Copy, Debug)]
    pub struct Vec3 {
        pub x: f32,
        pub y: f32,
        pub z: f32,
    }
    impl Vec3 {
        pub fn new(x: f32, y: f32, z: f32) -> Self {
            Self { x, y, z }
        }
    }
    impl std::ops::Rem<f32> for Vec3 {
        type Output = Vec3;
        fn rem(self, _: f32) -> Vec3 {
            self
        }
    }
    #[derive(Default, Clone, Debug)]
    pub struct Text(pub String);
    impl Component for Text {
        const STORAGE_TYPE: StorageType = StorageType::Table;
        type Mutability = Mutable;
    }
}

pub mod world {
    use super::*;
    use crate::ecs::*;
    use crate::schedule::*;
    use crate::system::*;

    pub struct World(pub u8);
    pub struct EntityWorldMut<'w>(PhantomData<&'w mut ()>);
    pub struct EntityCommands<'w>(PhantomData<&'w mut ()>);
    pub struct Commands<'w, 's>(PhantomData<(&'w (), &'s ())>);
    pub struct Hooks;

    impl World {
        pub fn spawn<B: Bundle>(&mut self, _: B) -> EntityWorldMut<'_> {
            EntityWorldMut(PhantomData)
        }
        pub fn flush(&mut self) {}
        pub fn resource<R: Resource>(&self) -> &R {
            never()
        }
        pub fn resource_mut<R: Resource>(&mut self) -> ResMut<'_, R> {
            never()
        }
        pub fn get_resource_or_init<R: Resource + FromWorld>(&mut self) -> ResMut<'_, R> {
            let _ = R::from_world(self);
            never()
        }
        pub fn init_resource<R: Resource + FromWorld>(&mut self) {
            let _ = R::from_world(self);
        }
        pub fn insert_resource<R: Resource>(&mut self, _: R) {}
        pub fn resource_scope<R: Resource, U>(&mut self, f: impl FnOnce(&mut World, ResMut<R>) -> U) -> U {
            never()
        }
        pub fn run_schedule(&mut self, _: impl ScheduleLabel) {}
        pub fn try_run_schedule(&mut self, _: impl ScheduleLabel) {}
        pub fn register_system<M>(&mut self, _: impl IntoSystem<M>) -> SystemId {
            SystemId
        }
        pub fn register_system_cached<M>(&mut self, _: impl IntoSystem<M>) -> SystemId {
            SystemId
        }
        pub fn run_system(&mut self, _: SystemId) {}
        pub fn run_system_with<I>(&mut self, _: SystemId, _: I) {}
        pub fn run_system_once<M, S: IntoSystem<M>>(&mut self, _: S) {}
        pub fn run_system_cached<M, S: IntoSystem<M>>(&mut self, _: S) {}
        pub fn trigger<E: Event>(&mut self, _: E) {}
        pub fn commands(&mut self) -> Commands<'_, '_> {
            Commands(PhantomData)
        }
        pub fn register_component_hooks<C: Component>(&mut self) -> &mut Hooks {
            never()
        }
        pub fn register_required_components<T: Component, R: Component + Default>(&mut self) {}
    }
    impl Hooks {
        pub fn on_add(&mut self, _: ComponentHook) -> &mut Self {
            self
        }
    }
    impl EntityWorldMut<'_> {
        pub fn id(&self) -> Entity {
            Entity(0)
        }
        pub fn insert<B: Bundle>(&mut self, _: B) -> &mut Self {
            self
        }
        pub fn observe<M>(&mut self, _: impl IntoObserverSystem<M>) -> &mut Self {
            self
        }
        pub fn trigger<E: Event>(&mut self, _: E) -> &mut Self {
            self
        }
    }
    impl Commands<'_, '_> {
        pub fn spawn<B: Bundle>(&mut self, _: B) -> EntityCommands<'_> {
            EntityCommands(PhantomData)
        }
        pub fn spawn_empty(&mut self) -> EntityCommands<'_> {
            EntityCommands(PhantomData)
        }
        pub fn queue<C: Command>(&mut self, _: C) {}
        pub fn trigger<E: Event>(&mut self, _: E) {}
        pub fn run_system_cached<M, S: IntoSystem<M>>(&mut self, _: S) {}
        pub fn insert_resource<R: Resource>(&mut self, _: R) {}
    }
    impl EntityCommands<'_> {
        pub fn queue<C: EntityCommand>(&mut self, _: C) -> &mut Self {
            self
        }
        pub fn id(&self) -> Entity {
            Entity(0)
        }
    }
}

pub mod system {
    use super::*;
    use crate::ecs::*;
    use crate::schedule::*;
    use crate::world::*;
    use std::ops::{Deref, DerefMut};

    pub struct Query<'w, 's, D, F = ()>(PhantomData<(&'w (), &'s (), D, F)>);
    pub struct Res<'w, R: ?Sized>(pub(crate) &'w R);
    pub struct ResMut<'w, R: ?Sized>(pub(crate) &'w mut R);
    pub type Mut<'w, R> = ResMut<'w, R>;
    pub struct Local<'s, T>(pub(crate) &'s mut T);
    pub struct On<'w, E, B = ()> {
        pub entity: Entity,
        of: PhantomData<(&'w (), E, B)>,
    }
    pub struct In<T>(pub T);
    pub struct MessageReader<'w, 's, M>(PhantomData<(&'w (), &'s (), M)>);
    pub struct MessageWriter<'w, M>(PhantomData<(&'w (), M)>);
    pub struct With<T>(PhantomData<T>);
    pub struct Without<T>(PhantomData<T>);
    pub struct Or<T>(PhantomData<T>);
    pub struct Add;
    pub struct Insert;
    pub struct Remove;
    #[derive(Clone, Copy)]
    pub struct SystemId;
    pub struct Observer;
    impl Component for Observer {
        const STORAGE_TYPE: StorageType = StorageType::Table;
        type Mutability = Mutable;
    }
    impl Observer {
        pub fn new<M>(_: impl IntoObserverSystem<M>) -> Self {
            Self
        }
    }

    impl<R: ?Sized> Deref for Res<'_, R> {
        type Target = R;
        fn deref(&self) -> &R {
            self.0
        }
    }
    impl<R: ?Sized> Deref for ResMut<'_, R> {
        type Target = R;
        fn deref(&self) -> &R {
            self.0
        }
    }
    impl<R: ?Sized> DerefMut for ResMut<'_, R> {
        fn deref_mut(&mut self) -> &mut R {
            self.0
        }
    }
    impl<T> Deref for Local<'_, T> {
        type Target = T;
        fn deref(&self) -> &T {
            self.0
        }
    }
    impl<T> DerefMut for Local<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            self.0
        }
    }
    impl<E, B> Deref for On<'_, E, B> {
        type Target = E;
        fn deref(&self) -> &E {
            never()
        }
    }
    /// What a query's item is.
    pub trait Fetched {
        type Item<'w>;
    }
    impl<T: 'static> Fetched for &T {
        type Item<'w> = &'w T;
    }
    impl<T: 'static> Fetched for &mut T {
        type Item<'w> = ResMut<'w, T>;
    }
    impl Fetched for Entity {
        type Item<'w> = Entity;
    }
    impl<A: Fetched, B: Fetched> Fetched for (A, B) {
        type Item<'w> = (A::Item<'w>, B::Item<'w>);
    }
    impl<D: Fetched, F> Query<'_, '_, D, F> {
        pub fn iter(&self) -> std::vec::IntoIter<D::Item<'_>> {
            Vec::new().into_iter()
        }
        pub fn iter_mut(&mut self) -> std::vec::IntoIter<D::Item<'_>> {
            Vec::new().into_iter()
        }
        pub fn is_empty(&self) -> bool {
            true
        }
        pub fn single(&self) -> Result<D::Item<'_>, ()> {
            Err(())
        }
    }
    impl<'a, D: Fetched, F> IntoIterator for &'a Query<'_, '_, D, F> {
        type Item = D::Item<'a>;
        type IntoIter = std::vec::IntoIter<D::Item<'a>>;
        fn into_iter(self) -> Self::IntoIter {
            Vec::new().into_iter()
        }
    }
    impl<'a, D: Fetched, F> IntoIterator for &'a mut Query<'_, '_, D, F> {
        type Item = D::Item<'a>;
        type IntoIter = std::vec::IntoIter<D::Item<'a>>;
        fn into_iter(self) -> Self::IntoIter {
            Vec::new().into_iter()
        }
    }
    impl<M> MessageReader<'_, '_, M> {
        pub fn read(&mut self) -> std::slice::Iter<'_, M> {
            [].iter()
        }
    }
    impl<M> MessageWriter<'_, M> {
        pub fn write(&mut self, _: M) {}
    }

    /// As Bevy's: it stands among the type arguments of whatever takes a system.
    pub struct IsFunctionSystem;
    pub trait IntoSystem<M>: Sized {
        type Out;
        fn pipe<B: IntoSystem<N>, N>(self, _: B) -> System<B::Out> {
            never()
        }
        fn map<T, O>(self, _: T) -> System<O>
        where
            T: FnMut(Self::Out) -> O,
        {
            never()
        }
        fn with_input<I>(self, _: I) -> System<Self::Out> {
            never()
        }
    }
    pub struct System<O>(PhantomData<O>);
    pub struct IsSystem;
    impl<O> IntoSystem<IsSystem> for System<O> {
        type Out = O;
    }
    pub trait IntoObserverSystem<M>: Sized {}
    pub struct RunIf;
    macro_rules! functions {
        ($($($p:ident),*;)*) => { $(
            impl<F: FnMut($($p),*) -> O, O, $($p),*> IntoSystem<(IsFunctionSystem, fn($($p),*) -> O)> for F { type Out = O; }
            impl<F: FnMut(E, $($p),*) -> O, O, E, $($p),*> IntoObserverSystem<(IsFunctionSystem, fn(E, $($p),*) -> O)> for F {}
        )* };
    }
    functions! { ; A; A, B; A, B, C; }
    pub trait SystemCondition<M>: IntoSystem<M, Out = bool> {
        fn and<N, C: SystemCondition<N>>(self, _: C) -> System<bool> {
            never()
        }
        fn or<N, C: SystemCondition<N>>(self, _: C) -> System<bool> {
            never()
        }
    }
    impl<M, S: IntoSystem<M, Out = bool>> SystemCondition<M> for S {}
    pub fn not<M, C: SystemCondition<M>>(_: C) -> System<bool> {
        never()
    }
    pub fn resource_exists<R: Resource>() -> bool {
        true
    }
    pub fn resource_equals<R: Resource + PartialEq>(_: R) -> impl FnMut() -> bool {
        || true
    }
    pub fn in_state<S: States>(_: S) -> impl FnMut() -> bool {
        || true
    }
    pub fn run_once() -> bool {
        true
    }
    pub fn on_timer(_: Duration) -> impl FnMut() -> bool {
        || true
    }
}

pub mod schedule {
    use super::*;
    use crate::ecs::*;
    use crate::system::*;

    macro_rules! labels {
        ($($name:ident)*) => { $( #[derive(Clone, Copy, Default)] pub struct $name; impl ScheduleLabel for $name {} )* };
    }
    labels! { Update Startup PostStartup FixedUpdate PreUpdate PostUpdate Render }
    pub struct ScheduleSystem;
    pub struct InternedSystemSet;
    pub struct ScheduleConfigs<T>(PhantomData<T>);
    pub struct Schedule;
    impl Schedule {
        pub fn new(_: impl ScheduleLabel) -> Self {
            Self
        }
        pub fn add_systems<M>(&mut self, _: impl IntoScheduleConfigs<ScheduleSystem, M>) -> &mut Self {
            self
        }
        pub fn configure_sets<M>(&mut self, _: impl IntoScheduleConfigs<InternedSystemSet, M>) -> &mut Self {
            self
        }
        pub fn run(&mut self, _: &mut crate::world::World) {}
    }
    pub trait IntoSystemSet<M>: Sized {}
    pub struct IsSet;
    impl<S: SystemSet> IntoSystemSet<IsSet> for S {}
    impl<S: IntoSystem<M>, M> IntoSystemSet<(IsSystem, M)> for S {}

    pub trait IntoScheduleConfigs<T, M>: Sized {
        fn into_configs(self) -> ScheduleConfigs<T> {
            never()
        }
        fn chain(self) -> ScheduleConfigs<T> {
            never()
        }
        fn chain_ignore_deferred(self) -> ScheduleConfigs<T> {
            never()
        }
        fn before<N>(self, _: impl IntoSystemSet<N>) -> ScheduleConfigs<T> {
            never()
        }
        fn after<N>(self, _: impl IntoSystemSet<N>) -> ScheduleConfigs<T> {
            never()
        }
        fn ambiguous_with<N>(self, _: impl IntoSystemSet<N>) -> ScheduleConfigs<T> {
            never()
        }
        fn in_set(self, _: impl SystemSet) -> ScheduleConfigs<T> {
            never()
        }
        fn run_if<N>(self, _: impl SystemCondition<N>) -> ScheduleConfigs<T> {
            never()
        }
        fn distributive_run_if<N>(self, _: impl SystemCondition<N>) -> ScheduleConfigs<T> {
            never()
        }
    }
    impl<S: IntoSystem<M>, M> IntoScheduleConfigs<ScheduleSystem, (IsSystem, M)> for S {}
    impl<S: SystemSet> IntoScheduleConfigs<InternedSystemSet, IsSet> for S {}
    impl<T> IntoScheduleConfigs<T, ()> for ScheduleConfigs<T> {}
    impl<T, M, S: IntoScheduleConfigs<T, M>, const N: usize> IntoScheduleConfigs<T, [M; 1]> for [S; N] {}
    pub struct Many;
    macro_rules! tuples {
        ($($($t:ident $m:ident),+;)*) => { $(
            impl<Z, $($t: IntoScheduleConfigs<Z, $m>, $m),+> IntoScheduleConfigs<Z, (Many, $($m),+)> for ($($t,)+) {}
        )* };
    }
    tuples! { A MA; A MA, B MB; A MA, B MB, C MC; A MA, B MB, C MC, D MD; }
}

pub mod state {
    use crate::ecs::*;

    pub struct OnEnter<S>(pub S);
    impl<S: States> ScheduleLabel for OnEnter<S> {}
    pub struct OnExit<S>(pub S);
    impl<S: States> ScheduleLabel for OnExit<S> {}
    pub trait ComputedStates: Sized + Send + Sync + 'static {
        type SourceStates;
        fn compute(sources: Self::SourceStates) -> Option<Self>;
    }
    pub trait SubStates: Sized + Send + Sync + 'static {
        type SourceStates;
        fn should_exist(sources: Self::SourceStates) -> Option<Self>;
    }
}

pub mod time {
    use crate::ecs::*;
    use std::time::Duration;

    pub struct Fixed;
    #[derive(Default)]
    pub struct Time<T = ()>(T);
    impl<T: Send + Sync + 'static> Resource for Time<T> {}
    impl<T> Time<T> {
        pub fn delta_secs(&self) -> f32 {
            0.0
        }
        pub fn delta(&self) -> Duration {
            Duration::ZERO
        }
    }
    impl Time<Fixed> {
        pub fn from_hz(_: f64) -> Self {
            Self(Fixed)
        }
    }
    pub enum TimerMode {
        Once,
        Repeating,
    }
    pub struct Timer(pub f32, pub TimerMode);
    impl Timer {
        pub fn new(duration: Duration, mode: TimerMode) -> Self {
            Self(duration.as_secs_f32(), mode)
        }
        pub fn from_seconds(seconds: f32, mode: TimerMode) -> Self {
            Self(seconds, mode)
        }
        pub fn tick(&mut self, _: Duration) -> &mut Self {
            self
        }
        pub fn just_finished(&self) -> bool {
            false
        }
    }
}
