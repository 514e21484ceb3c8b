//! How values of one type become those of another, as `planner` found it out for a pair
//! of types, and what can be said of that before there is a value. Plans hold no value
//! of the old types but for `Fields::pattern`; `run` carries them out.

use super::{
    build::{Part, Scaffold},
    error::ConvertError,
    fields::NOT_REGISTERED,
    numbers::Number,
    parts::{Shape, Ty, former_names},
    serial::Serde,
    trail::{Step, Trail},
};
use crate::migration::hot::Migration;
use bevy::reflect::{ReflectFromReflect, prelude::ReflectDefault};
use core::{any::TypeId, mem};
use indexmap::IndexMap;
use std::{borrow::Cow, cell::OnceCell};

/// The place of a plan among all.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Id(usize);

/// How values of one type become those of another.
pub(super) struct Plan {
    /// The old type.
    pub old: Ty,
    /// The new type.
    pub new: Ty,
    /// How.
    pub method: Method,
    /// The second try, and the only one where there is no method.
    pub serde: Option<Serde>,
}

/// How values become others.
pub(super) enum Method {
    /// Not known yet: its own parts are looked at.
    Pending,
    /// The same type, all of one piece.
    Copied,
    /// The same type.
    Cloned(Option<ReflectFromReflect>),
    /// A number or the like that changed its type.
    Number(Number, Number),
    /// Field by field.
    Fields(Box<Fields>),
    /// By the old variant. `None` is a variant that is gone.
    Variants(Vec<Option<Fields>>),
    /// Element by element.
    Elements {
        /// How each is made.
        item: Id,
        /// What they go into.
        into: Elements,
    },
    /// A list of the one value.
    One {
        /// How the element is made.
        item: Id,
        /// What makes the empty list.
        empty: Initial,
    },
    /// Key by key.
    Entries {
        /// How keys are made.
        key: Id,
        /// How values are made.
        value: Id,
        /// What makes the empty map.
        empty: Initial,
    },
    /// The value within an `Option`, if there is one.
    Unwrapped {
        /// How the value within is converted.
        within: Id,
        /// What stands for `None`.
        none: Initial,
    },
    /// The one field of a tuple struct.
    Within(Id),
    /// There is nothing in it.
    Nothing(ReflectDefault),
    /// By the user's function.
    Migrated(Migration),
    /// Not at all, and why; but serde may know better.
    None(String),
}

/// What elements go into.
pub(super) enum Elements {
    /// A list, and what makes an empty one.
    List(Initial),
    /// A set, and what makes an empty one.
    Set(Initial),
    /// An array.
    Array {
        /// How long it is.
        length: usize,
        /// What fills up a longer one.
        fill: Initial,
    },
}

/// How a value is made field by field.
pub(super) struct Fields {
    /// The new type.
    pub new: Ty,
    /// How the new type holds them.
    pub shape: Shape,
    /// In the order of the new type.
    pub fields: Vec<Field>,
    /// Old fields that no new one is made from.
    pub lost: Vec<Cow<'static, str>>,
    /// The variant that these were of, if there is one to be named.
    pub was: Option<&'static str>,
    /// What a value begins as.
    pub default: Option<ReflectDefault>,
    /// What makes a value of its fields.
    pub build: Option<ReflectFromReflect>,
    /// What values are made from before their fields are filled in, where there is no
    /// default; put together with the first value.
    pub pattern: OnceCell<Scaffold>,
    /// The first field that reflection does not see, of the old type (unless the new one has
    /// it) and of the new one; found out with the first value.
    pub hidden: OnceCell<[Option<String>; 2]>,
}

/// A new field.
pub(super) struct Field {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its type.
    pub ty: Ty,
    /// What makes a first value of it.
    pub initial: Initial,
    /// What it is made from.
    pub source: Source,
}

/// What a new field is made from.
pub(super) enum Source {
    /// An old field.
    Field(usize, Id),
    /// The whole old value.
    Whole(Id),
    /// Nothing.
    New,
}

