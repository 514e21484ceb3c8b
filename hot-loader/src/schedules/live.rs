//! The module's systems in one live schedule: how they enter it, and leave it.
//!
//! A schedule that the host has too is never replaced: the module's systems enter it
//! one by one, each with its whole place in the order, and leave it together. A
//! schedule that only the module has moves as it was recorded.

use super::{
    flat::{Flat, HostSetConstraint},
    labels::{ConditionSet, Links, ModuleSystems, linked, order_target},
    parts::{LiveCondition, LiveSystem, Parts},
    raw::{Node, Raw},
};
use crate::{
    engine::labels::set_of,
    proxy::{Proxy, Slots},
};
use bevy::ecs::{
    schedule::{
        BoxedCondition, InternedScheduleLabel, InternedSystemSet, IntoScheduleConfigs, LogLevel,
        NodeId, Schedule, ScheduleCleanupPolicy, ScheduleError, SystemKey, SystemSet,
    },
    system::ScheduleSystem,
    world::World,
};
use std::{collections::HashSet, sync::Arc};

/// The run conditions of a set of the module, as they stand in a schedule.
#[derive(Clone)]
pub struct SetConditions {
    /// Whose.
    pub set: Node,
    /// Counts up with each change of them.
    pub version: u32,
    /// What must hold.
    pub conditions: Vec<LiveCondition>,
}

impl SetConditions {
    /// Takes a version that never stood in `schedule`.
    pub fn renew(&mut self, schedule: &Schedule) {
        while schedule.graph().system_sets.contains(self.label()) {
            self.version += 1;
        }
    }

    fn label(&self) -> ConditionSet {
        ConditionSet {
            of: self.set.clone(),
            version: self.version,
        }
    }
}

/// The module's part of one schedule.
pub struct LiveSchedule {
    /// The schedule.
    pub label: InternedScheduleLabel,
    /// Whether the module made it.
    pub whole: bool,
    /// The module's systems in it.
    pub systems: Vec<LiveSystem>,
    /// The conditions that sets of the module have.
    pub set_conditions: Vec<SetConditions>,
    /// Conditions on systems of the host, which only take part in body edits.
    pub on_hosts: Vec<LiveCondition>,
    /// What was said of the host's sets.
    pub constraints: HashSet<HostSetConstraint>,
}

impl LiveSchedule {
    /// Nothing of a schedule.
    pub fn new(label: InternedScheduleLabel) -> Self {
        Self {
            label,
            whole: false,
            systems: Vec::new(),
            set_conditions: Vec::new(),
            on_hosts: Vec::new(),
            constraints: HashSet::new(),
        }
    }

    /// The module's part of a schedule of the host, as `flat` says, not entered yet.
    pub fn in_hosts(label: InternedScheduleLabel, parts: &Parts, flat: &Flat) -> Self {
        let placed = parts.systems.iter().zip(flat.systems.values());
        Self {
            systems: placed
                .map(|(system, flat)| LiveSystem {
                    flat: Some(flat.clone()),
                    ..system.clone()
                })
                .collect(),
            set_conditions: flat
                .set_conditions
                .keys()
                .map(|set| SetConditions {
                    set: set.clone(),
                    version: 0,
                    conditions: parts.conditions_of(set),
                })
                .collect(),
            constraints: flat.constraints.clone(),
            ..Self::new(label)
        }
    }

    /// A schedule that the module made, and the schedule itself.
    pub fn whole(label: InternedScheduleLabel, parts: Parts) -> (Self, Schedule) {
        let mut flat = Flat::of(&parts.raw, &Raw::default());
        // Those that nothing is in stand in it too.
        for set in &parts.raw.sets {
            if !set.conditions.is_empty() {
                flat.set_conditions.entry(set.node.clone()).or_default();
            }
        }
        let live = Self {
            whole: true,
            ..Self::in_hosts(label, &parts, &flat)
        };
        (live, parts.recorded.schedule)
    }

    /// The slots of all systems and conditions.
    pub fn slots(&self) -> impl Iterator<Item = Arc<dyn Slots>> {
        let of_systems = self.systems.iter().flat_map(|placed| {
            let own: Arc<dyn Slots> = placed.slot.clone();
            let conditions = placed.conditions.iter();
            conditions.map(condition_slot).chain([own])
        });
        let of_sets = self.set_conditions.iter().flat_map(|set| &set.conditions);
        of_systems.chain(of_sets.chain(&self.on_hosts).map(condition_slot))
    }

    /// The conditions of a set.
    pub fn conditions_of(&self, set: &Node) -> Option<&SetConditions> {
        self.set_conditions.iter().find(|known| known.set == *set)
    }

    /// Puts the systems into `schedule`, which holds none of them. `said` is what was
    /// said of the host's sets before.
    pub fn enter(&self, schedule: &mut Schedule, said: &HashSet<HostSetConstraint>) {
        for set in &self.set_conditions {
            if !schedule.graph().system_sets.contains(set.label()) {
                let mut config = set.label().into_configs();
                for condition in &set.conditions {
                    config.run_if_dyn(proxy(condition));
                }
                schedule.configure_sets(config);
            }
        }
        let flats = self.systems.iter().filter_map(|it| it.flat.as_ref());
        let referred = flats.flat_map(|flat| flat.after.keys().chain(flat.before.keys()));
        let referred: HashSet<&Node> = referred.collect();
        // Diagnostics of the host that look for ambiguities know nothing of what the
        // module allowed.
        let quiet = schedule.get_build_settings().ambiguity_detection != LogLevel::Ignore;
        for placed in &self.systems {
            let Some(flat) = &placed.flat else { continue };
            let system: ScheduleSystem = Box::new(Proxy::of(placed.slot.clone()));
            let mut links = Links::default();
            let sets = &mut links.sets;
            sets.insert(ModuleSystems.intern());
            let node = Node::System(placed.id.clone());
            sets.extend(referred.contains(&node).then(|| order_target(&node)));
            sets.extend(&flat.sets);
            let conditions = self.set_conditions.iter();
            let conditions = conditions.filter(|set| flat.conditioned_by.contains(&set.set));
            sets.extend(conditions.map(|set| set.label().intern()));
            let order = |(node, ignores): (&Node, &bool)| (order_target(node), *ignores);
            links.after.extend(flat.after.iter().map(order));
            links.before.extend(flat.before.iter().map(order));
            let mut config = linked(system.into_configs(), links);
            for condition in &placed.conditions {
                config.run_if_dyn(proxy(condition));
            }
            if quiet {
                config = config.ambiguous_with_all();
            }
            schedule.add_systems(config);
        }
        for constraint in self.constraints.difference(said) {
            self.constrain(schedule, constraint);
        }
    }

