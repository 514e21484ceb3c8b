//! What the surface knows of Rust, std and Bevy by name.
//!
//! Every list here makes something *harmless*, so that leaving a name out costs
//! only a slower swap. Must never list a name whose meaning the module's author
//! decides: what the module defines itself is looked up in its sources.

use proc_macro2::{Ident, TokenStream, TokenTree};
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

/// Macros that declare no item where they stand as a statement.
pub(super) fn is_harmless_macro(ident: &str) -> bool {
    let level = ident.strip_suffix("_once").unwrap_or(ident);
    matches!(level, "info" | "warn" | "error" | "debug" | "trace")
        || matches!(
            ident,
            "println"
                | "eprintln"
                | "print"
                | "eprint"
                | "write"
                | "writeln"
                | "dbg"
                | "assert"
                | "assert_eq"
                | "assert_ne"
                | "debug_assert"
                | "debug_assert_eq"
                | "debug_assert_ne"
                | "assert_matches"
                | "panic"
                | "todo"
                | "unimplemented"
                | "unreachable"
                | "vec"
                | "format"
                | "format_args"
                | "matches"
                | "include_str"
                | "include_bytes"
                | "env"
                | "option_env"
                | "concat"
                | "stringify"
                | "line"
                | "file"
                | "column"
                | "module_path"
                | "cfg"
                | "compile_error"
                | "log"
                | "once"
                | "info_span"
                | "warn_span"
                | "error_span"
                | "debug_span"
                | "trace_span"
                | "span"
                | "bsn"
                | "bsn_list"
                | "children"
                | "related"
                | "default"
                | "uuid"
                | "embedded_asset"
                | "embedded_path"
                | "load_embedded_asset"
        )
}

/// Crates whose macros of a harmless name are the harmless ones.
pub(super) fn is_trusted_crate(ident: &str) -> bool {
    is_external_crate(ident)
        || matches!(
            ident,
            "log"
                | "tracing"
                | "serde"
                | "rand"
                | "thiserror"
                | "derive_more"
                | "uuid"
                | "embedded_asset"
                | "embedded_path"
                | "load_embedded_asset"
                | "glam"
        )
}

/// Crates that are certainly not the module.
pub(super) fn is_external_crate(ident: &str) -> bool {
    matches!(ident, "std" | "core" | "alloc" | "bevy") || ident.starts_with("bevy_")
}

/// Words behind which a new name stands.
pub(super) fn defines(word: &Ident) -> bool {
    [
        "fn",
        "struct",
        "enum",
        "trait",
        "mod",
        "type",
        "macro_rules",
    ]
    .iter()
    .any(|definer| word == definer)
}

/// Whether tokens hold a keyword that can declare an item with an identity.
pub(super) fn declares_items(tokens: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Ident(ident) => {
            let lifetime = at.checked_sub(1).is_some_and(
                |at| matches!(&tokens[at], TokenTree::Punct(punct) if punct.as_char() == '\''),
            );
            let named = matches!(tokens.get(at + 1), Some(TokenTree::Ident(_)));
            !lifetime
                && ([
                    "struct",
                    "enum",
                    "impl",
                    "trait",
                    "static",
                    "macro_rules",
                    "mod",
                    "extern",
                    "item",
                ]
                .iter()
                .any(|word| ident == word)
                    || (ident == "union" && named))
        }
        TokenTree::Group(group) => declares_items(&group.stream()),
        _ => false,
    })
}

/// What an impl of a trait means to the engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TraitKind {
    /// Registers: every body in it is a root of the registration surface.
    Registers,
    /// An ordinary trait: a body is a body.
    Ordinary,
    /// A contract with the engine or the compiler, or unknown: bodies are type surface.
    Contract,
}

