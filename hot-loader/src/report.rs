//! Reports to everyone: the event file, the terminal, and (through a queue that the
//! main thread drains) Bevy messages and the status resource.
//!
//! It must never fail or block the game: an event file that cannot be written is
//! reported once, and then left alone.
//!
//! Each line of the log begins with what happened: `Ready`, `Edit`, `Build failed`,
//! `Live`, `Edit rejected`, `Rollback rejected`, `Restart needed`, `Rolled back`,
//! `Panicked`, `Stuck`, `Restored`.

use crate::{
    events::{BuildErrorReport, HotReloadEvent, SwapKind, SwapReport},
    panics::lock,
};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use hot_loader_verdict::names::shortened;
use serde::Serialize;
use std::{
    collections::BTreeSet,
    convert::Infallible,
    env,
    fs::File,
    io::{self, IsTerminal, Write},
    mem,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, UNIX_EPOCH},
};

/// The environment variable that names the event file.
const EVENTS_FILE: &str = "HOT_LOADER_EVENTS";
/// The version of the event file's schema.
const SCHEMA: u32 = 1;
/// How many names of each kind the line of a swap shows; the event has all.
const SHOWN: usize = 5;

#[derive(Serialize)]
struct Line<'a> {
    v: u32,
    t_ms: u64,
    #[serde(flatten)]
    event: &'a HotReloadEvent,
}

/// Where events go.
#[derive(Debug)]
pub struct Reporter {
    queue: Mutex<Vec<HotReloadEvent>>,
    writer: Option<Writer>,
    /// What was reported as reset: a static is, with every reload.
    said: Mutex<BTreeSet<String>>,
    /// Code panicked since the last swap.
    panicked: AtomicBool,
}

impl Reporter {
    /// Writes to the file that `HOT_LOADER_EVENTS` names, if it names one.
    pub fn from_env() -> Self {
        Self {
            queue: Mutex::default(),
            said: Mutex::default(),
            panicked: AtomicBool::default(),
            writer: env::var_os(EVENTS_FILE)
                .filter(|path| !path.is_empty())
                .and_then(|path| Writer::start(path.into())),
        }
    }

    /// Reports `event` everywhere.
    pub fn emit(&self, event: HotReloadEvent) {
        log(&event);
        self.pass(event);
    }

    /// Reports everywhere that only a restart brings edits live.
    pub fn need_restart(&self, reason: impl Into<String>) {
        let reason = reason.into();
        self.emit(HotReloadEvent::RestartNeeded { reason });
    }

    /// Reports everywhere that a rollback to `generation` is not possible.
    pub fn refuse_rollback(&self, generation: u32, reason: &str) {
        self.emit(HotReloadEvent::Refused {
            generation,
            reason: reason.to_owned(),
            types: Vec::new(),
            rollback: true,
        });
    }

    /// Whether code panicked since the last swap, and is off until the next.
    pub fn has_panicked(&self) -> bool {
        self.panicked.load(Ordering::Relaxed)
    }

    /// Reports a swap everywhere. The log also names the systems whose code `changed`;
    /// `rolls_back` if the generation was brought back.
    pub fn emit_swap(&self, report: SwapReport, changed: &[String], rolls_back: bool) {
        let systems = &report.systems;
        let none: &[String] = &[];
        let (kind, migrated) = match report.kind {
            SwapKind::Body => ("body", none),
            SwapKind::Structure => ("structure", none),
            SwapKind::Types => ("types", &report.state.migrated[..]),
        };
        let recreated = systems.reset.iter().filter(|name| !changed.contains(name));
        // An edit of types recreates all of them.
        let recreated = recreated.filter(|_| report.kind != SwapKind::Types);
        let recreated: Vec<String> = recreated.cloned().collect();
        info(&format!(
            "Live: generation {} ({kind}): {}{:.2} s after the {} (rustc {:.2} s, pause {:.2} ms)",
            report.generation,
            listed(&[
                ("changed", changed),
                ("added", &systems.added[..]),
                ("removed", &systems.removed[..]),
                ("recreated", &recreated[..]),
                ("migrated", migrated),
            ]),
            report.edit_to_live_ms / 1000.0,
            if rolls_back { "request" } else { "save" },
            report.build_ms / 1000.0,
            report.stall_ms
        ));
        let tell = |what: &str, names: &[String]| {
            if !names.is_empty() {
                info(&format!("{what}: {}", names.join(", ")));
            }
        };
        tell("Assumed renamed", &report.state.assumed);
        let mut reset = report.state.reset.clone();
        // Else it is what lives outside the world.
        let is_news = |name: &String| lock(&self.said).insert(name.clone());
        reset.retain(|name| is_news(name) || report.kind == SwapKind::Types);
        tell("Reset or removed", &reset);
        let (ran, stale): (Vec<_>, Vec<_>) =
            report.stale.iter().cloned().partition(|name| {
                name.starts_with("hooks of ") || name.ends_with(" no longer runs")
            });
        tell("Note", &ran);
        tell("Stale (may still run old code)", &stale);
        self.pass(HotReloadEvent::Swapped(report));
    }

