//! What cannot change while the game runs, compared first: it is answered by the need
//! of a restart, with its name.

use super::{Both, Refusal, Registered};
use crate::schedules::{LiveSchedule, RecordedSchedule, same_settings, systems_of};
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
pub fn must_be_equal(both: &Both) -> Result<(), Refusal> {
    let (old, new) = (&both.old.first, &both.new.first);
    let (old_shots, new_shots) = (old.one_shots(), new.one_shots());
    restart_if(old_shots != new_shots, || {
        format!(
            "the plugin now registers {new_shots} one-shot systems instead of {old_shots}, and their ids live in the world"
        )
    })?;
    let (before, after) = (old.entities(), new.entities());
    restart_if(before != after, || {
        format!("the plugin now spawns {after} entities while it is built, instead of {before}")
    })?;
    for (name, registered) in &new.sub_apps {
        let before = old.sub_apps.get(name).into_iter().flatten();
        restart_for(difference(before, registered), |changed| {
            format!("the plugin changes what it registers in the sub-app {name} ({changed})")
        })?;
    }
    settings_must_be_equal(both.old, both.new)?;
    let changed = difference(non_sends(&old.world), non_sends(&new.world));
    restart_for(changed, |changed| {
        format!("the plugin adds or removes the non-send value {changed}")
    })
}

/// What the engine takes when a schedule or a type is set up, and what no edit applies.
fn settings_must_be_equal(old: &Registered, new: &Registered) -> Result<(), Refusal> {
    let [before, after] = [old, new].map(|registered| &registered.first.schedules);
    let ambiguities = |registered: &Registered| {
        let ids = registered.first.schedules.ambiguities.iter();
        let components = registered.first.world.components();
        let names = ids.filter_map(|id| Some(components.get_info(*id)?.name().to_string()));
        names.collect::<Vec<_>>()
    };
    restart_for(difference(ambiguities(old), ambiguities(new)), |name| {
        format!("the plugin changes whether {name} may be ambiguous")
    })?;
    for schedule in &after.schedules {
        let label = schedule.schedule.label();
        let mut known = before.schedules.iter();
        let known = known.find(|known| known.schedule.label() == label);
        let settings = |s: &RecordedSchedule| s.schedule.get_build_settings();
        let changes = known.is_some_and(|it| !same_settings(&settings(it), &settings(schedule)));
        restart_if(changes, || {
            format!("the plugin changes the build settings of the schedule {label:?}")
        })?;
    }
    let registry = |it: &Registered| it.first.world.get_resource::<AppTypeRegistry>().cloned();
    let (Some(before), Some(after)) = (registry(old), registry(new)) else {
        return Ok(());
    };
    let (before, after) = (before.read(), after.read());
    for registration in after.iter() {
        let data = |registration: &TypeRegistration| {
            let data = registration.iter().map(|(id, _)| id);
            data.collect::<BTreeSet<_>>()
        };
        let known = before.get(registration.type_id());
        let changes = known.is_some_and(|known| data(known) != data(registration));
        restart_if(changes, || {
            let path = registration.type_info().type_path();
            format!("the plugin changes the type data of {path}")
        })?;
    }
    Ok(())
}

/// What an edit of types cannot reach: code and values of the module's types outside of
/// what is migrated.
pub fn must_be_reachable(world: &World, both: &Both) -> Result<(), Refusal> {
    let ours: &dyn Fn(&str) -> bool = &both.planned.ours();
    for (sub_app, names) in &both.new.first.sub_apps {
        let own = names.iter().find(|name| name.contains("::") && ours(name));
        restart_for(own, |name| {
            format!(
                "types changed, but the plugin has something of its own in the sub-app {sub_app} ({name})"
            )
        })?;
    }
    let is_ours = |id| {
        let info = world.components().get_info(id);
        info.is_none_or(|info| ours(&info.name()))
    };
    let schedules = world.get_resource::<Schedules>().into_iter();
    for (label, schedule) in schedules.flat_map(Schedules::iter) {
        let mut live = both.gameplay.schedules.iter();
        let known = live.find(|live| live.label == schedule.label());
        if known.is_some_and(|live| live.whole) {
            continue;
        }
        let recorded = both.old.raw(schedule.label());
        let proxied = known.into_iter().flat_map(|known| &known.systems);
        let mut hosts = proxied.filter(|placed| placed.is_hosts(recorded));
        let host = hosts.find(|host| host.slot.may_touch(&is_ours));
        let host = host.map(|host| host.id.name.clone());
        let other = host.or_else(|| unseen(schedule, known, ours));
        restart_for(other, |name| {
            format!(
                "types changed, but the host system {name} in {label:?} uses types of the gameplay"
            )
        })?;
    }
    Ok(())
}

/// A system without a proxy that is of the module's types, says its name.
fn unseen(
    schedule: &Schedule,
    live: Option<&LiveSchedule>,
    ours: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let proxied = live.map(|live| live.proxied(schedule)).unwrap_or_default();
    let others = systems_of(schedule).filter(|(key, ..)| !proxied.contains(key));
    let mut names = others.map(|(_, system, _)| system.name().to_string());
    names.find(|name| name.contains("::") && ours(name))
}

/// A restart is needed because of `what`.
pub fn restart(what: &str) -> Refusal {
    Refusal::Restart(format!(
        "{what}. Restart the game to run this edit, or undo that part"
    ))
}

/// A restart is needed if this is so, because of `what`.
pub fn restart_if(is_so: bool, what: impl FnOnce() -> String) -> Result<(), Refusal> {
    restart_for(is_so.then_some(()), |()| what())
}

/// A restart is needed if there is such a `cause`, because of `what`.
pub fn restart_for<T>(cause: Option<T>, what: impl FnOnce(T) -> String) -> Result<(), Refusal> {
    cause.map_or(Ok(()), |cause| Err(restart(&what(cause))))
}

/// The first, in order, that only one of the two has.
fn difference<T: Ord + Clone>(
    old: impl IntoIterator<Item = T>,
    new: impl IntoIterator<Item = T>,
) -> Option<T> {
    let (old, new): (BTreeSet<_>, BTreeSet<_>) =
        (old.into_iter().collect(), new.into_iter().collect());
    old.symmetric_difference(&new).next().cloned()
}

fn non_sends(world: &World) -> Vec<String> {
    let present = world.storages().non_sends.iter();
    let present = present.filter(|(_, data)| data.is_present());
    present
        .filter_map(|(id, _)| Some(world.components().get_info(id)?.name().to_string()))
        .collect()
}