/// The meaning of a trait of std, Bevy or a common crate, by its name.
///
/// `Clone` and `Copy` are contracts: whether a component has them decides how the
/// engine clones it, which is noted once, with a pointer to the function.
pub(super) fn trait_kind(ident: &str) -> TraitKind {
    match ident {
        "Plugin" | "PluginGroup" | "Plugins" => TraitKind::Registers,
        "From"
        | "Into"
        | "TryFrom"
        | "TryInto"
        | "AsRef"
        | "AsMut"
        | "Borrow"
        | "BorrowMut"
        | "ToOwned"
        | "ToString"
        | "FromStr"
        | "Display"
        | "Debug"
        | "Write"
        | "Read"
        | "Seek"
        | "BufRead"
        | "LowerHex"
        | "UpperHex"
        | "Octal"
        | "Binary"
        | "LowerExp"
        | "UpperExp"
        | "Pointer"
        | "PartialEq"
        | "Eq"
        | "PartialOrd"
        | "Ord"
        | "Hash"
        | "Hasher"
        | "BuildHasher"
        | "Default"
        | "Deref"
        | "DerefMut"
        | "Index"
        | "IndexMut"
        | "Fn"
        | "FnMut"
        | "FnOnce"
        | "RangeBounds"
        | "Add"
        | "Sub"
        | "Mul"
        | "Div"
        | "Rem"
        | "Neg"
        | "Not"
        | "BitAnd"
        | "BitOr"
        | "BitXor"
        | "Shl"
        | "Shr"
        | "AddAssign"
        | "SubAssign"
        | "MulAssign"
        | "DivAssign"
        | "RemAssign"
        | "BitAndAssign"
        | "BitOrAssign"
        | "BitXorAssign"
        | "ShlAssign"
        | "ShrAssign"
        | "Iterator"
        | "DoubleEndedIterator"
        | "ExactSizeIterator"
        | "FusedIterator"
        | "IntoIterator"
        | "Extend"
        | "FromIterator"
        | "Sum"
        | "Product"
        | "Error"
        | "Termination"
        | "FromWorld"
        | "Command"
        | "EntityCommand"
        | "Serialize"
        | "Deserialize"
        | "Serializer"
        | "Deserializer"
        | "Visitor"
        | "DeserializeSeed"
        | "Rng"
        | "RngCore"
        | "SeedableRng"
        | "Distribution" => TraitKind::Ordinary,
        _ => TraitKind::Contract,
    }
}

/// Derives and traits whose values the engine keeps as labels, filed by their hash.
pub(super) fn is_label(ident: &str) -> bool {
    matches!(
        ident,
        "SystemSet"
            | "ScheduleLabel"
            | "States"
            | "SubStates"
            | "ComputedStates"
            | "AppLabel"
            | "RenderLabel"
            | "RenderSubGraph"
    )
}

/// Types whose presence in a signature means that the function registers.
pub(super) const REGISTRARS: [&str; 9] = [
    "App",
    "SubApp",
    "Schedule",
    "ScheduleConfigs",
    "IntoScheduleConfigs",
    "SystemSet",
    "Plugin",
    "PluginGroup",
    "PluginGroupBuilder",
];

/// Parameter types that only systems, conditions and observers take.
pub(super) fn is_system_param(ident: &str) -> bool {
    matches!(
        ident,
        "Query"
            | "Single"
            | "Populated"
            | "Res"
            | "ResMut"
            | "NonSend"
            | "NonSendMut"
            | "Local"
            | "Commands"
            | "ParallelCommands"
            | "Deferred"
            | "ParamSet"
            | "EventReader"
            | "EventWriter"
            | "EventMutator"
            | "MessageReader"
            | "MessageWriter"
            | "MessageMutator"
            | "On"
            | "Trigger"
            | "RemovedComponents"
            | "Gizmos"
            | "StaticSystemParam"
            | "SystemName"
            | "SystemChangeTick"
            | "PopulatedMessageReader"
            | "In"
            | "InRef"
            | "InMut"
            | "DeferredWorld"
            | "WorldId"
    )
}

/// Methods whose arguments are systems or conditions, whatever they are called on.
pub(super) fn takes_systems(method: &str) -> bool {
    matches!(
        method,
        "add_systems"
            | "add_observer"
            | "observe"
            | "register_system"
            | "configure_sets"
            | "run_if"
            | "distributive_run_if"
            | "in_set"
            | "ambiguous_with"
            | "ambiguous_with_all"
    )
}

/// Of those, the ones that stand on a system or a set.
pub(super) fn stands_on_systems(method: &str) -> bool {
    matches!(
        method,
        "run_if" | "distributive_run_if" | "in_set" | "ambiguous_with" | "ambiguous_with_all"
    )
}

/// Methods that combine systems into systems, where systems already stand.
pub(super) fn combines_systems(method: &str) -> bool {
    stands_on_systems(method)
        || matches!(
            method,
            "chain"
                | "chain_ignore_deferred"
                | "before"
                | "after"
                | "before_ignore_deferred"
                | "after_ignore_deferred"
                | "pipe"
                | "map"
                | "and"
                | "or"
                | "nand"
                | "nor"
                | "xor"
                | "xnor"
                | "and_then"
                | "or_else"
                | "and_eager"
                | "or_eager"
                | "into_configs"
                | "into_system"
                | "with_input"
        )
}

/// Methods that only name a type, and make no value of it.
pub(super) fn only_names_types(method: &str) -> bool {
    matches!(
        method,
        "register_type"
            | "register_type_data"
            | "add_message"
            | "add_event"
            | "register_component"
            | "register_asset_reflect"
    )
}