    fn pass(&self, event: HotReloadEvent) {
        if let Some(writer) = &self.writer {
            writer.write(&event);
        }
        match event {
            HotReloadEvent::Panicked { .. } => self.panicked.store(true, Ordering::Relaxed),
            HotReloadEvent::Swapped(_) => self.panicked.store(false, Ordering::Relaxed),
            _ => {}
        }
        lock(&self.queue).push(event);
    }

    /// The events since the last call.
    pub fn drain(&self) -> Vec<HotReloadEvent> {
        mem::take(&mut *lock(&self.queue))
    }
}

/// Writes the event file on a thread of its own: the file may be a pipe that
/// nobody reads, or on a slow disk.
#[derive(Debug)]
struct Writer {
    lines: Option<Sender<Vec<u8>>>,
    /// Disconnected when the thread has ended.
    ended: Receiver<Infallible>,
}

impl Writer {
    fn start(path: PathBuf) -> Option<Self> {
        let (lines, received) = unbounded::<Vec<u8>>();
        let (end, ended) = unbounded::<Infallible>();
        let write = move || {
            if let Err(error) = write_lines(&path, &received) {
                warn(&format!(
                    "Event file failed: cannot write {}: {error}. No more events are written; correct {EVENTS_FILE}, then restart the game",
                    path.display()
                ));
            }
            drop(end);
        };
        let thread = thread::Builder::new().name("hot-loader events".into());
        let started = thread.spawn(write).inspect_err(|error| {
            warn(&format!(
                "Event file failed: cannot start a thread for {EVENTS_FILE}: {error}. No events are written; restart the game"
            ));
        });
        started.ok().map(|_| Self {
            lines: Some(lines),
            ended,
        })
    }

