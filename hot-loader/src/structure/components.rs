//! Required components and hooks that a plugin registers by hand: the engine takes
//! them once, before the first entity, and never back. A difference needs a restart.

use super::{Both, Refusal, changes::restart_for};
use crate::engine::hooks;
use bevy::ecs::{
    component::{ComponentInfo, Components},
    resource::IsResource,
    world::World,
};
use core::any::TypeId;
use std::collections::HashMap;

/// Compares the contracts of all components that the two recordings know.
///
/// # Errors
/// Names the component whose contract changed.
pub fn check(world: &World, both: &Both) -> Result<(), Refusal> {
    let ours = &both.planned.ours();
    if both.planned.changes_types() {
        required_by_others(world.components(), ours)?;
    }
    let [live, old, new] = [world, &both.old.first.world, &both.new.first.world]
        .map(|world| contracts(world.components()));
    let changed = new.iter().filter(|(type_id, (_, contract))| {
        let before = old.get(*type_id).or_else(|| live.get(*type_id));
        before.is_some_and(|(_, before)| before != contract)
    });
    // Of a type of the module that the plugin no longer mentions, what was said by hand cannot
    // be told from what its derive says. After an edit of types its types are other ones, and
    // were compared above with what they are in the live world: what was said by hand is
    // missing there.
    let gone = old.iter().filter(|(type_id, (name, contract))| {
        !both.planned.changes_types()
            && !new.contains_key(*type_id)
            && *contract != Contract::default()
            && ours(name)
    });
    restart_for(changed.chain(gone).next(), |(_, (name, _))| {
        format!("the plugin changes the required components or the hooks of {name}")
    })
}

/// A component of others that requires one of the module's would go on requiring the old.
fn required_by_others(components: &Components, ours: &dyn Fn(&str) -> bool) -> Result<(), Refusal> {
    let is_ours = |info: &ComponentInfo| {
        let name = info.name().to_string();
        name.contains("::") && ours(&name)
    };
    for info in components.iter_registered().filter(|info| !is_ours(info)) {
        let mut required = info.required_components().iter_ids();
        let own = required.find_map(|id| components.get_info(id).filter(|info| is_ours(info)));
        restart_for(own, |own| {
            let (other, own) = (info.name(), own.name());
            format!(
                "types changed, but {other} requires {own}, and Bevy cannot change required components later"
            )
        })?;
    }
    Ok(())
}

/// Which hooks a component has, and the names of those that it requires.
type Contract = ([bool; 5], Vec<String>);

/// By type: the name, and what inserting or removing the component does besides.
type Contracts = HashMap<TypeId, (String, Contract)>;

fn contracts(components: &Components) -> Contracts {
    components
        .iter_registered()
        .filter_map(|info| {
            let contract = contract(info, components);
            Some((info.type_id()?, (info.name().to_string(), contract)))
        })
        .collect()
}

fn contract(info: &ComponentInfo, components: &Components) -> Contract {
    let mut required: Vec<String> = info
        .required_components()
        .iter_ids()
        .filter_map(|id| components.get_info(id))
        // Every resource requires it.
        .filter(|info| info.type_id() != Some(TypeId::of::<IsResource>()))
        .map(|info| info.name().to_string())
        .collect();
    required.sort();
    (hooks(info), required)
}
