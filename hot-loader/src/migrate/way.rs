//! How the values of one type are carried over to another: the choice, made once a type
//! and before any value is looked at.

use super::{
    Generations,
    pairs::Pair,
    plan::{Plan, Planner},
};
use crate::{
    convert::{Converter, former_names},
    migration::hot::{Migrations, Reset},
    proxy::Guard,
};
use bevy::{
    ecs::world::World,
    reflect::{
        Reflect, ReflectFromPtr, TypeRegistration, TypeRegistry, std_traits::ReflectDefault,
    },
};
use std::{collections::HashSet, sync::Arc};

/// How the values of one type become those of another.
pub enum Way {
    /// The same type, says the compiler.
    Same,
    /// By its layout.
    Planned {
        /// What is done for each value.
        plan: Arc<Plan>,
        /// A default value, whose bytes the new value begins as.
        default: Option<Arc<dyn Reflect>>,
    },
    /// Through reflection, or by the user's function.
    Reflected {
        /// Shows the old value.
        old: ReflectFromPtr,
        /// The new type.
        new: TypeRegistration,
    },
    /// They start anew.
    Reset(Reset),
}

/// What the choice is made by.
pub struct Chooser<'a> {
    /// The generations.
    pub generations: &'a Generations<'a>,
    /// Their reflected types.
    pub types: [&'a TypeRegistry; 2],
    /// What the user said.
    pub migrations: &'a Migrations,
    /// Says what reflection can do.
    pub converter: &'a Converter,
    special: HashSet<String>,
}

impl<'a> Chooser<'a> {
    /// For all pairs of one edit.
    pub fn new(
        generations: &'a Generations<'a>,
        types: [&'a TypeRegistry; 2],
        migrations: &'a Migrations,
        converter: &'a Converter,
    ) -> Self {
        let [_, new] = types;
        let special = new.iter().filter(|registration| {
            migrations.by_type.contains_key(&registration.type_id())
                || former_names(registration.type_info())
        });
        Self {
            special: special
                .map(|registration| registration.type_info().type_path().to_owned())
                .collect(),
            generations,
            types,
            migrations,
            converter,
        }
    }

    /// Chooses for one pair.
    ///
    /// # Errors
    /// Why its values cannot be carried over, and what to do.
    pub fn way(&self, world: &World, pair: &Pair) -> Result<Way, String> {
        let components = world.components();
        let (Some(old), Some(new)) = (components.get_info(pair.old), components.get_info(pair.new))
        else {
            return Err("the engine does not know its ids".into());
        };
        let (Some(old_type), Some(new_type)) = (old.type_id(), new.type_id()) else {
            return Err("it is no Rust type".into());
        };
        let [old_types, new_types] = self.types;
        let registration = new_types.get(new_type);
        let written = self.migrations.by_type.contains_key(&new_type);
        let layouts = &self.generations.layouts;
        let layouts = (
            layouts.get(&pair.identity),
            layouts.get(self.generations.new),
        );
        let mut why = String::from("its definition, or one that it mentions, changed");
        if let ((Some(before), Some(after)), false) = (layouts, written) {
            let fits = |name: &str, layout: core::alloc::Layout, all: &crate::layouts::Layouts| {
                let known = all.get(name);
                known.is_some_and(|ty| ty.size == layout.size() as u64)
            };
            if pair.new_name == pair.name
                && old.layout() == new.layout()
                && before.unchanged(after, &pair.name)
            {
                match before.holds_code(&pair.name) {
                    None => return Ok(Way::Same),
                    Some(code) => {
                        why = format!(
                            "it can hold code of the running generation ({code}), which cannot be carried over as it is"
                        );
                    }
                }
            } else if let Some(reset) = self.migrations.resets.get(&new_type) {
                return Ok(Way::Reset(*reset));
            } else if may_plan(&pair.name, old.drop().is_some())
                && fits(&pair.name, old.layout(), before)
                && fits(&pair.new_name, new.layout(), after)
            {
                let default = registration
                    .and_then(|registration| registration.data::<ReflectDefault>())
                    .map(|default| Guard::attempt(|| default.default()))
                    .transpose()
                    .map_err(|panic| format!("its `Default` panics: {panic}"))?
                    .map(Arc::from);
                let planner = Planner {
                    old: before,
                    new: after,
                    special: &self.special,
                    has_default: default.is_some(),
                };
                match planner.plan(&pair.name, &pair.new_name) {
                    Ok(plan) => {
                        let plan = Arc::new(plan);
                        return Ok(Way::Planned { plan, default });
                    }
                    Err(part) => why = format!("{why} ({part})"),
                }
            }
        }
        if let (Some(reset), false) = (self.migrations.resets.get(&new_type), written) {
            return Ok(Way::Reset(*reset));
        }
        let read = old_types.get_type_data::<ReflectFromPtr>(old_type);
        let info = old_types.get_type_info(old_type);
        match (read, info, registration) {
            (Some(read), Some(info), Some(new)) => match self.converter.check(info, new) {
                Ok(()) => Ok(Way::Reflected {
                    old: read.clone(),
                    new: new.clone(),
                }),
                Err(error) => Err(error.to_string()),
            },
            _ => Err(format!(
                "{why}, and it cannot be seen into. Before the edit, derive `Reflect` and `Default` for it, with `#[reflect(Component, Default)]`, and register it (Bevy's feature `reflect_auto_register` does, or `app.register_type`); or let its values be lost with `app.reset_on_change`",
            )),
        }
    }
}

/// Through reflection, if both types can be seen into.
pub fn reflected(world: &World, pair: &Pair, types: [&TypeRegistry; 2]) -> Option<Way> {
    let components = world.components();
    let old = components.get_info(pair.old)?.type_id()?;
    let new = components.get_info(pair.new)?.type_id()?;
    let [old_types, new_types] = types;
    Some(Way::Reflected {
        old: old_types.get_type_data::<ReflectFromPtr>(old)?.clone(),
        new: new_types.get(new)?.clone(),
    })
}

/// Whether the values of a type can be copied as bytes although its component is dropped:
/// queues of messages own nothing but their lists, which a plan makes anew.
fn may_plan(name: &str, is_dropped: bool) -> bool {
    !is_dropped || name.starts_with("bevy_ecs::message::messages::Messages<")
}
