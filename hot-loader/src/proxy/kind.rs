//! The two kinds of systems that stand behind proxies, and what differs between them. It
//! holds none.

use crate::engine::tables::TableShape;
use bevy::ecs::{
    schedule::BoxedCondition,
    system::{BoxedSystem, ScheduleSystem, System},
};

/// What kind of trait object a slot holds, with the traits' differences.
pub trait SlotKind: Send + Sync + 'static {
    /// The boxed trait object.
    type Boxed: Send + Sync;
    /// What the object returns.
    type Out: 'static;
    /// The layout of its table.
    const SHAPE: TableShape;
    /// What is returned for a system that is off or panicked.
    fn skipped() -> Self::Out;
    /// The object as a system.
    fn system(boxed: &Self::Boxed) -> &dyn System<In = (), Out = Self::Out>;
    /// The object as a system.
    fn system_mut(boxed: &mut Self::Boxed) -> &mut dyn System<In = (), Out = Self::Out>;
}

/// A system of a schedule.
#[derive(Debug)]
pub struct OfSystem;

/// A run condition.
#[derive(Debug)]
pub struct OfCondition;

impl SlotKind for OfSystem {
    type Boxed = ScheduleSystem;
    type Out = ();
    const SHAPE: TableShape = TableShape::System;
    fn skipped() {}
    fn system(boxed: &BoxedSystem) -> &dyn System<In = (), Out = ()> {
        &**boxed
    }
    fn system_mut(boxed: &mut BoxedSystem) -> &mut dyn System<In = (), Out = ()> {
        &mut **boxed
    }
}

impl SlotKind for OfCondition {
    type Boxed = BoxedCondition;
    type Out = bool;
    const SHAPE: TableShape = TableShape::Condition;
    fn skipped() -> bool {
        false
    }
    fn system(boxed: &BoxedCondition) -> &dyn System<In = (), Out = bool> {
        &**boxed
    }
    fn system_mut(boxed: &mut BoxedCondition) -> &mut dyn System<In = (), Out = bool> {
        &mut **boxed
    }
}
