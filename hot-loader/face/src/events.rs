//! What happened: the same facts go to the event file (`HOT_LOADER_EVENTS`), to Bevy
//! messages and to [`HotReloadStatus`].
//!
//! [`HotReloadEvent`] is the documented schema of the file, version 1. It must stay plain
//! data; `report` writes it.
//!
//! [`HotReloadStatus`]: crate::status::HotReloadStatus

use bevy::ecs::message::Message;

/// Something hot-loader did or saw.
///
/// Each is a Bevy [`Message`], so a game can read it with a
/// `MessageReader<HotReloadEvent>`. Each is also one line of the event file, where `v`
/// (the schema's version, 1), `t_ms` (Unix milliseconds) and `event` (the variant in
/// snake case) stand beside the fields.
///
/// A static build has no `Messages<HotReloadEvent>`.
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
    /// The watcher is running and the first background build is done: edits go live
    /// from here on. Sent again when a restart that was needed no longer is.
    Ready {
        /// The running generation.
        generation: u32,
        /// How long the background build took, in milliseconds; 0 if there was none.
        build_ms: f64,
    },
    /// A source file changed.
    Edit {
        /// The files that changed, as absolute paths.
        files: Vec<String>,
    },
    /// rustc was started.
    BuildStarted {
        /// The generation that this build will become.
        generation: u32,
    },
    /// The sources do not compile; the old code keeps running.
    BuildFailed {
        /// The generation that this build would have become.
        generation: u32,
        /// rustc's errors.
        errors: Vec<BuildErrorReport>,
    },
    /// The first frame with the new code has ended.
    Swapped(SwapReport),
    /// The edit or rollback cannot be applied soundly; the running code keeps running.
    Refused {
        /// The generation that is not applied. For a rollback without a number it is the
        /// running one.
        generation: u32,
        /// Why, and what to do.
        reason: String,
        /// The types, systems or schedules that the reason is about; may be empty.
        types: Vec<String>,
        /// Whether a rollback was asked for, and not an edit.
        rollback: bool,
    },
    /// Gameplay code panicked; its system is disabled until the next reload.
    Panicked {
        /// The system's name; `observer NAME` for an observer.
        system: String,
        /// The panic's message, with file and line.
        message: String,
    },
    /// A gameplay system has not returned for seconds, and the game waits for it. Sent
    /// once for each run of the system.
    Stuck {
        /// The system's name.
        system: String,
        /// How long it has run, in seconds.
        seconds: f64,
    },
    /// hot-loader rolled back to an earlier generation. Comes after the
    /// [`Swapped`](Self::Swapped) that says what happened to systems and values.
    RolledBack {
        /// The generation that was left.
        generation: u32,
        /// The generation that runs now.
        to: u32,
    },
    /// A snapshot of the world was saved.
    Snapshot {
        /// The file.
        file: String,
        /// How many entities it holds.
        entities: usize,
        /// How many resources it holds, without the current states.
        resources: usize,
        /// Types of which it does not hold every value.
        missing: Vec<String>,
        /// How long a frame waited while the world was copied, in milliseconds.
        copy_ms: f64,
    },
    /// The snapshot of an earlier run was restored.
    Restored {
        /// The file.
        file: String,
        /// How many entities it held.
        entities: usize,
        /// How many resources it held, without the current states.
        resources: usize,
        /// Types of which it did not hold every value.
        missing: Vec<String>,
    },
    /// Only comments or blanks differ from what runs, so nothing is built.
    Unchanged {
        /// The running generation.
        generation: u32,
    },
    /// A spare identity was built ahead, or used up: the next edit of types is quick, or may
    /// take longer.
    Spare {
        /// Whether there is one.
        ready: bool,
        /// How long it took, in milliseconds; 0 if it was used up.
        build_ms: f64,
    },
    /// Only a restart brings edits live, or undoing what the reason names. Sent again at
    /// each save until then; [`Ready`](Self::Ready) follows once it is undone.
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
    /// The file, as rustc names it; empty if the error has no position.
    pub file: String,
    /// 1-based; 0 if the error has no position.
    pub line: usize,
    /// 1-based; 0 if the error has no position.
    pub column: usize,
    /// rustc's own rendering of the error, without colours.
    pub rendered: String,
}

/// What a reload did.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "hot", derive(serde::Serialize))]
pub struct SwapReport {
    /// The generation that runs now.
    pub generation: u32,
    /// What kind of edit it was.
    pub kind: SwapKind,
    /// From the save to the end of the first frame with the new code, in milliseconds. For
    /// a rollback, from the request.
    pub edit_to_live_ms: f64,
    /// How long rustc took, in milliseconds; 0 for a rollback.
    pub build_ms: f64,
    /// How long the main thread paused, in milliseconds. If the swap took several frames,
    /// the longest pause of one.
    pub stall_ms: f64,
    /// What happened to the gameplay's systems, run conditions and observers.
    pub systems: SystemsReport,
    /// What happened to the gameplay's state.
    pub state: StateReport,
    /// Names of what may still run old code, of observers that no longer run, and of hooks
    /// that ran while values migrated.
    pub stale: Vec<String>,
}

/// The kind of edit that a reload applied.
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

/// What happened to the gameplay's systems and run conditions in a reload, by name.
/// Observers are listed as `observer NAME`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "hot", derive(serde::Serialize))]
pub struct SystemsReport {
    /// Those that run the new code with their `Local`s and ticks.
    pub kept: Vec<String>,
    /// How many more were kept that belong to Bevy or another crate, over gameplay types.
    /// Nobody edited these.
    pub kept_others: usize,
    /// Those that were recreated: their `Local`s start anew.
    pub reset: Vec<String>,
    /// New ones.
    pub added: Vec<String>,
    /// Removed ones.
    pub removed: Vec<String>,
}

/// What happened to the gameplay's state in a reload, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "hot", derive(serde::Serialize))]
pub struct StateReport {
    /// Resources whose live value stays although their initial value changed. In a type
    /// edit, also every type whose values moved unchanged.
    pub kept: Vec<String>,
    /// Types whose values became those of a new definition.
    pub migrated: Vec<String>,
    /// Resources that took changed initial fields, and new or restored resources.
    pub merged: Vec<String>,
    /// Types that were taken for renamed ones, as `old -> new`.
    pub assumed: Vec<String>,
    /// What started anew or was lost: the crate's statics, what was removed from the code,
    /// types that start anew, and fields that were lost or start at a default.
    pub reset: Vec<String>,
}
