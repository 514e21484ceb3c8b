//! What is known of the types of two generations before their values are looked at. It
//! reads registries, recordings and debug info, and must not touch the world's values.

use super::{Id, MigrationError, TypeChange, pairs::Pair, renames, stash::Origin};
use crate::{migration::hot::Migrations, panics};
use bevy::{
    ecs::{component::ComponentInfo, world::World},
    reflect::{ReflectFromPtr, TypeRegistry},
};
use hot_loader_verdict::{layouts::Layouts, names::Renames};
use std::{collections::HashMap, sync::Arc};

/// What is known of the types of two generations.
pub struct Types {
    /// Those of the running generation and of the new one, registered or not.
    pub(super) registries: [Arc<TypeRegistry>; 2],
    /// What the user said.
    pub(super) migrations: Migrations,
    /// What the compiler says of each identity's types, by the names of today.
    pub(super) layouts: HashMap<Id, Arc<Layouts>>,
    /// What has another name now.
    pub renames: Renames,
    /// What of that nobody said, as `old -> new`.
    pub(super) assumed: Vec<String>,
}

impl Types {
    /// Finds out which types have another name.
    ///
    /// # Errors
    /// Names those of which that cannot be told.
    pub fn look(world: &World, change: &TypeChange) -> Result<Self, MigrationError> {
        let [old, new] = change.found;
        let registries = panics::attempt(|| {
            let old = old.beside_registered(world);
            [old, new.beside_registered(change.recorded[1])].map(Arc::new)
        });
        let registries = registries.map_err(|panic| {
            MigrationError::plain(format!("a type panicked while it was registered: {panic}"))
        })?;
        let [old, new] = &registries;
        let mut migrations = migrations_of(change.recorded[1]);
        let (renames, assumed) = renames::find(world, change, [old, new], &migrations)?;
        let rename = |name: &str| renames.apply(name);
        let layouts = change.known.layouts.iter().map(|(id, layouts)| {
            let is_old = *id != *change.new && !renames.is_empty();
            let layouts = match is_old {
                true => Arc::new(layouts.renamed(&rename)),
                false => layouts.clone(),
            };
            (id.clone(), layouts)
        });
        let layouts = layouts.collect();
        forget_done(&mut migrations, change, &layouts, [old, new]);
        Ok(Self {
            migrations,
            layouts,
            renames,
            assumed,
            registries,
        })
    }

    /// What is remembered of the old type of a pair.
    pub(super) fn origin(&self, world: &World, pair: &Pair) -> Origin {
        let [old_types, _] = &self.registries;
        let type_id = world.components().get_info(pair.old);
        let type_id = type_id.and_then(ComponentInfo::type_id);
        let reflect = type_id.and_then(|id| {
            let read = old_types.get_type_data::<ReflectFromPtr>(id)?;
            Some((read.clone(), old_types.get_type_info(id)?))
        });
        let layouts = self.layouts.get(&pair.identity);
        Origin {
            name: pair.new_name.clone(),
            identity: pair.identity.clone(),
            definition: layouts.and_then(|layouts| layouts.digest(&pair.new_name)),
            reflect,
        }
    }
}

/// What the user said in a plugin's `build`.
fn migrations_of(recorded: &World) -> Migrations {
    let said = recorded.get_resource::<Migrations>();
    said.cloned().unwrap_or_default()
}

/// A function that the running generation had already, of a type that did not change, has
/// done its work.
fn forget_done(
    said: &mut Migrations,
    change: &TypeChange,
    layouts: &HashMap<Id, Arc<Layouts>>,
    [old, new]: [&TypeRegistry; 2],
) {
    let before = migrations_of(change.recorded[0]);
    let was = layouts.get(&change.known.running);
    let sides = was.zip(layouts.get(change.new));
    said.by_type.retain(|type_id, _| {
        let path = new.get(*type_id).map(|new| new.type_info().type_path());
        let former = path.and_then(|path| Some((path, old.get_with_type_path(path)?.type_id())));
        let Some((path, former)) = former else {
            return true;
        };
        let unchanged = sides.is_some_and(|(was, is)| was.unchanged(is, path));
        !(unchanged && before.by_type.contains_key(&former))
    });
}