    fn write(&self, event: &HotReloadEvent) {
        let line = Line {
            v: SCHEMA,
            t_ms: UNIX_EPOCH.elapsed().map_or(0, |d| d.as_millis() as u64),
            event,
        };
        match serde_json::to_vec(&line) {
            Ok(line) => {
                let lines = self.lines.as_ref();
                if lines.is_some_and(|lines| lines.send(line).is_err()) {
                    tracing::debug!("the event file failed before");
                }
            }
            Err(error) => {
                tracing::warn!("Event file failed: cannot write an event as JSON: {error}");
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // The last lines, unless nobody reads them.
        const LONGEST_WAIT: Duration = Duration::from_millis(500);
        self.lines = None;
        if self.ended.recv_timeout(LONGEST_WAIT) == Err(RecvTimeoutError::Timeout) {
            tracing::debug!("the event file was not written to its end");
        }
    }
}

/// One write a line: readers never see half of one that fits a page.
fn write_lines(path: &Path, lines: &Receiver<Vec<u8>>) -> io::Result<()> {
    let mut file = File::options().append(true).create(true).open(path)?;
    for mut line in lines {
        line.push(b'\n');
        file.write_all(&line)?;
        file.flush()?;
    }
    Ok(())
}

/// Names of several kinds, each with what became of them: `changed steer, aim; added fly; `.
fn listed(kinds: &[(&str, &[String])]) -> String {
    let all = kinds.iter().flat_map(|(_, names)| names.iter());
    let short = shortened(all.map(String::as_str));
    let mut text = String::new();
    for (what, names) in kinds.iter().filter(|(_, names)| !names.is_empty()) {
        let shown = names.iter().take(SHOWN);
        let shown = shown.filter_map(|name| short.get(name.as_str()));
        let shown: Vec<&str> = shown.map(String::as_str).collect();
        text.push_str(&format!("{what} {}", shown.join(", ")));
        if names.len() > SHOWN {
            text.push_str(&format!(" and {} more", names.len() - SHOWN));
        }
        text.push_str("; ");
    }
    text
}

/// The first error of a build and its place, and how many more there are.
fn errors_in_short(errors: &[BuildErrorReport]) -> String {
    let Some(first) = errors.first() else {
        return "rustc reported no error".into();
    };
    let message = first.message.lines().next().unwrap_or_default();
    let mut text = match first.file.is_empty() {
        // What hot-loader itself says of a build: the advice is in the event.
        true => message.trim_end_matches('.').to_owned(),
        false => format!(
            "{message} at {}:{}:{}",
            first.file, first.line, first.column
        ),
    };
    match errors.len() {
        1 => {}
        2 => text.push_str(" (and 1 more error)"),
        count => text.push_str(&format!(" (and {} more errors)", count - 1)),
    }
    text
}

fn log(event: &HotReloadEvent) {
    match event {
        HotReloadEvent::Ready { build_ms: 0.0, .. } => {
            info("Ready: a restart is no longer needed; edit the gameplay and save");
        }
        HotReloadEvent::Ready { build_ms, .. } => info(&format!(
            "Ready: edit the gameplay and save (first build {:.1} s)",
            build_ms / 1000.0
        )),
        HotReloadEvent::Edit { files } => info(&format!("Edit: {}", files.join(", "))),
        HotReloadEvent::BuildStarted { generation } => {
            tracing::debug!("building generation {generation}");
        }
        HotReloadEvent::BuildFailed { errors, .. } => warn(&format!(
            "Build failed: {}. Fix it and save; the old code keeps running",
            errors_in_short(errors)
        )),
        // See `emit_swap`.
        HotReloadEvent::Swapped(_) => {}
        HotReloadEvent::Refused {
            reason, rollback, ..
        } => {
            let asked = if *rollback { "Rollback" } else { "Edit" };
            warn(&format!("{asked} rejected: {reason}"));
        }
        HotReloadEvent::Panicked { system, message } => warn(&format!(
            "Panicked: {system}, which is disabled until the next reload: {message}"
        )),
        HotReloadEvent::Stuck { system, seconds } => warn(&format!(
            "Stuck: {system} has been running for {seconds:.0} s, and the game waits for it. If it is an endless loop, end the game"
        )),
        HotReloadEvent::Unchanged { generation } => info(&format!(
            "Unchanged: only comments or blanks differ from generation {generation}, so nothing was built. Until the next build, panics and logs name lines of the text before"
        )),
        HotReloadEvent::Spare { ready, build_ms } => tracing::debug!(
            "a spare identity is {} ({build_ms:.0} ms)",
            if *ready { "ready" } else { "used up" }
        ),
        HotReloadEvent::Snapshot {
            file,
            entities,
            missing,
            ..
        } => tracing::debug!(
            "Snapshot: {entities} entities in {file}; not included: {}",
            missing.join(", ")
        ),
        HotReloadEvent::Restored {
            entities, missing, ..
        } => info(&format!(
            "Restored: {entities} entities from the last run{}{}",
            if missing.is_empty() {
                ""
            } else {
                "; not in the snapshot, so newly created: "
            },
            missing.join(", ")
        )),
        HotReloadEvent::RolledBack { generation, to } => info(&format!(
            "Rolled back: generation {generation} to {to}. The sources are unchanged; the next save is built"
        )),
        HotReloadEvent::RestartNeeded { reason } => warn(&format!("Restart needed: {reason}")),
    }
}

/// Logs what isn't an event.
pub fn info(text: &str) {
    say(text, || tracing::info!(target: "hot_loader", "{text}"));
}

/// Logs what isn't an event but what the user should know.
pub fn warn(text: &str) {
    say(text, || tracing::warn!(target: "hot_loader", "{text}"));
}

/// Through the game's log if it has one (`LogPlugin`), else plainly to stderr: a
/// headless game has none, and nobody should miss why an edit is not live.
fn say(text: &str, log: impl FnOnce()) {
    match tracing::dispatcher::has_been_set() {
        true => log(),
        false => print(&format!("hot-loader: {text}")),
    }
}

/// Prints rustc's own rendering of an error to the terminal.
pub fn print_error(plain: &str, coloured: &str) {
    let text = match io::stderr().is_terminal() {
        true => coloured,
        false => plain,
    };
    print(text.trim_end());
}

fn print(text: &str) {
    // A closed terminal is no reason to stop a game.
    if writeln!(io::stderr(), "{text}").is_err() {
        tracing::debug!("the terminal is closed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_swap_has_a_handful_of_names_of_each_kind() {
        let names = |names: &str| -> Vec<String> {
            names.chars().map(|name| format!("game::{name}")).collect()
        };
        let (few, none, many) = (names("ab"), names(""), names("cdefghi"));
        let line = listed(&[
            ("changed", &few[..]),
            ("added", &none[..]),
            ("removed", &many[..]),
        ]);
        for part in ["changed a, b", "removed c, d, e, f, g", "2 more"] {
            assert!(line.contains(part), "{part} in: {line}");
        }
        assert!(!line.contains("added") && !line.contains("::"), "{line}");
    }

    #[test]
    fn a_failed_build_is_named_by_its_first_error() {
        let error = |file: &str, message: &str| BuildErrorReport {
            message: message.into(),
            file: file.into(),
            line: 7,
            column: 3,
            rendered: String::new(),
        };
        let text = errors_in_short(&[
            error("src/lib.rs", "mismatched types"),
            error("src/ship.rs", "expected `;`"),
        ]);
        for part in ["mismatched types", "src/lib.rs:7:3", "1 more"] {
            assert!(text.contains(part), "{part} in: {text}");
        }
        let text = errors_in_short(&[error("", "rustc crashed. Its output follows\nmore")]);
        assert_eq!(text, "rustc crashed. Its output follows");
    }
}
