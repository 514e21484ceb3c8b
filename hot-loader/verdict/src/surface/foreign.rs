//! What other crates may mean by a name: those that are not known to mean what std and Bevy
//! mean can hand out anything under any name, one by one or all at once.
//!
//! Relies on rustc to refuse what is ambiguous. Must never take a name for a known one
//! because nothing is known of it.

use super::facts::Facts;
use super::files::Module;
use super::known;
use super::syntax::Leaf;
use hot_loader_compile::hash::name;
use std::collections::HashSet;
use syn::Path;

/// Names of a module that a glob import does not change: rustc takes two imports of
/// everything that have one name for an error, and a single name before those of a glob.
#[derive(Clone, Default)]
pub(super) struct Certain {
    /// Imported by name from crates that are known.
    names: HashSet<String>,
    /// Everything of Bevy's prelude is imported.
    prelude: bool,
    /// The prelude has the macros of a log.
    prelude_logs: bool,
}

impl Certain {
    fn has(&self, ident: &str) -> bool {
        self.names.contains(ident)
            || self.prelude
                && (is_in_prelude(ident) || self.prelude_logs && known::is_log_macro(ident))
    }
}

impl Facts {
    /// The same as seen in `module`, if other crates may mean something there by names
    /// that are known elsewhere.
    pub(super) fn inside(&self, module: &Module) -> Option<Self> {
        let mut opened = false;
        let mut certain = Certain {
            prelude_logs: self.prelude_logs,
            ..Certain::default()
        };
        for leaf in module.imports() {
            match &leaf.here {
                // Another module of the crate may pass such names on.
                None => opened |= self.is_foreign_glob(&leaf) || self.is_local_glob(&leaf),
                Some(here) => {
                    let first = leaf.path.first();
                    if leaf.path.last() == Some(here) && first.is_some_and(|f| self.is_ours(f)) {
                        certain.names.insert(here.clone());
                    }
                }
            }
            certain.prelude |= leaf.here.is_none() && leaf.path == ["bevy", "prelude"];
        }
        (opened && self.has_foreign_globs).then(|| {
            let mut facts = self.clone();
            facts.open = Some(certain);
            facts
        })
    }

    /// Whether it imports everything of a crate that is not known, or of something that
    /// was imported from one.
    pub(super) fn is_foreign_glob(&self, leaf: &Leaf) -> bool {
        let Some(first) = leaf.path.first().filter(|_| leaf.here.is_none()) else {
            return leaf.here.is_none();
        };
        let renamed =
            |part: &String| self.foreign.contains(part) || self.aliases.contains(&name(part));
        if first == "hot_loader" || self.is_trusted(first) {
            return false;
        }
        !self.is_local_root(first) || leaf.path.iter().any(renamed)
    }

    fn is_local_glob(&self, leaf: &Leaf) -> bool {
        leaf.here.is_none() && leaf.path.first().is_some_and(|f| self.is_local_root(f))
    }

    /// Whether an import gives this name to something whose meaning is not known.
    pub(super) fn is_foreign_import(&self, leaf: &Leaf) -> bool {
        let (Some(here), Some(first)) = (&leaf.here, leaf.path.first()) else {
            return false;
        };
        leaf.path.last() != Some(here) || !self.is_ours(first)
    }

    /// Whether what a path names that begins so is known, or the crate's own.
    fn is_ours(&self, first: &str) -> bool {
        matches!(first, "hot_loader" | "crate" | "self" | "super") || self.is_trusted(first)
    }

    /// Whether another crate may mean something by this name.
    pub(super) fn is_foreign(&self, ident: &str) -> bool {
        let open = self.open.as_ref();
        self.foreign.contains(ident) || open.is_some_and(|certain| !certain.has(ident))
    }

    /// Whether a crate that is not known gave this name to something by itself.
    pub(super) fn is_foreign_by_name(&self, ident: &str) -> bool {
        self.foreign.contains(ident)
    }

    /// The same of a macro: that of a glob cannot take the place of one of std's, which
    /// rustc says is ambiguous.
    pub(super) fn is_foreign_macro(&self, ident: &str) -> bool {
        match known::is_std_macro(ident) {
            true => self.is_foreign_by_name(ident),
            false => self.is_foreign(ident),
        }
    }

    /// Whether a path begins in a crate that is known, or leads to what this crate has or
    /// imported from one.
    pub(super) fn is_known_path(&self, path: &Path) -> bool {
        let Some(first) = path.segments.first().map(|first| first.ident.to_string()) else {
            return false;
        };
        let renamed = self.foreign.contains(&first) || self.aliases.contains(&name(&first));
        first == "hot_loader" || self.is_trusted(&first) || self.is_local_root(&first) && !renamed
    }
}

/// Macros and traits that are in Bevy's prelude for certain.
fn is_in_prelude(ident: &str) -> bool {
    matches!(
        ident,
        "children"
            | "related"
            | "reflect_trait"
            | "bevy_main"
            | "Bundle"
            | "Command"
            | "EntityCommand"
            | "FromWorld"
            | "Plugin"
            | "PluginGroup"
    )
}

/// Crates whose macros and traits of a known name are the known ones.
pub(super) fn is_trusted_crate(ident: &str) -> bool {
    matches!(
        ident,
        "std"
            | "core"
            | "alloc"
            | "bevy"
            | "log"
            | "tracing"
            | "serde"
            | "rand"
            | "thiserror"
            | "derive_more"
            | "uuid"
            | "glam"
    ) || ident.strip_prefix("bevy_").is_some_and(is_bevys)
}

/// The engine's own crates, without `bevy_` before their names; others' begin so too.
fn is_bevys(part: &str) -> bool {
    matches!(
        part,
        "a11y"
            | "animation"
            | "anti_alias"
            | "app"
            | "asset"
            | "audio"
            | "camera"
            | "camera_controller"
            | "clipboard"
            | "color"
            | "core_pipeline"
            | "derive"
            | "dev_tools"
            | "diagnostic"
            | "ecs"
            | "feathers"
            | "gilrs"
            | "gizmos"
            | "gizmos_render"
            | "gltf"
            | "image"
            | "input"
            | "input_focus"
            | "internal"
            | "light"
            | "log"
            | "material"
            | "math"
            | "mesh"
            | "pbr"
            | "picking"
            | "platform"
            | "post_process"
            | "ptr"
            | "reflect"
            | "remote"
            | "render"
            | "scene"
            | "settings"
            | "shader"
            | "solari"
            | "sprite"
            | "sprite_render"
            | "state"
            | "tasks"
            | "text"
            | "time"
            | "transform"
            | "ui"
            | "ui_render"
            | "ui_widgets"
            | "utils"
            | "window"
            | "winit"
            | "world_serialization"
    )
}
