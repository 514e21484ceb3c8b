//! What cannot change while the game runs, compared first: it is answered by the need
//! of a restart, with its name.

use super::{Refusal, Registered};
use crate::schedules::{LiveSchedule, Raw, RecordedSchedule, RecordedSchedules, same_settings};
use bevy::{
    ecs::{
        reflect::AppTypeRegistry,
        schedule::{Schedule, Schedules},
        world::World,
    },
    reflect::TypeRegistration,
};
use std::collections::BTreeSet;

/// Compares what nothing can apply yet.
pub fn must_be_equal(old: &mut Registered, new: &mut Registered) -> Result<(), Refusal> {
    let (old_shots, new_shots) = (old.first.one_shots(), new.first.one_shots());
    if old_shots != new_shots {
        return Err(restart(&format!(
            "the plugin now registers {new_shots} one-shot systems instead of {old_shots}, and their ids live in the world"
        )));
    }
    let (before, after) = (old.first.entities(), new.first.entities());
    if before != after {
        return Err(restart(&format!(
            "the plugin now spawns {after} entities while it is built, instead of {before}"
        )));
    }
    for (name, registered) in &new.first.sub_apps {
        let before = old.first.sub_apps.get(name);
        if let Some(changed) = difference(before.map_or(&[], Vec::as_slice), registered) {
            return Err(restart(&format!(
                "the plugin changes what it registers in the sub-app {name} ({changed})"
            )));
        }
    }
    settings_must_be_equal(old, new)?;
    let (old_sends, new_sends) = (non_sends(&old.first.world), non_sends(&new.first.world));
    if let Some(changed) = old_sends.symmetric_difference(&new_sends).next() {
        return Err(restart(&format!(
            "the plugin adds or removes the non-send value {changed}"
        )));
    }
    Ok(())
}

/// What the engine takes when a schedule or a type is set up, and what no edit applies.
fn settings_must_be_equal(old: &Registered, new: &Registered) -> Result<(), Refusal> {
    let [before, after] = [old, new].map(|registered| &registered.first.schedules);
    let ambiguities = |recorded: &RecordedSchedules, world: &World| {
        let names = recorded
            .ambiguities
            .iter()
            .filter_map(|id| Some(world.components().get_info(*id)?.name().to_string()));
        names.collect::<BTreeSet<_>>()
    };
    let allowed = ambiguities(before, &old.first.world);
    let allows = ambiguities(after, &new.first.world);
    if let Some(name) = allowed.symmetric_difference(&allows).next() {
        return Err(restart(&format!(
            "the plugin changes whether {name} may be ambiguous"
        )));
    }
    for schedule in &after.schedules {
        let label = schedule.schedule.label();
        let known = before
            .schedules
            .iter()
            .find(|s| s.schedule.label() == label);
        let settings = |s: &RecordedSchedule| s.schedule.get_build_settings();
        if known.is_some_and(|known| !same_settings(&settings(known), &settings(schedule))) {
            return Err(restart(&format!(
                "the plugin changes the build settings of the schedule {label:?}"
            )));
        }
    }
    let [before, after] = [old, new].map(|registered| {
        registered
            .first
            .world
            .get_resource::<AppTypeRegistry>()
            .cloned()
    });
    let (Some(before), Some(after)) = (before, after) else {
        return Ok(());
    };
    let (before, after) = (before.read(), after.read());
    for registration in after.iter() {
        let data = |registration: &TypeRegistration| {
            registration
                .iter()
                .map(|(id, _)| id)
                .collect::<BTreeSet<_>>()
        };
        let known = before.get(registration.type_id());
        if known.is_some_and(|known| data(known) != data(registration)) {
            return Err(restart(&format!(
                "the plugin changes the type data of {}",
                registration.type_info().type_path()
            )));
        }
    }
    Ok(())
}

/// What an edit of types cannot reach: code and values of the module's types outside of
/// what is migrated.
pub fn must_be_reachable(
    world: &World,
    live: &[LiveSchedule],
    [old, new]: [&Registered; 2],
    ours: &dyn Fn(&str) -> bool,
) -> Result<(), Refusal> {
    for (sub_app, names) in &new.first.sub_apps {
        if let Some(name) = names.iter().find(|name| name.contains("::") && ours(name)) {
            return Err(restart(&format!(
                "types changed, but the plugin has something of its own in the sub-app {sub_app} ({name})"
            )));
        }
    }
    let schedules = world.get_resource::<Schedules>().into_iter();
    for (label, schedule) in schedules.flat_map(Schedules::iter) {
        let known = live.iter().find(|live| live.label == schedule.label());
        let recorded = old.raw(schedule.label());
        let other = known.and_then(|known| of_hosts(world, known, recorded, ours));
        let is_whole = known.is_some_and(|live| live.whole);
        let other = match is_whole {
            true => None,
            false => other.or_else(|| unseen(schedule, known, ours)),
        };
        if let Some(name) = other {
            return Err(restart(&format!(
                "types changed, but the host system {name} in {label:?} uses types of the gameplay"
            )));
        }
    }
    Ok(())
}

/// A system of the host behind a proxy that has to do with the module's types.
fn of_hosts(
    world: &World,
    live: &LiveSchedule,
    recorded: Option<&Raw>,
    ours: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let is_ours = |id| {
        let info = world.components().get_info(id);
        info.is_none_or(|info| ours(&info.name().to_string()))
    };
    let hosts = live.hosts(recorded);
    let mut hosts = hosts.filter(|host| host.slot.may_touch(&is_ours));
    hosts.next().map(|host| host.id.name.clone())
}

/// A system without a proxy that is of the module's types, says its name.
fn unseen(
    schedule: &Schedule,
    live: Option<&LiveSchedule>,
    ours: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let proxied = live.map(|live| live.proxied(schedule)).unwrap_or_default();
    let unbuilt = schedule.graph().systems.iter();
    let unbuilt = unbuilt.map(|(key, system, _)| (key, system.name().to_string()));
    let built = schedule.systems().into_iter().flatten();
    let built = built.map(|(key, system)| (key, system.name().to_string()));
    let mut all = unbuilt.chain(built);
    let other = all.find(|(key, name)| !proxied.contains(key) && name.contains("::") && ours(name));
    other.map(|(_, name)| name)
}

/// A restart is needed because of `what`.
pub fn restart(what: &str) -> Refusal {
    Refusal::Restart(format!(
        "{what}. Restart the game to run this edit, or undo that part"
    ))
}

fn difference<'a>(old: &'a [String], new: &'a [String]) -> Option<&'a String> {
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (old.iter().collect(), new.iter().collect());
    old.symmetric_difference(&new).next().copied()
}

fn non_sends(world: &World) -> BTreeSet<String> {
    world
        .storages()
        .non_sends
        .iter()
        .filter(|(_, data)| data.is_present())
        .filter_map(|(id, _)| Some(world.components().get_info(id)?.name().to_string()))
        .collect()
}