    fn constrain(&self, schedule: &mut Schedule, constraint: &HostSetConstraint) {
        match constraint {
            HostSetConstraint::Nested(child, parent) => {
                schedule.configure_sets(child.in_set(*parent));
            }
            HostSetConstraint::Conditioned(child, by) => {
                if let Some(set) = self.conditions_of(by) {
                    schedule.configure_sets(child.in_set(set.label()));
                }
            }
            // The set of a system's type cannot be configured, but named.
            HostSetConstraint::Ordered(first, second, ignores) => {
                let mut links = Links::default();
                let (set, order, other) = match second.system_type() {
                    None => (second, &mut links.after, first),
                    Some(_) => (first, &mut links.before, second),
                };
                order.push((*other, *ignores));
                schedule.configure_sets(linked(set.into_configs(), links));
            }
        }
    }

    /// The sets whose systems [`leave`] a `schedule` of the host at a swap: all that entered it,
    /// and the types of those that got their proxies late. Nothing else may take systems out of
    /// it until then.
    ///
    /// # Errors
    /// Names a system that shares its type with one of the host's.
    pub fn leaving(
        &self,
        schedule: &Schedule,
        recorded: Option<&Raw>,
    ) -> Result<Vec<InternedSystemSet>, String> {
        let entered = self.systems.iter().any(|placed| placed.late.is_none());
        let entered = entered.then(|| ModuleSystems.intern());
        let late = self.late(recorded);
        let is_late = |node: NodeId| node.as_system().is_some_and(|it| late.contains(&it));
        let graph = schedule.graph();
        let nests = graph.hierarchy().graph().all_edges();
        let types: HashSet<_> = nests
            .filter(|(_, child)| is_late(*child))
            .filter_map(|(parent, _)| set_of(graph, parent.as_set()?))
            .filter(|set| set.system_type().is_some())
            .collect();
        for own in &types {
            if members(schedule, *own).any(|member| !late.contains(&member)) {
                return Err(format!(
                    "{own:?} is in the schedule {:?} twice, once added by the game",
                    self.label
                ));
            }
        }
        Ok(entered.into_iter().chain(types).collect())
    }

    /// Whether somebody else put a system into a schedule that the module made.
    pub fn is_shared(&self, schedule: &Schedule) -> bool {
        Raw::of_others(schedule, &HashSet::new()).systems.len() > self.systems.len()
    }

    /// The nodes of the module's own among the systems that got their proxies late.
    fn late(&self, recorded: Option<&Raw>) -> HashSet<SystemKey> {
        let own = self.systems.iter().filter(|it| !it.is_hosts(recorded));
        own.filter_map(|placed| placed.late).collect()
    }

    /// The nodes of the module's systems in `schedule`.
    pub fn keys(&self, schedule: &Schedule, recorded: Option<&Raw>) -> HashSet<SystemKey> {
        let mut keys = self.late(recorded);
        keys.extend(members(schedule, ModuleSystems.intern()));
        keys
    }

    /// The nodes of all proxies in `schedule`.
    pub fn proxied(&self, schedule: &Schedule) -> HashSet<SystemKey> {
        let late = self.systems.iter().filter_map(|placed| placed.late);
        late.chain(members(schedule, ModuleSystems.intern()))
            .collect()
    }
}

fn condition_slot(condition: &LiveCondition) -> Arc<dyn Slots> {
    condition.slot.clone()
}

fn proxy(condition: &LiveCondition) -> BoxedCondition {
    Box::new(Proxy::of(condition.slot.clone()))
}

/// The systems that are directly in a set.
fn members(schedule: &Schedule, set: InternedSystemSet) -> impl Iterator<Item = SystemKey> {
    let graph = schedule.graph();
    let key = graph.system_sets.get_key(set);
    let members = key.map(|key| graph.hierarchy().graph().neighbors(NodeId::Set(key)));
    let members = members.into_iter().flatten();
    members.filter_map(|member| member.as_system())
}

/// Takes the systems in a set out of `schedule`.
///
/// # Errors
/// If the engine cannot build the schedule as it is.
pub fn leave(
    schedule: &mut Schedule,
    world: &mut World,
    set: InternedSystemSet,
) -> Result<(), String> {
    let policy = ScheduleCleanupPolicy::RemoveSystemsOnlyAllowBreakages;
    match schedule.remove_systems_in_set(set, world, policy) {
        // A set that was configured and has no systems is no group.
        Ok(_) | Err(ScheduleError::SetNotFound) => Ok(()),
        Err(ScheduleError::ScheduleBuildError(error)) => {
            Err(error.to_string(schedule.graph(), world))
        }
        Err(error) => Err(error.to_string()),
    }
}
