//! What attributes mean to the surface.
//!
//! Relies on lists of names: every listed attribute is one that does nothing but
//! what this stage expects. Must never list one that can rewrite its item.

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

/// Attributes that do nothing but what this stage expects of them. Any other one
/// may be a procedural macro that rewrites the item.
fn is_known_attribute(ident: &str) -> bool {
    is_inert_attribute(ident)
        || matches!(
            ident,
            "cfg" | "derive" | "repr" | "non_exhaustive" | "path" | "macro_use" | "macro_export"
                | "track_caller" | "test" | "ignore" | "should_panic" | "default" | "automatically_derived"
                | "feature" | "recursion_limit" | "type_length_limit" | "no_std" | "no_implicit_prelude"
                // bevy's derive helpers
                | "component" | "require" | "relationship" | "relationship_target" | "entities"
                | "event" | "entity_event" | "event_target" | "resource" | "message" | "bundle"
                | "reflect" | "type_path" | "states" | "source" | "system_param" | "query_data"
                | "query_filter" | "world_query" | "asset" | "dependency" | "deref" | "system_set"
                | "map_entities" | "uniform" | "texture" | "sampler" | "storage" | "bind_group_data"
                | "reflect_trait" | "bevy_main"
                // other derives and instruments a game uses
                | "serde" | "error" | "from" | "source_location" | "backtrace" | "strum" | "command"
                | "arg" | "instrument"
        )
}

/// Whether some attribute may be a macro that rewrites its item.
pub(super) fn has_unknown_attribute(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| is_unknown(&attribute.meta))
}

fn is_unknown(meta: &Meta) -> bool {
    let path = meta.path();
    let first = path
        .segments
        .first()
        .map(|segment| segment.ident.to_string());
    let last = path
        .segments
        .last()
        .map(|segment| segment.ident.to_string());
    if first.as_deref() == Some("cfg_attr") {
        // `cfg_attr(condition, attribute, …)`: each attribute counts.
        let Meta::List(list) = meta else { return true };
        return match list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) {
            Ok(metas) => metas.iter().skip(1).any(is_unknown),
            Err(_) => true,
        };
    }
    // Tool attributes are known by their first word, macros by their last.
    let tool = matches!(first.as_deref(), Some("rustfmt" | "clippy" | "diagnostic"));
    !tool && !last.is_some_and(|last| is_known_attribute(&last))
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
