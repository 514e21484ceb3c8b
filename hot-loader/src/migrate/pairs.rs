//! Which new type an old one stands for: that of the same name, or the one that has it
//! by another name now (`renames`).
//!
//! Values whose type is gone from the code have no pair: they stay where they are.

use super::{Gone, Id, TypeChange, Types, error::Problem};
use crate::{
    engine::names::{is_collection, is_of_asset_events, is_one_shot},
    found::FoundTypes,
};
use bevy::{
    ecs::{component::ComponentId, reflect::ReflectComponent, world::World},
    reflect::TypeRegistry,
};
use std::collections::BTreeMap;

/// An old type that has values, and the new one that stands for it.
#[derive(Clone)]
pub struct Pair {
    /// Its id.
    pub old: ComponentId,
    /// The new id.
    pub new: ComponentId,
    /// Its name.
    pub name: String,
    /// The new name.
    pub new_name: String,
    /// The identity that the old type is of.
    pub identity: Id,
    /// How many values there are.
    pub count: usize,
}

/// What became of all old types: those with a new one, those that cannot have one, and those
/// that are gone from the code, with their values.
pub type Pairs = (Vec<Pair>, Vec<Problem>, Gone);

/// Finds the new types.
pub fn all(world: &mut World, change: &TypeChange, types: &Types) -> Pairs {
    let new_types = &types.registries[1];
    let counts = counts(world, change);
    let new_ids = new_ids(world, change, new_types);
    let (mut pairs, mut problems, mut gone) = Pairs::default();
    for (old, (name, identity, count)) in counts {
        let new_name = types.renames.apply(&name).unwrap_or_else(|| name.clone());
        let new = match new_ids.get(&new_name).map_or(&[][..], Vec::as_slice) {
            [new] => Ok(Some(*new)),
            [] => register(world, &new_name, new_types, change.found[1]),
            _ => Err(SEVERAL),
        };
        match new {
            Ok(Some(new)) => pairs.push(Pair {
                old,
                new,
                name,
                new_name,
                identity,
                count,
            }),
            // Gone from the code, as far as anybody can tell.
            Ok(None) if !is_there(change, &new_name) => gone.push((old, name)),
            none => problems.push(Problem {
                name,
                count,
                reason: none.err().unwrap_or(UNNAMED).into(),
            }),
        }
    }
    (pairs, problems, gone)
}

/// The new code's components that the world knows, by name.
pub fn new_ids(
    world: &World,
    change: &TypeChange,
    new_types: &TypeRegistry,
) -> BTreeMap<String, Vec<ComponentId>> {
    let mut new_ids: BTreeMap<String, Vec<ComponentId>> = BTreeMap::new();
    for (&id, identity) in &change.known.lineage.of {
        if identity == change.new
            && let Some(info) = world.components().get_info(id)
            // The identity may have had types that its code has not any more.
            && (change.known.lineage.fresh.contains(&id)
                || info.type_id().is_some_and(|id| new_types.contains(id))
                || is_there(change, &info.name().to_string()))
        {
            new_ids.entry(info.name().to_string()).or_default().push(id);
        }
    }
    new_ids
}

/// The module's types of other identities that have values.
pub fn counts(world: &World, change: &TypeChange) -> BTreeMap<ComponentId, (String, Id, usize)> {
    let mut counts: BTreeMap<ComponentId, usize> = BTreeMap::new();
    for archetype in world.archetypes().iter().filter(|a| !a.is_empty()) {
        for id in archetype.components() {
            *counts.entry(*id).or_default() += archetype.len() as usize;
        }
    }
    let old = change.known.lineage.of.iter();
    old.filter(|(_, identity)| *identity != change.new)
        .filter_map(|(&id, identity)| {
            let count = *counts.get(&id)?;
            let name = world.components().get_info(id)?.name().to_string();
            // What the engine keeps of a system's type, and makes again when it is asked; and
            // what comes from the registration of assets, or was left behind by it.
            let is_left = *identity != change.known.running && is_of_asset_events(&name);
            if is_one_shot(&name) || is_collection(&name) || is_left {
                return None;
            }
            let name = change.known.lineage.name_of(identity, name);
            Some((id, (name, identity.clone(), count)))
        })
        .collect()
}

const SEVERAL: &str = "several types of the new code have this name, so hot-loader cannot tell which one is meant. Give them different names";

const UNNAMED: &str = "the new code has this type, but hot-loader found nothing that spawns, inserts or queries it. Name it in a query, or derive `Reflect` with `#[reflect(Component)]` for it";

/// Lets the world know a type that no system names: by reflection, or by the new code's
/// own function for it.
fn register(
    world: &mut World,
    name: &str,
    types: &TypeRegistry,
    found: &FoundTypes,
) -> Result<Option<ComponentId>, &'static str> {
    let registration = types.get_with_type_path(name);
    let reflected = registration.and_then(|it| it.data::<ReflectComponent>());
    if let Some(component) = reflected {
        return Ok(Some(component.register_component(world)));
    }
    match found.components.named(name)[..] {
        [] => Ok(None),
        [type_id] => Ok(found.components.register(world, type_id)),
        _ => Err(SEVERAL),
    }
}

/// Whether the new code still has a type of this name.
fn is_there(change: &TypeChange, name: &str) -> bool {
    let layouts = change.known.layouts.get(change.new);
    layouts.is_some_and(|layouts| layouts.get(name).is_some())
}
