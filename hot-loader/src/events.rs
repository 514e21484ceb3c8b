//! What happened, for whoever wants to know: the same facts go to the event file
//! (`HOT_LOADER_EVENTS`), to Bevy messages and to [`HotReloadStatus`].
//!
//! The enum is the documented schema of the file, version 1. It must stay plain
//! data; `report` writes it.
//!
//! [`HotReloadStatus`]: crate::HotReloadStatus

use bevy::ecs::message::Message;

/// Something hot-loader did or saw. Each is one line of the event file, with
/// `v` (the schema's version, 1), `t_ms` (Unix milliseconds) and `event` (the
/// variant in snake case) beside the fields; and a Bevy [`Message`], so that a
/// game can react with a `MessageReader<HotReloadEvent>`.
///
/// A static build never sends any.
#[derive(Message, Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "hot",
    derive(serde::Serialize),
    serde(tag = "event", rename_all = "snake_case")
)]
#[allow(
    clippy::large_enum_variant,
    reason = "there are few at a time, and whoever matches them sees no boxes"
)]
pub enum HotReloadEvent {
    /// The watcher is armed and the first background build is done: edits go live
    /// from here on. Sent again when a needed restart is no longer needed.
    Ready {
        /// The running generation.
        generation: u32,
        /// How long the background build took, in milliseconds; 0 if there was none.
        build_ms: f64,
    },
    /// A change of the sources was seen.
    Edit {
        /// The files that changed.
        files: Vec<String>,
    },
    /// rustc was started.
    BuildStarted {
        /// The generation that is to come of it.
        generation: u32,
    },
    /// The sources do not compile; the game runs on.
    BuildFailed {
        /// The generation that was to come of it.
        generation: u32,
        /// rustc's errors.
        errors: Vec<BuildErrorReport>,
    },
    /// The game plays by the new code.
    Swapped(SwapReport),
    /// The edit cannot be applied soundly; the old code runs on.
    Refused {
        /// The generation that was to come of it.
        generation: u32,
        /// Why, and what to do.
        reason: String,
        /// The types that the reason is about.
        types: Vec<String>,
    },
    /// Module code panicked; its system is off until the next reload.
    Panicked {
        /// The system's name.
        system: String,
        /// The panic's message, with its place.
        message: String,
    },
    /// Module code has not come back for seconds, so that the game stands still. Told
    /// once a run of the system.
    Stuck {
        /// The system's name.
        system: String,
        /// How long it has run, in seconds.
        seconds: f64,
    },
    /// An earlier generation was brought back. Comes after the
    /// [`Swapped`](Self::Swapped) that says what became of everything.
    RolledBack {
        /// The generation that is left.
        generation: u32,
        /// The generation that runs now.
        to: u32,
    },
    /// The world was written down.
    Snapshot {
        /// The file.
        file: String,
        /// How many entities it holds.
        entities: usize,
        /// How many resources it holds, the current states not among them.
        resources: usize,
        /// Types of which it does not hold the values, or not all.
        missing: Vec<String>,
        /// How long a frame waited while it was copied, in milliseconds.
        copy_ms: f64,
    },
    /// The world that an earlier run wrote down was taken back.
    Restored {
        /// The file.
        file: String,
        /// How many entities it held.
        entities: usize,
        /// How many resources it held.
        resources: usize,
        /// Types of which it did not hold the values, or not all.
        missing: Vec<String>,
    },
    /// Only a restart can bring edits live, or undoing what the reason names (then
    /// [`Ready`](Self::Ready) follows).
    RestartNeeded {
        /// Why, and what to do.
        reason: String,
    },
}

/// One error of a failed build.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "hot", derive(serde::Serialize))]
pub struct BuildErrorReport {
    /// The message alone.
    pub message: String,
    /// The file, as rustc names it; empty if the error has no place.
    pub file: String,
    /// 1-based; 0 if the error has no place.
    pub line: usize,
    /// 1-based; 0 if the error has no place.
    pub column: usize,
    /// rustc's own rendering of the error, without colours.
    pub rendered: String,
}

/// What a swap did.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "hot", derive(serde::Serialize))]
pub struct SwapReport {
    /// The generation that runs now.
    pub generation: u32,
    /// What kind of edit it was.
    pub kind: SwapKind,
    /// From the file's save to the end of the first frame run by new code, in milliseconds.
    pub edit_to_live_ms: f64,
    /// How long rustc took, in milliseconds.
    pub build_ms: f64,
    /// How long the main thread paused, in milliseconds: the longest pause of one frame,
    /// if the swap took several.
    pub stall_ms: f64,
    /// What became of the module's systems and run conditions.
    pub systems: SystemsReport,
    /// What became of the module's state.
    pub state: StateReport,
    /// Names of what may still run old code.
    pub stale: Vec<String>,
}

/// The kind of edit that a swap applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "hot",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum SwapKind {
    /// Only bodies of functions changed.
    Body,
    /// What the plugin registers changed.
    Structure,
    /// Types changed.
    Types,
}

/// What became of the module's systems and run conditions in a swap, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "hot", derive(serde::Serialize))]
pub struct SystemsReport {
    /// Run the new code, with their `Local`s and ticks.
    pub kept: Vec<String>,
    /// How many more do that which are the engine's or another crate's, over the module's
    /// types: nobody edited these.
    pub kept_others: usize,
    /// Run the new code, made afresh.
    pub reset: Vec<String>,
    /// New ones.
    pub added: Vec<String>,
    /// Ones that are gone.
    pub removed: Vec<String>,
}

/// What became of the module's state in a swap, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "hot", derive(serde::Serialize))]
pub struct StateReport {
    /// As it was.
    pub kept: Vec<String>,
    /// Carried over a change of its type.
    pub migrated: Vec<String>,
    /// Kept, with fields whose initial value changed in the code.
    pub merged: Vec<String>,
    /// Types that were taken for renamed ones without being told, as `old -> new`.
    pub assumed: Vec<String>,
    /// Starts anew.
    pub reset: Vec<String>,
}
