//! What the surface knows of Rust, std and Bevy by name.
//!
//! Every list here makes something *harmless*, so that leaving a name out costs
//! only a slower swap. Must never list a name whose meaning the module's author
//! decides: what the module defines itself is looked up in its sources.

use proc_macro2::{Ident, TokenStream, TokenTree};

/// Macros of std's prelude that declare no item where they stand as a statement, and its
/// attributes.
pub(super) fn is_std_macro(ident: &str) -> bool {
    matches!(
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
            | "derive"
            | "test"
    )
}

/// Macros of Bevy's log, which its prelude has where the game has the feature.
pub(super) fn is_log_macro(ident: &str) -> bool {
    let level = ident.strip_suffix("_once").or(ident.strip_suffix("_span"));
    matches!(
        level.unwrap_or(ident),
        "info" | "warn" | "error" | "debug" | "trace"
    ) || ident == "once"
}

/// Macros that declare no item where they stand as a statement.
pub(super) fn is_harmless_macro(ident: &str) -> bool {
    is_std_macro(ident)
        || is_log_macro(ident)
        || matches!(
            ident,
            "assert_matches"
                | "log"
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

/// Macros whose value is the place where they stand.
pub(super) const PLACES: [&str; 3] = ["line", "column", "file"];

/// Types that are in no crate.
pub(super) fn is_primitive(ident: &str) -> bool {
    let number = ident.strip_prefix(['u', 'i', 'f']);
    matches!(ident, "bool" | "char" | "str")
        || number.is_some_and(|bits| matches!(bits, "8" | "16" | "32" | "64" | "128" | "size"))
}

/// Crates whose traits have no method that another trait for the same type has.
pub(super) fn is_well_known_crate(ident: &str) -> bool {
    matches!(
        ident,
        "std" | "core" | "alloc" | "bevy" | "serde" | "rand" | "log" | "tracing" | "glam"
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

/// Whether every macro called in a macro's definition is a harmless one.
pub(super) fn calls_only_harmless_macros(tokens: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    tokens.iter().enumerate().all(|(at, token)| match token {
        TokenTree::Group(group) => calls_only_harmless_macros(&group.stream()),
        TokenTree::Ident(ident) => {
            let called = matches!(tokens.get(at + 1), Some(TokenTree::Punct(bang)) if bang.as_char() == '!')
                && matches!(tokens.get(at + 2), Some(TokenTree::Group(_)));
            !called || is_harmless_macro(&ident.to_string())
        }
        // A macro's name given as an argument: `$name!(…)`.
        TokenTree::Punct(dollar) if dollar.as_char() == '$' => {
            !(matches!(tokens.get(at + 1), Some(TokenTree::Ident(_)))
                && matches!(tokens.get(at + 2), Some(TokenTree::Punct(bang)) if bang.as_char() == '!'))
        }
        _ => true,
    })
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
            | "register_system_cached"
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

/// Of those that take systems, the ones whose argument is an observer.
pub(super) fn takes_observers(method: &str) -> bool {
    matches!(method, "add_observer" | "observe")
}

/// Methods by which code can make the engine run the systems of a schedule.
pub(super) fn runs_a_schedule(method: &str) -> bool {
    matches!(method, "run_schedule" | "try_run_schedule")
}

/// Methods by which code can make the engine run systems that it was given before.
pub(super) fn runs_systems(method: &str) -> bool {
    runs_a_schedule(method)
        || matches!(
            method,
            "run" | "update" | "run_system" | "run_system_with" | "run_without_applying_deferred"
        )
}

/// Methods by which code can make the engine run observers of types that are not
/// named there (components that another one requires).
pub(super) fn triggers(method: &str) -> bool {
    let begins = [
        "trigger",
        "spawn",
        "despawn",
        "insert",
        "remove",
        "replace",
        "clear",
        "clone",
        "move",
        "set_parent",
        "add_child",
        "with_child",
        "add_related",
        "with_related",
    ];
    begins.iter().any(|begin| method.starts_with(begin)) && !method.ends_with("_resource")
}

/// Events of what becomes of a component, whichever it is.
pub(super) fn is_lifecycle_event(ident: &str) -> bool {
    matches!(
        ident,
        "Add" | "Insert" | "Replace" | "Discard" | "Remove" | "Despawn"
    )
}

/// Methods that make a value by its `Default` or `FromWorld`, whatever type is
/// wanted there.
pub(super) fn makes_defaults(method: &str) -> bool {
    matches!(
        method,
        "unwrap_or_default"
            | "or_default"
            | "get_or_insert_default"
            | "or_insert_default"
            | "or_from_world"
            | "resize_default"
            | "map_or_default"
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
