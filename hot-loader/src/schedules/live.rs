//! The module's systems in one live schedule: how they enter it, and leave it.
//!
//! A schedule that the host has too is never replaced: the module's systems enter it
//! one by one, each with its whole place in the order, and leave it together. A
//! schedule that only the module has moves as it was recorded.

use super::{
    flat::{Flat, FlatSystem, Gate, Lasting, Spot, Touched},
    labels::{GateSet, ModuleSystems, Place},
    parts::{LiveCondition, LiveSystem, Parts},
    raw::Raw,
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
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// A system, and where it stands.
#[derive(Clone)]
pub struct Placed {
    /// The system.
    pub live: LiveSystem,
    /// Its place. `None` for what a plugin added after it was built, of which only
    /// the engine knows the place.
    pub flat: Option<FlatSystem>,
    /// Its node, if it got its proxy where it stood.
    pub late: Option<SystemKey>,
}

impl Placed {
    /// Whether it got a proxy for its name only: the module registers nothing like it.
    pub fn is_hosts(&self, recorded: Option<&Raw>) -> bool {
        self.late.is_some() && !recorded.is_some_and(|raw| raw.has(&self.live.id))
    }
}

/// A gate that stands in a schedule.
#[derive(Clone)]
pub struct LiveGate {
    /// Which.
    pub gate: Gate,
    /// Of its set.
    pub version: u32,
    /// What must hold.
    pub conditions: Vec<LiveCondition>,
}

impl LiveGate {
    fn set(&self) -> GateSet {
        GateSet {
            gate: self.gate.clone(),
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
    pub systems: Vec<Placed>,
    /// The conditions that sets of the module have.
    pub gates: Vec<LiveGate>,
    /// Conditions on systems of the host, which only take part in body edits.
    pub on_hosts: Vec<LiveCondition>,
    /// What was said of the host's sets.
    pub lasting: HashSet<Lasting>,
    /// The newest version of each gate that ever stood here.
    pub versions: HashMap<Gate, u32>,
}

impl LiveSchedule {
    /// The module's part of a schedule of the host, as `flat` says, not entered yet.
    pub fn in_hosts(label: InternedScheduleLabel, parts: Parts, flat: Flat) -> Self {
        let gates: Vec<LiveGate> = flat
            .gates
            .iter()
            .map(|gate| LiveGate {
                gate: gate.gate.clone(),
                version: 0,
                conditions: parts
                    .set_conditions
                    .get(&gate.key)
                    .cloned()
                    .unwrap_or_default(),
            })
            .collect();
        let versions = gates.iter().map(|gate| (gate.gate.clone(), gate.version));
        Self {
            label,
            whole: false,
            systems: placed(parts.systems, flat.systems),
            versions: versions.collect(),
            gates,
            on_hosts: Vec::new(),
            lasting: flat.lasting,
        }
    }

    /// A schedule that the module made, and the schedule itself.
    pub fn whole(label: InternedScheduleLabel, parts: Parts) -> (Self, Schedule) {
        let flat = Flat::of(&parts.raw, &Touched::default());
        let mut set_conditions = parts.set_conditions;
        let gates = parts.raw.sets.iter().filter_map(|set| {
            let conditions = set_conditions.remove(&set.key)?;
            (!conditions.is_empty()).then(|| LiveGate {
                gate: flat
                    .gates
                    .iter()
                    .find(|gate| gate.key == set.key)
                    .map_or(Gate::Set(set.label), |gate| gate.gate.clone()),
                version: 0,
                conditions,
            })
        });
        let live = Self {
            label,
            whole: true,
            gates: gates.collect(),
            on_hosts: Vec::new(),
            systems: placed(parts.systems, flat.systems),
            lasting: HashSet::new(),
            versions: HashMap::new(),
        };
        (live, parts.recorded.schedule)
    }

    /// The slots of all systems and conditions.
    pub fn slots(&self) -> impl Iterator<Item = Arc<dyn Slots>> {
        let of_systems = self.systems.iter().flat_map(|placed| {
            let own: Arc<dyn Slots> = placed.live.slot.clone();
            placed
                .live
                .conditions
                .iter()
                .map(condition_slot)
                .chain([own])
        });
        let of_gates = self.gates.iter().flat_map(|gate| &gate.conditions);
        of_systems.chain(of_gates.chain(&self.on_hosts).map(condition_slot))
    }

    /// All conditions.
    pub fn conditions_mut(&mut self) -> impl Iterator<Item = &mut LiveCondition> {
        let of_systems = self.systems.iter_mut().flat_map(|p| &mut p.live.conditions);
        let of_gates = self.gates.iter_mut().flat_map(|gate| &mut gate.conditions);
        of_systems.chain(of_gates).chain(&mut self.on_hosts)
    }

    /// Puts the systems into `schedule`, which holds none of them. `said` is what was
    /// said of the host's sets before.
    pub fn enter(&self, schedule: &mut Schedule, said: &HashSet<Lasting>) {
        for gate in &self.gates {
            if !schedule.graph().system_sets.contains(gate.set()) {
                let mut set = gate.set().into_configs();
                for condition in &gate.conditions {
                    set.run_if_dyn(proxy(condition));
                }
                schedule.configure_sets(set);
            }
        }
        let flats = || {
            self.systems
                .iter()
                .filter_map(|placed| placed.flat.as_ref())
        };
        let referred: HashSet<&Spot> = flats()
            .flat_map(|flat| flat.after.keys().chain(flat.before.keys()))
            .collect();
        // Diagnostics of the host that look for ambiguities know nothing of what the
        // module allowed.
        let quiet = schedule.get_build_settings().ambiguity_detection != LogLevel::Ignore;
        for placed in &self.systems {
            let Some(flat) = &placed.flat else { continue };
            let system: ScheduleSystem = Box::new(Proxy::of(placed.live.slot.clone()));
            let mut config = system.into_configs();
            config.in_set_inner(ModuleSystems.intern());
            if referred.contains(&Spot::System(flat.id.clone())) {
                config.in_set_inner(Place(flat.id.clone()).intern());
            }
            for set in &flat.sets {
                config.in_set_inner(*set);
            }
            for gate in self
                .gates
                .iter()
                .filter(|gate| flat.gates.contains(&gate.gate))
            {
                config.in_set_inner(gate.set().intern());
            }
            for (spot, ignore) in &flat.after {
                config = match ignore {
                    false => config.after(label(spot)),
                    true => config.after_ignore_deferred(label(spot)),
                };
            }
            for (spot, ignore) in &flat.before {
                config = match ignore {
                    false => config.before(label(spot)),
                    true => config.before_ignore_deferred(label(spot)),
                };
            }
            for condition in &placed.live.conditions {
                config.run_if_dyn(proxy(condition));
            }
            if quiet {
                config = config.ambiguous_with_all();
            }
            schedule.add_systems(config);
        }
        for lasting in self.lasting.difference(said) {
            self.say(schedule, lasting);
        }
    }

    fn say(&self, schedule: &mut Schedule, lasting: &Lasting) {
        match lasting {
            Lasting::Nest(child, parent) => {
                schedule.configure_sets(child.in_set(*parent));
            }
            Lasting::Gated(child, gate) => {
                for gate in self.gates.iter().filter(|live| live.gate == *gate) {
                    schedule.configure_sets(child.in_set(gate.set()));
                }
            }
            // The set of a system's type cannot be configured, but named.
            Lasting::Order(first, second, ignore) => {
                let config = match (second.system_type().is_none(), ignore) {
                    (true, false) => second.after(*first),
                    (true, true) => second.after_ignore_deferred(*first),
                    (false, false) => first.before(*second),
                    (false, true) => first.before_ignore_deferred(*second),
                };
                schedule.configure_sets(config);
            }
        }
    }

    /// Takes the systems out of `schedule`, and those of `late`, which must be what
    /// [`late`](Self::late) says.
    ///
    /// # Errors
    /// If the engine cannot build the schedule as it is.
    pub fn leave(
        &self,
        schedule: &mut Schedule,
        world: &mut World,
        late: &HashSet<SystemKey>,
    ) -> Result<(), String> {
        let policy = ScheduleCleanupPolicy::RemoveSystemsOnlyAllowBreakages;
        if self.systems.iter().any(|placed| placed.late.is_none()) {
            remove(schedule, world, ModuleSystems.intern(), policy)?;
        }
        for own in Self::late_sets(schedule, late) {
            remove(schedule, world, own, policy)?;
        }
        Ok(())
    }

    /// Whether [`leave`](Self::leave) can take out everything.
    ///
    /// # Errors
    /// Names a system that shares its type with one of the host's.
    pub fn can_leave(&self, schedule: &Schedule, late: &HashSet<SystemKey>) -> Result<(), String> {
        for own in Self::late_sets(schedule, late) {
            if members(schedule, own).any(|member| !late.contains(&member)) {
                return Err(format!(
                    "{own:?} is in the schedule {:?} twice, once added by the game",
                    self.label
                ));
            }
        }
        Ok(())
    }

    /// The sets of the types of systems that got their proxies late.
    fn late_sets(schedule: &Schedule, late: &HashSet<SystemKey>) -> Vec<InternedSystemSet> {
        let graph = schedule.graph();
        let mut sets: Vec<InternedSystemSet> = graph
            .hierarchy()
            .graph()
            .all_edges()
            .filter(|(_, child)| child.as_system().is_some_and(|key| late.contains(&key)))
            .filter_map(|(parent, _)| set_of(graph, parent.as_set()?))
            .filter(|set| set.system_type().is_some())
            .collect();
        let mut seen = HashSet::new();
        sets.retain(|set| seen.insert(*set));
        sets
    }

    /// Whether somebody else put a system into a schedule that the module made.
    pub fn is_shared(&self, schedule: &Schedule) -> bool {
        let nodes = schedule.graph().hierarchy().graph().nodes();
        nodes.filter(NodeId::is_system).count() > self.systems.len()
    }

    /// The nodes of the module's own among the systems that got their proxies late.
    pub fn late(&self, recorded: Option<&Raw>) -> HashSet<SystemKey> {
        let own = self
            .systems
            .iter()
            .filter(|placed| !placed.is_hosts(recorded));
        own.filter_map(|placed| placed.late).collect()
    }

    /// The systems of the host that got proxies.
    pub fn hosts(&self, recorded: Option<&Raw>) -> impl Iterator<Item = &LiveSystem> {
        let hosts = self.systems.iter();
        let hosts = hosts.filter(move |placed| placed.is_hosts(recorded));
        hosts.map(|placed| &placed.live)
    }

    /// The nodes of the module's systems in `schedule`.
    pub fn keys(&self, schedule: &Schedule, recorded: Option<&Raw>) -> HashSet<SystemKey> {
        let mut keys = self.late(recorded);
        keys.extend(members(schedule, ModuleSystems.intern()));
        keys
    }

    /// The nodes of all proxies in `schedule`.
    pub fn proxied(&self, schedule: &Schedule) -> HashSet<SystemKey> {
        let mut keys = self.keys(schedule, None);
        keys.extend(self.systems.iter().filter_map(|placed| placed.late));
        keys
    }
}

/// What more than the systems of `ours` has to do with sets of `schedule`.
pub fn touched(schedule: &Schedule, ours: &HashSet<SystemKey>) -> Touched {
    let graph = schedule.graph();
    let is_hosts = |node: NodeId| node.as_system().is_none_or(|key| !ours.contains(&key));
    let set = |node: NodeId| set_of(graph, node.as_set()?);
    let nests = graph.hierarchy().graph().all_edges();
    let edges = graph.dependency().graph().all_edges();
    Touched {
        joined: nests
            .filter(|(_, child)| is_hosts(*child))
            .filter_map(|(parent, _)| set(parent))
            .collect(),
        ordered: edges
            .filter(|(first, second)| is_hosts(*first) && is_hosts(*second))
            .flat_map(|(first, second)| [first, second])
            .filter_map(set)
            .collect(),
    }
}

fn placed(systems: Vec<LiveSystem>, flats: Vec<FlatSystem>) -> Vec<Placed> {
    systems
        .into_iter()
        .zip(flats)
        .map(|(live, flat)| Placed {
            live,
            flat: Some(flat),
            late: None,
        })
        .collect()
}

fn condition_slot(condition: &LiveCondition) -> Arc<dyn Slots> {
    condition.slot.clone()
}

fn proxy(condition: &LiveCondition) -> BoxedCondition {
    Box::new(Proxy::of(condition.slot.clone()))
}

fn label(spot: &Spot) -> InternedSystemSet {
    match spot {
        Spot::System(id) => Place(id.clone()).intern(),
        Spot::Set(set) => *set,
    }
}

/// The systems that are directly in a set.
fn members(schedule: &Schedule, set: InternedSystemSet) -> impl Iterator<Item = SystemKey> {
    let graph = schedule.graph();
    let key = graph.system_sets.get_key(set);
    graph
        .hierarchy()
        .graph()
        .all_edges()
        .filter(move |(parent, _)| key.is_some() && parent.as_set() == key)
        .filter_map(|(_, child)| child.as_system())
}

fn remove(
    schedule: &mut Schedule,
    world: &mut World,
    set: InternedSystemSet,
    policy: ScheduleCleanupPolicy,
) -> Result<(), String> {
    match schedule.remove_systems_in_set(set, world, policy) {
        // A set that was configured and has no systems is no group.
        Ok(_) | Err(ScheduleError::SetNotFound) => Ok(()),
        Err(ScheduleError::ScheduleBuildError(error)) => {
            Err(error.to_string(schedule.graph(), world))
        }
        Err(error) => Err(error.to_string()),
    }
}
