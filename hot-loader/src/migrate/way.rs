//! How the values of one type are carried over to another: the choice, made once a type
//! and before any value is looked at.

use super::{
    Generations, Types,
    attic::Attic,
    error::Obstacle,
    pairs::Pair,
    plan::{Plan, Planner},
};
use crate::{
    convert::{Converter, former_names},
    engine::names::is_messages,
    migration::hot::Reset,
    panics,
};
use bevy::{
    ecs::world::World,
    reflect::{
        Reflect, ReflectFromPtr, TypeRegistration, TypeRegistry, std_traits::ReflectDefault,
    },
};
use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

/// Plans of earlier values, by their places in the attic, the oldest first.
type Below = Vec<(usize, Arc<Plan>)>;

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
        /// Earlier values that have what the old ones lack, the oldest first.
        below: Below,
    },
    /// Through reflection, or by the user's function.
    Reflected {
        /// Shows the old value.
        old: ReflectFromPtr,
        /// The new type.
        new: TypeRegistration,
        /// Earlier values that may have what the old ones lack, the oldest first.
        below: Vec<usize>,
    },
    /// They start anew.
    Reset(Reset),
}

/// What the choice is made by.
pub struct Chooser<'a> {
    /// The generations.
    pub generations: &'a Generations<'a>,
    /// What is known of their types.
    pub types: &'a Types,
    /// Says what reflection can do.
    pub converter: &'a Converter,
    /// What earlier edits took away.
    pub attic: &'a Attic,
    special: HashSet<String>,
}

impl<'a> Chooser<'a> {
    /// For all pairs of one edit.
    pub fn new(
        generations: &'a Generations<'a>,
        types: &'a Types,
        converter: &'a Converter,
        attic: &'a Attic,
    ) -> Self {
        let [_, new] = &types.registries;
        let special = new.iter().filter(|registration| {
            types
                .migrations
                .by_type
                .contains_key(&registration.type_id())
                || former_names(registration.type_info())
        });
        Self {
            special: special
                .map(|registration| registration.type_info().type_path().to_owned())
                .collect(),
            generations,
            types,
            converter,
            attic,
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
            return Err("Bevy does not know its component ids".into());
        };
        let (Some(old_type), Some(new_type)) = (old.type_id(), new.type_id()) else {
            return Err("it isn't a Rust type".into());
        };
        let [old_types, new_types] = &self.types.registries;
        let migrations = &self.types.migrations;
        let registration = new_types.get(new_type);
        let written = migrations.by_type.contains_key(&new_type);
        let layouts = &self.types.layouts;
        let layouts = (
            layouts.get(&pair.identity),
            layouts.get(self.generations.new),
        );
        let mut obstacle = Obstacle {
            why: "its definition changed, or that of a type that it mentions".into(),
            code: None,
            is_own: true,
            is_resource: world.resource_entities().get(pair.old).is_some(),
        };
        if let ((Some(before), Some(after)), false) = (layouts, written) {
            let fits = |name: &str,
                        layout: core::alloc::Layout,
                        all: &hot_loader_verdict::layouts::Layouts| {
                let known = all.get(name);
                known.is_some_and(|ty| ty.size == layout.size() as u64)
            };
            obstacle.is_own = before.is_own(&pair.new_name);
            obstacle.code = before.holds_code(&pair.new_name);
            if old.layout() == new.layout() && before.unchanged(after, &pair.new_name) {
                // A trait object's methods and a closure are the running generation's. They
                // would go on over its types: ids that are filed under others now, and
                // layouts that may be old.
                if obstacle.code.is_none() {
                    return Ok(Way::Same);
                }
            } else if let Some(reset) = migrations.resets.get(&new_type) {
                return Ok(Way::Reset(*reset));
            } else if may_plan(&pair.name, old.drop().is_some())
                && fits(&pair.new_name, old.layout(), before)
                && fits(&pair.new_name, new.layout(), after)
            {
                let default = registration
                    .and_then(|registration| registration.data::<ReflectDefault>())
                    .map(|default| panics::attempt(|| default.default()))
                    .transpose()
                    .map_err(|panic| format!("its `Default` panicked: {panic}"))?
                    .map(Arc::from);
                let planner = Planner {
                    old: before,
                    new: after,
                    special: &self.special,
                    has_default: default.is_some(),
                    is_inert: old.drop().is_none(),
                    is_over: true,
                };
                let (planned, below) = self.plan(world, pair, &planner);
                let read = old_types.get_type_data::<ReflectFromPtr>(old_type);
                let is_seen = registration.is_some() && read.is_some();
                match planned {
                    // Reflection can make more than zeros.
                    Ok(plan) if plan.is_short && is_seen => {}
                    Ok(plan) => {
                        return Ok(Way::Planned {
                            plan: Arc::new(plan),
                            default,
                            below,
                        });
                    }
                    Err(part) => obstacle.why = format!("{} ({part})", obstacle.why),
                }
            }
        }
        if let (Some(reset), false) = (migrations.resets.get(&new_type), written) {
            return Ok(Way::Reset(*reset));
        }
        let earlier = self.attic.reflect(pair.old);
        let read = old_types.get_type_data::<ReflectFromPtr>(old_type);
        let read = read.or(earlier.map(|(read, _)| read));
        let info = old_types.get_type_info(old_type);
        let info = info.or(earlier.map(|(_, info)| *info));
        match (read, info, registration) {
            (Some(read), Some(info), Some(new)) => match self.converter.check(info, new) {
                Ok(()) => Ok(Way::Reflected {
                    old: read.clone(),
                    new: new.clone(),
                    below: self.attic.layers(&pair.name).map(|(at, _)| at).collect(),
                }),
                Err(error) => Err(error.to_string()),
            },
            _ => Err(obstacle.to_string()),
        }
    }
}

