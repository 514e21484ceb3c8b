//! The two kinds of systems that stand behind proxies, and what differs between them. It
//! holds none.

use crate::engine::tables::TableShape;
use bevy::ecs::system::{ReadOnlySystem, System};

/// A system of a schedule.
pub type OfSystem = dyn System<In = (), Out = ()>;

/// A run condition.
pub type OfCondition = dyn ReadOnlySystem<In = (), Out = bool>;

/// What a slot holds a box of. One that is off or panicked returns the default.
pub trait SlotKind: System<In = (), Out: Default> {
    /// The layout of its table.
    const SHAPE: TableShape;
}

impl SlotKind for OfSystem {
    const SHAPE: TableShape = TableShape::System;
}

impl SlotKind for OfCondition {
    const SHAPE: TableShape = TableShape::Condition;
}