/// Makes a first value of a type, if there is a way: by `Default`, or an empty one.
pub(super) type Initial = Box<dyn Fn() -> Option<Part> + Send + Sync>;

/// All plans that were needed yet.
#[derive(Default)]
pub(super) struct Plans(IndexMap<(TypeId, TypeId), Plan>);

impl Plans {
    /// A place for the plan of a pair, which is not known yet.
    pub fn add(&mut self, plan: Plan) -> Id {
        let (at, _) = self.0.insert_full((plan.old.id, plan.new.id), plan);
        Id(at)
    }

    /// Says how, in a place that was added.
    pub fn decide(&mut self, id: Id, method: Method) {
        self.0[id.0].method = method;
    }

    /// The plan for a pair, if it was made.
    pub fn find(&self, old: TypeId, new: TypeId) -> Option<Id> {
        self.0.get_index_of(&(old, new)).map(Id)
    }

    /// The plan at a place, which [`Plans::find`] or another plan named.
    pub fn get(&self, id: Id) -> &Plan {
        &self.0[id.0]
    }
}

/// Whether serde would pass over what the user said, anywhere in a plan.
pub(super) fn is_spoken_for(plans: &Plans, id: Id) -> bool {
    let mut seen = vec![false; plans.0.len()];
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        if mem::replace(&mut seen[id.0], true) {
            continue;
        }
        let plan = plans.get(id);
        if matches!(plan.method, Method::Migrated(_)) || plan.new.info.is_some_and(former_names) {
            return true;
        }
        open.extend(within(&plan.method));
    }
    false
}

/// The plans that one mentions.
fn within(method: &Method) -> Vec<Id> {
    let of = |fields: &Fields| -> Vec<Id> {
        let sources = fields.fields.iter().map(|field| &field.source);
        sources
            .filter_map(|source| match source {
                Source::Field(_, id) | Source::Whole(id) => Some(*id),
                Source::New => None,
            })
            .collect()
    };
    match method {
        Method::Fields(fields) => of(fields),
        Method::Variants(variants) => variants.iter().flatten().flat_map(of).collect(),
        Method::Elements { item, .. } | Method::One { item, .. } => vec![*item],
        Method::Entries { key, value, .. } => vec![*key, *value],
        Method::Unwrapped { within, .. } | Method::Within(within) => vec![*within],
        _ => Vec::new(),
    }
}

/// The first thing that every value is refused for.
pub(super) fn check(plans: &Plans, root: Id) -> Result<(), ConvertError> {
    let plan = plans.get(root);
    if let Method::Fields(fields) = &plan.method
        && fields.is_loose()
        && plan.serde.is_none()
    {
        let (root, new) = (&Trail::ROOT, plan.new.path);
        return Err(ConvertError::not_buildable(root, new, NOT_REGISTERED));
    }
    let mut seen = vec![false; plans.0.len()];
    check_at(plans, root, &Trail::ROOT, &mut seen)
}

fn check_at(plans: &Plans, id: Id, trail: &Trail, seen: &mut [bool]) -> Result<(), ConvertError> {
    trail.check_depth()?;
    let plan = plans.get(id);
    // Serde may know better.
    if plan.serde.is_some() || mem::replace(&mut seen[id.0], true) {
        return Ok(());
    }
    match &plan.method {
        Method::None(reason) => {
            let (old, new) = (plan.old.path, plan.new.path);
            Err(ConvertError::incompatible(trail, old, new, reason))
        }
        Method::Within(within) => check_at(plans, *within, trail, seen),
        Method::Fields(fields) => {
            for field in &fields.fields {
                match &field.source {
                    Source::Field(_, id) => {
                        check_at(plans, *id, &trail.to(Step::Name(&field.name)), seen)?;
                    }
                    Source::Whole(id) => check_at(plans, *id, trail, seen)?,
                    Source::New => {}
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
