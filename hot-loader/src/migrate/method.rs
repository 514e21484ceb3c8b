//! How the values of one type are carried over to another: the choice, made once a type
//! and before any value is looked at.

use super::{
    TypeChange, Types, conversion::Losses, error::obstacle, layout_plan::Plan,
    layout_planner::Planner, pairs::Pair,
};
use crate::{
    convert::{Converter, former_names},
    engine::names::is_messages,
    migration::hot::Reset,
    panics,
};
use bevy::{
    ecs::{component::ComponentInfo, world::World},
    reflect::{Reflect, ReflectFromPtr, TypeRegistration, std_traits::ReflectDefault},
};
use core::{any::TypeId, cell::RefCell};
use hot_loader_verdict::layouts::Layouts;
use std::{collections::HashSet, rc::Rc, sync::Arc};

/// Plans of earlier values, by their places in the stash, the oldest first.
type Below = Vec<(usize, Arc<Plan>)>;

/// How the values of one type become those of another.
pub enum Method {
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
        /// Earlier values that may have what the old ones lack, by their places in the stash,
        /// the oldest first; and what shows each.
        below: Vec<(usize, ReflectFromPtr)>,
    },
    /// They start anew.
    Reset(Reset),
}

/// What the choice is made by, and the conversions are (`conversion`).
pub struct Chooser<'a> {
    /// Of what to what.
    pub change: &'a TypeChange<'a>,
    /// What is known of the types of both.
    pub types: &'a Types,
    /// Does what reflection can do.
    pub(super) converter: Rc<Converter>,
    /// Types that users said something of.
    special: HashSet<String>,
    /// What the conversions lost yet.
    pub losses: Rc<RefCell<Losses>>,
}

/// A component of a pair, and its type.
type Side<'w> = (&'w ComponentInfo, TypeId);

impl<'a> Chooser<'a> {
    /// For all pairs of one edit.
    pub fn new(change: &'a TypeChange<'a>, types: &'a Types) -> Self {
        let (both, renames) = (types.registries.clone(), types.renames.clone());
        let converter = Converter::new(both, &types.migrations, renames);
        let written = &types.migrations.by_type;
        let special = types.registries[1].iter().filter(|registration| {
            written.contains_key(&registration.type_id()) || former_names(registration.type_info())
        });
        let special = special.map(|registration| registration.type_info().type_path().to_owned());
        Self {
            special: special.collect(),
            change,
            types,
            converter: Rc::new(converter),
            losses: Rc::default(),
        }
    }

    /// Chooses for one pair.
    ///
    /// # Errors
    /// Why its values cannot be carried over, and what to do.
    pub fn method(&self, world: &World, pair: &Pair) -> Result<Method, String> {
        let components = world.components();
        let infos = components
            .get_info(pair.old)
            .zip(components.get_info(pair.new));
        let (old, new) = infos.ok_or("Bevy does not know its component ids")?;
        let ids = old.type_id().zip(new.type_id());
        let (old_type, new_type) = ids.ok_or("it isn't a Rust type")?;
        let sides = [(old, old_type), (new, new_type)];
        let mut why = "its definition changed, or that of a type that it mentions".to_owned();
        let (mut code, mut is_own) = (None, true);
        let migrations = &self.types.migrations;
        let is_written = migrations.by_type.contains_key(&new_type);
        let reset = migrations.resets.get(&new_type).filter(|_| !is_written);
        let layouts = &self.types.layouts;
        let before = layouts.get(&pair.identity);
        let layouts = before.zip(layouts.get(self.change.new));
        if !is_written && let Some((before, after)) = layouts {
            is_own = before.is_own(&pair.new_name);
            code = before.holds_code(&pair.new_name);
            let is_equal = old.layout() == new.layout();
            if is_equal && before.unchanged(after, &pair.new_name) {
                // A trait object's methods and a closure are the running generation's. They
                // would go on over its types: ids that are filed under others now, and
                // layouts that may be old.
                if code.is_none() {
                    return Ok(Method::Same);
                }
            } else if reset.is_none() {
                let both = [&**before, &**after];
                if let Some(method) = self.by_layout(world, pair, sides, both, &mut why)? {
                    return Ok(method);
                }
            }
        }
        if let Some(reset) = reset {
            return Ok(Method::Reset(*reset));
        }
        let reflected = self.by_reflection(pair, [old_type, new_type])?;
        let is_resource = world.resource_entities().get(pair.old).is_some();
        reflected.ok_or_else(|| obstacle(&why, code.as_ref(), is_own, is_resource))
    }

