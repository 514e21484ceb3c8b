//! The module's part of a host's schedule as it will be. What stays although no recording
//! shows it keeps its place; what was said of the host's own part of a set cannot be unsaid.

use super::{
    Refusal,
    changes::{restart_for, restart_if},
    comparison::Comparison,
};
use crate::schedules::{HostSetConstraint, Identity, LiveSchedule, LiveSystem, Parts};
use bevy::ecs::schedule::Schedule;
use indexmap::IndexMap;
use std::{collections::HashSet, sync::Arc};

impl Comparison<'_> {
    /// The whole of it, in a `schedule` that may be there.
    ///
    /// # Errors
    /// If only a restart can bring it about.
    pub fn target(
        &self,
        schedule: Option<&Schedule>,
        parts: &Parts,
    ) -> Result<LiveSchedule, Refusal> {
        let mut target = LiveSchedule::in_hosts(self.label, parts, &self.new);
        let nothing = LiveSchedule::new(self.label);
        let live = self.live.unwrap_or(&nothing);
        let new = &self.new.constraints;
        // Said of sets of types that are gone, and again of those in their place.
        let is_said_again = |constraint: &HostSetConstraint| {
            let text = constraint.to_string();
            self.planned.changes_types() && new.iter().any(|other| other.to_string() == text)
        };
        let unsaid = self.old.constraints.difference(new);
        let mut unsaid = unsaid.filter(|constraint| live.constraints.contains(*constraint));
        let unsaid = unsaid.find(|constraint| !is_said_again(constraint));
        restart_for(unsaid, |constraint| {
            let label = self.label;
            format!("the plugin no longer declares that {constraint} in the schedule {label:?}")
        })?;
        target.constraints.extend(live.constraints.iter().cloned());
        self.keep_systems(live, &mut target)?;
        self.keep_conditions(live, schedule, &mut target)?;
        target.on_hosts.clone_from(&live.on_hosts);
        Ok(target)
    }

    /// What stays keeps its place among those without an order; what is new comes last.
    fn keep_systems(&self, live: &LiveSchedule, target: &mut LiveSchedule) -> Result<(), Refusal> {
        let incoming = target.systems.drain(..);
        let incoming = incoming.map(|placed| (placed.id.clone(), placed));
        let mut incoming: IndexMap<Identity, LiveSystem> = incoming.collect();
        for placed in &live.systems {
            let id = &placed.id;
            let is_hosts = placed.is_hosts(self.recorded);
            let may_stay = !self.planned.changes_types() || !self.planned.is_ours(&id.name);
            match (incoming.shift_remove(id), self.old.systems.contains_key(id)) {
                (None, false) if is_hosts || may_stay => target.systems.push(placed.clone()),
                (None, false) => return Err(self.unknown(&id.name)),
                (Some(_), false) if is_hosts => return Err(self.unknown(&id.name)),
                (Some(new), _) => target.systems.push(new),
                (None, true) => {}
            }
        }
        incoming.retain(|id, _| !self.old.systems.contains_key(id));
        target.systems.extend(incoming.into_values());
        Ok(())
    }

    fn keep_conditions(
        &self,
        live: &LiveSchedule,
        schedule: Option<&Schedule>,
        target: &mut LiveSchedule,
    ) -> Result<(), Refusal> {
        let kept = live.constraints.intersection(&self.new.constraints);
        let on_hosts: HashSet<_> = kept.filter_map(HostSetConstraint::conditions_of).collect();
        for set in &mut target.set_conditions {
            let before = live.conditions_of(&set.set);
            let same = before.filter(|before| {
                let mut pairs = before.conditions.iter().zip(&set.conditions);
                before.conditions.len() == set.conditions.len()
                    && pairs.all(|(a, b)| Arc::ptr_eq(&a.slot, &b.slot))
            });
            restart_if(same.is_none() && on_hosts.contains(&set.set), || {
                let set = &set.set;
                format!("the conditions of {set:?} change, but the game uses that set too")
            })?;
            if let Some(same) = same {
                set.version = same.version;
            } else if let Some(schedule) = schedule {
                set.renew(schedule);
            }
        }
        // Of what stays although it was not recorded.
        for placed in &target.systems {
            for set in placed.flat.iter().flat_map(|flat| &flat.conditioned_by) {
                if target.conditions_of(set).is_none() {
                    let kept = live.conditions_of(set).cloned();
                    target.set_conditions.extend(kept);
                }
            }
        }
        Ok(())
    }
}
