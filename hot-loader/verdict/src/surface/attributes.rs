//! What attributes mean to the surface.
//!
//! Relies on lists of names, of which every one does nothing but what this stage expects,
//! and on `facts` for whether a name means another crate's macro. Must never list one that can rewrite its item.

use super::facts::Facts;
use proc_macro2::Ident;
use syn::{Attribute, Meta, Token, punctuated::Punctuated};

/// Attributes that no type, registration or behaviour depends on.
pub(super) fn is_inert_attribute(ident: &str) -> bool {
    matches!(
        ident,
        "doc"
            | "allow"
            | "expect"
            | "warn"
            | "deny"
            | "forbid"
            | "must_use"
            | "deprecated"
            | "diagnostic"
            | "rustfmt"
            | "clippy"
            | "inline"
            | "cold"
    )
}

/// Attributes of the compiler: no import can give their names to others.
fn is_builtin_attribute(ident: &str) -> bool {
    is_inert_attribute(ident)
        || matches!(
            ident,
            "cfg"
                | "repr"
                | "non_exhaustive"
                | "path"
                | "macro_use"
                | "macro_export"
                | "track_caller"
                | "ignore"
                | "should_panic"
                | "automatically_derived"
                | "feature"
                | "recursion_limit"
                | "type_length_limit"
                | "no_std"
                | "no_implicit_prelude"
        )
}

/// Macros that do nothing but what this stage expects of them. Any other one may
/// rewrite its item.
fn is_known_macro(ident: &str) -> bool {
    matches!(
        ident,
        "derive" | "test" | "reflect_trait" | "bevy_main" | "instrument"
    )
}

/// Attributes that only a derive of the same item reads.
fn is_derive_helper(ident: &str) -> bool {
    matches!(
        ident,
        // bevy's
        "component" | "require" | "relationship" | "relationship_target" | "entities"
            | "event" | "entity_event" | "event_target" | "resource" | "message" | "bundle"
            | "reflect" | "type_path" | "states" | "source" | "system_param" | "query_data"
            | "query_filter" | "world_query" | "asset" | "dependency" | "deref" | "system_set"
            | "map_entities" | "uniform" | "texture" | "sampler" | "storage" | "bind_group_data"
            // of other derives that a game uses
            | "default" | "serde" | "error" | "from" | "source_location" | "backtrace" | "strum"
            | "command" | "arg"
    )
}

/// Whether some attribute of an item may be a macro that rewrites it.
pub(super) fn has_unknown_attribute(attributes: &[Attribute], facts: &Facts) -> bool {
    let mut derives = attributes.iter().map(Attribute::path);
    let derived = derives.any(|path| path.is_ident("derive") || path.is_ident("cfg_attr"));
    attributes
        .iter()
        .any(|attribute| is_unknown(&attribute.meta, derived, facts))
}

fn is_unknown(meta: &Meta, derived: bool, facts: &Facts) -> bool {
    let path = meta.path();
    let Some(only) = path.get_ident().map(ToString::to_string) else {
        let segments = &path.segments;
        let [Some(first), Some(last)] =
            [segments.first(), segments.last()].map(|s| s.map(|s| s.ident.to_string()))
        else {
            return true;
        };
        let tool = matches!(first.as_str(), "rustfmt" | "clippy" | "diagnostic");
        return !(tool || facts.is_known_path(path) && is_known_macro(&last));
    };
    if only == "cfg_attr" {
        // `cfg_attr(condition, attribute, …)`: each attribute counts.
        let Meta::List(list) = meta else { return true };
        return match list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) {
            Ok(metas) => metas
                .iter()
                .skip(1)
                .any(|meta| is_unknown(meta, derived, facts)),
            Err(_) => true,
        };
    }
    // What comes by a glob does not stand in the way of a derive's helper.
    let helper = derived && is_derive_helper(&only) && !facts.is_foreign_by_name(&only);
    let known = is_known_macro(&only) && !facts.is_foreign_macro(&only);
    !(is_builtin_attribute(&only) || helper || known)
}

/// Code that only tests see. A game never runs in a test build, and the recipe
/// that is replayed is the game's.
pub(super) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => {
            list.path.is_ident("cfg") && list.parse_args::<Ident>().is_ok_and(|word| word == "test")
        }
        Meta::Path(path) => path.is_ident("test"),
        Meta::NameValue(_) => false,
    })
}

/// Whether an item may be compiled out.
pub(super) fn is_conditional(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr"))
}