    /// By the layouts, if that will do. Adds to `why` which part cannot be made by them.
    fn by_layout(
        &self,
        world: &World,
        pair: &Pair,
        [(old, old_type), (new, new_type)]: [Side; 2],
        [before, after]: [&Layouts; 2],
        why: &mut String,
    ) -> Result<Option<Method>, String> {
        let fits = |info: &ComponentInfo, all: &Layouts| {
            let known = all.get(&pair.new_name);
            known.is_some_and(|ty| ty.size == info.layout().size() as u64)
        };
        let is_inert = old.drop().is_none();
        // What is dropped cannot be copied as bytes; but queues of messages own nothing but
        // their lists, which a plan makes anew.
        let may_plan = is_inert || is_messages(&pair.name);
        if !(may_plan && fits(old, before) && fits(new, after)) {
            return Ok(None);
        }
        let [old_types, new_types] = &self.types.registries;
        let registration = new_types.get(new_type);
        let default = registration.and_then(|it| it.data::<ReflectDefault>());
        let default = default.map(|it| panics::attempt(|| it.default()));
        let default = default.transpose();
        let default = default.map_err(|panic| format!("its `Default` panicked: {panic}"))?;
        let planner = Planner {
            old: before,
            new: after,
            special: &self.special,
            has_default: default.is_some(),
            is_inert,
            is_over: true,
        };
        let (planned, below) = self.plan(world, pair, &planner);
        let read = old_types.get_type_data::<ReflectFromPtr>(old_type);
        let is_seen = registration.is_some() && read.is_some();
        Ok(match planned {
            // Reflection can make more than zeros.
            Ok(plan) if plan.is_short && is_seen => None,
            Ok(plan) => Some(Method::Planned {
                plan: Arc::new(plan),
                default: default.map(Arc::from),
                below,
            }),
            Err(part) => {
                *why += &format!(" ({part})");
                None
            }
        })
    }

    /// Through reflection, if it sees both types, or has seen the old one.
    fn by_reflection(
        &self,
        pair: &Pair,
        [old, new]: [TypeId; 2],
    ) -> Result<Option<Method>, String> {
        let [old_types, new_types] = &self.types.registries;
        let stash = &self.change.known.stash;
        let earlier = stash.reflect(pair.old);
        let read = old_types.get_type_data::<ReflectFromPtr>(old);
        let read = read.or(earlier.map(|(read, _)| read));
        let info = old_types.get_type_info(old);
        let info = info.or(earlier.map(|(_, info)| *info));
        let (Some(read), Some(info), Some(new)) = (read, info, new_types.get(new)) else {
            return Ok(None);
        };
        let checked = self.converter.check(info, new);
        checked.map_err(|error| error.to_string())?;
        let below = stash.layers(&pair.name).filter_map(|(at, it)| {
            let (read, _) = it.origin.reflect.clone()?;
            Some((at, read))
        });
        Ok(Some(Method::Reflected {
            old: read.clone(),
            new: new.clone(),
            below: below.collect(),
        }))
    }

    /// Through reflection, if both types can be seen into.
    pub fn reflected(&self, world: &World, pair: &Pair) -> Option<Method> {
        let components = world.components();
        let old = components.get_info(pair.old)?.type_id()?;
        let new = components.get_info(pair.new)?.type_id()?;
        let [old_types, new_types] = &self.types.registries;
        Some(Method::Reflected {
            old: old_types.get_type_data::<ReflectFromPtr>(old)?.clone(),
            new: new_types.get(new)?.clone(),
            below: Vec::new(),
        })
    }

    /// Whether the type is what it was before: then no value of a component is a reason to
    /// refuse the edit.
    fn is_back(&self, pair: &Pair) -> bool {
        let after = self.types.layouts.get(self.change.new);
        let stash = &self.change.known.stash;
        after.is_some_and(|after| stash.is_back(&pair.new_name, after))
    }

    /// Whether values that do not fit stay aside by themselves.
    pub fn is_lenient(&self, pair: &Pair, method: &Method) -> bool {
        let gives = matches!(method, Method::Planned { plan, below, .. }
            if !plan.missing.is_empty() && !below.is_empty());
        gives || self.is_back(pair)
    }

    /// A plan over earlier values, if these have what is missing, or the type is what it was
    /// before; else one that needs nothing else. With the plans of the earlier values.
    fn plan(&self, world: &World, pair: &Pair, planner: &Planner) -> (Result<Plan, String>, Below) {
        let name = &pair.new_name;
        let below = self.below(world, pair, planner);
        // Whether the part is in some earlier value.
        let is_given = |part: &String| below.iter().any(|(_, plan)| !plan.missing.contains(part));
        let over = planner.plan(name).ok();
        let over = over.filter(|plan| self.is_back(pair) || plan.missing.iter().all(is_given));
        let strict = Planner {
            is_over: false,
            ..*planner
        };
        (over.map_or_else(|| strict.plan(name), Ok), below)
    }

    /// How earlier values of the type become parts of the new one.
    fn below(&self, world: &World, pair: &Pair, planner: &Planner) -> Below {
        let layers = self.change.known.stash.layers(&pair.name);
        let plans = layers.filter_map(|(at, stashed)| {
            let info = world.components().get_info(stashed.values.component())?;
            let layouts = self.types.layouts.get(&stashed.origin.identity)?;
            let known = layouts.get(&pair.new_name)?;
            let fits = known.size == info.layout().size() as u64 && info.drop().is_none();
            let planner = Planner {
                old: layouts,
                is_inert: true,
                ..*planner
            };
            let plan = planner.plan(&pair.new_name).ok()?;
            fits.then(|| (at, Arc::new(plan)))
        });
        plans.collect()
    }
}
