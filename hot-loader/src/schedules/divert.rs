//! Catches what a plugin registers in schedules: while it builds, the world has
//! empty schedules of the same names.
//!
//! So the module's systems never mix with the host's, and every edge's options are
//! seen (the engine keeps them in private build passes). It must leave the host's
//! schedules exactly as they were.

use super::labels::ModuleSystems;
use crate::panics::lock;
use bevy::{
    ecs::{
        component::ComponentId,
        schedule::{
            FlattenedDependencies, InternedScheduleLabel, NodeId, Schedule, ScheduleBuildError,
            ScheduleBuildPass, ScheduleGraph, Schedules, SystemKey, SystemSetKey, graph::DiGraph,
            passes::IgnoreDeferred,
        },
        world::World,
    },
    platform::hash::FixedHasher,
};
use core::{iter, mem};
use indexmap::IndexSet;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex},
};

/// What a plugin registered in one schedule, with the systems themselves, none of
/// which was initialised.
pub struct RecordedSchedule {
    /// The schedule; all systems are in its graph.
    pub schedule: Schedule,
    /// The edges on which no sync point is put (`before_ignore_deferred` and its like).
    pub ignores_deferred: HashSet<(NodeId, NodeId)>,
}

impl RecordedSchedule {
    /// One in which nothing is registered.
    pub fn empty(label: InternedScheduleLabel) -> Self {
        Self {
            schedule: Schedule::new(label),
            ignores_deferred: HashSet::new(),
        }
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        is_empty(&self.schedule)
    }
}

/// Whether nobody put anything into a schedule.
pub fn is_empty(schedule: &Schedule) -> bool {
    let graph = schedule.graph();
    graph.systems.is_empty() && graph.system_sets.is_empty()
}

/// What a plugin registered in all schedules.
#[derive(Default)]
pub struct RecordedSchedules {
    /// One a schedule that the host has, and those that the plugin made.
    pub schedules: Vec<RecordedSchedule>,
    /// Components and resources whose ambiguities it allowed, in the world that it was
    /// built in.
    pub ambiguities: BTreeSet<ComponentId>,
}

/// A world whose schedules are put aside while a plugin builds.
pub struct Diversion {
    host: Schedules,
    edges: HashMap<InternedScheduleLabel, Edges>,
}

type Edges = Arc<Mutex<HashSet<(NodeId, NodeId)>>>;

impl Diversion {
    /// Puts `world`'s schedules aside, and empty ones of these names in their place.
    pub fn begin(world: &mut World, labels: &[InternedScheduleLabel]) -> Self {
        let mut edges = HashMap::new();
        let mut empty = Schedules::new();
        for label in labels {
            let pass = RecordEdges::default();
            edges.insert(*label, pass.edges.clone());
            let mut schedule = Schedule::new(*label);
            schedule.add_build_pass(pass);
            empty.insert(schedule);
        }
        let mut schedules = world.get_resource_or_init::<Schedules>();
        let host = mem::replace(&mut *schedules, empty);
        Self { host, edges }
    }

    /// Puts `world`'s own schedules back, and returns what was put into the others.
    pub fn end(self, world: &mut World) -> RecordedSchedules {
        let mut schedules = world.get_resource_or_init::<Schedules>();
        let mut recorded = mem::replace(&mut *schedules, self.host);
        let ambiguities = mem::take(&mut recorded.ignored_scheduling_ambiguities);
        let made: Vec<InternedScheduleLabel> = recorded.iter().map(|(_, s)| s.label()).collect();
        let mut schedules = Vec::new();
        for mut schedule in made.into_iter().filter_map(|label| recorded.remove(label)) {
            take_apart(&mut schedule, world);
            let edges = self.edges.get(&schedule.label());
            let edges = edges.map(|edges| mem::take(&mut *lock(edges)));
            schedules.push(RecordedSchedule {
                schedule,
                ignores_deferred: edges.unwrap_or_default(),
            });
        }
        schedules.sort_by_key(|recorded| format!("{:?}", recorded.schedule.label()));
        RecordedSchedules {
            schedules,
            ambiguities,
        }
    }
}

/// Brings the systems of a schedule that the plugin ran while it was built back into
/// the schedule's graph: a build of it that fails leaves them there.
fn take_apart(schedule: &mut Schedule, world: &mut World) {
    if schedule.systems().is_ok() {
        schedule.add_build_pass(RecordEdges {
            edges: Edges::default(),
            fails: true,
        });
        // Any change asks for a build.
        schedule.configure_sets(ModuleSystems);
        if schedule.initialize(world).is_ok() {
            tracing::warn!(
                "the schedule {:?} ran while the gameplay's plugin was being built, so its systems keep running their first code. Run it in the first frame or later",
                schedule.label()
            );
        }
        // The failed build lost all passes.
        schedule.set_build_settings(schedule.get_build_settings());
    }
    schedule.remove_build_pass::<RecordEdges>();
}

/// Notes the edges without sync points, and may let a build fail.
#[derive(Debug, Default)]
struct RecordEdges {
    edges: Edges,
    fails: bool,
}

impl ScheduleBuildPass for RecordEdges {
    type EdgeOptions = IgnoreDeferred;

    fn add_dependency(&mut self, from: NodeId, to: NodeId, options: Option<&IgnoreDeferred>) {
        if options.is_some() {
            lock(&self.edges).insert((from, to));
        }
    }

    fn collapse_set(
        &mut self,
        _: SystemSetKey,
        _: &IndexSet<SystemKey, FixedHasher>,
        _: &DiGraph<NodeId>,
    ) -> impl Iterator<Item = (NodeId, NodeId)> {
        iter::empty()
    }

    fn build(
        &mut self,
        _: &mut World,
        _: &mut ScheduleGraph,
        _: FlattenedDependencies<'_>,
    ) -> Result<(), ScheduleBuildError> {
        match self.fails {
            true => Err(ScheduleBuildError::Uninitialized),
            false => Ok(()),
        }
    }
}