impl Chooser<'_> {
    /// Whether the type is what it was before: then no value of a component is a reason to
    /// refuse the edit.
    pub fn is_back(&self, pair: &Pair) -> bool {
        let after = self.types.layouts.get(self.generations.new);
        after.is_some_and(|after| self.attic.is_back(&pair.new_name, after))
    }

    /// Whether values that do not fit stay aside by themselves.
    pub fn is_lenient(&self, pair: &Pair, way: &Way) -> bool {
        let gives = match way {
            Way::Planned { plan, below, .. } => !plan.missing.is_empty() && !below.is_empty(),
            _ => false,
        };
        gives || self.is_back(pair)
    }

    /// A plan over earlier values, if these have what is missing, or the type is what it was
    /// before; else one that needs nothing else. With the plans of the earlier values.
    fn plan(&self, world: &World, pair: &Pair, planner: &Planner) -> (Result<Plan, String>, Below) {
        let name = &pair.new_name;
        let below = self.below(world, pair, planner);
        let over = planner.plan(name, name).ok();
        let over = over.filter(|plan| self.is_back(pair) || is_covered(&plan.missing, &below));
        let strict = || {
            let strict = Planner {
                is_over: false,
                ..*planner
            };
            strict.plan(name, name)
        };
        (over.map_or_else(strict, Ok), below)
    }

    /// How earlier values of the type become parts of the new one.
    fn below(&self, world: &World, pair: &Pair, planner: &Planner) -> Below {
        let layers = self.attic.layers(&pair.name);
        let plans = layers.filter_map(|(at, shelved)| {
            let info = world.components().get_info(shelved.values.component())?;
            let layouts = self.types.layouts.get(&shelved.identity)?;
            let known = layouts.get(&pair.new_name)?;
            let fits = known.size == info.layout().size() as u64 && info.drop().is_none();
            let planner = Planner {
                old: layouts,
                is_inert: true,
                is_over: true,
                ..*planner
            };
            let plan = planner.plan(&pair.new_name, &pair.new_name).ok()?;
            fits.then(|| (at, Arc::new(plan)))
        });
        plans.collect()
    }
}

/// Whether each part that is missing is in some earlier value.
fn is_covered(missing: &BTreeSet<String>, below: &[(usize, Arc<Plan>)]) -> bool {
    let is_given = |part: &String| below.iter().any(|(_, plan)| !plan.missing.contains(part));
    missing.iter().all(is_given)
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
        below: Vec::new(),
    })
}

/// Whether the values of a type can be copied as bytes although its component is dropped:
/// queues of messages own nothing but their lists, which a plan makes anew.
fn may_plan(name: &str, is_dropped: bool) -> bool {
    !is_dropped || is_messages(name)
}
