//! Tells everyone: the event file, the terminal, and (through a queue that the
//! main thread drains) Bevy messages and the status resource.
//!
//! It must never fail or block the game: an event file that cannot be written is
//! said once, and then left.

use crate::events::{HotReloadEvent, SwapKind, SwapReport};
use serde::Serialize;
use std::{
    collections::BTreeSet,
    env,
    fs::File,
    io::{self, IsTerminal, Write},
    mem,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The environment variable that names the event file.
const EVENTS_FILE: &str = "HOT_LOADER_EVENTS";
/// The version of the event file's schema.
const SCHEMA: u32 = 1;

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
    /// What was said to start anew: a static does so with every reload.
    said: Mutex<BTreeSet<String>>,
}

impl Reporter {
    /// Writes to the file that `HOT_LOADER_EVENTS` names, if it names one.
    pub fn from_env() -> Self {
        Self {
            queue: Mutex::default(),
            said: Mutex::default(),
            writer: env::var_os(EVENTS_FILE)
                .filter(|path| !path.is_empty())
                .and_then(|path| Writer::start(path.into())),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Vec<HotReloadEvent>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of `event` everywhere.
    pub fn emit(&self, event: HotReloadEvent) {
        match &event {
            HotReloadEvent::Swapped(report) => self.log_swap(report),
            event => log(event),
        }
        if let Some(writer) = &self.writer {
            writer.write(&event);
        }
        self.queue().push(event);
    }

    fn log_swap(&self, report: &SwapReport) {
        let (kind, migrated) = match report.kind {
            SwapKind::Body => ("", &[][..]),
            SwapKind::Structure => (", with what it registers,", &[][..]),
            SwapKind::Types => (", with its types,", &report.state.migrated[..]),
        };
        info(&format!(
            "generation {}{kind} is live: {:.2} s after the save (rustc {:.2} s, pause {:.2} ms)",
            report.generation,
            report.edit_to_live_ms / 1000.0,
            report.build_ms / 1000.0,
            report.stall_ms
        ));
        let tell = |what: &str, names: &[&str]| {
            if !names.is_empty() {
                info(&format!("{what}: {}", names.join(", ")));
            }
        };
        let migrated: Vec<&str> = migrated.iter().map(String::as_str).collect();
        tell("migrated", &migrated);
        let assumed: Vec<&str> = report.state.assumed.iter().map(String::as_str).collect();
        tell("assumed to be renamed", &assumed);
        let reset: Vec<&str> = {
            let said = self.said.lock();
            let mut said = said.unwrap_or_else(PoisonError::into_inner);
            let reset = report.state.reset.iter();
            // Else it is what lives outside the world.
            let is_news =
                |name: &&String| said.insert((*name).clone()) || report.kind == SwapKind::Types;
            reset.filter(is_news).map(String::as_str).collect()
        };
        tell("starts anew, or is gone", &reset);
        let (ran, stale): (Vec<&str>, Vec<&str>) =
            report.stale.iter().map(String::as_str).partition(|name| {
                name.starts_with("hooks of ") || name.ends_with(" no longer runs")
            });
        tell("note", &ran);
        tell("may still run old code", &stale);
    }

    /// Says what is no event.
    pub fn info(&self, text: &str) {
        info(text);
    }

    /// Says what is no event, and what the user should know all the same.
    pub fn warn(&self, text: &str) {
        warn(text);
    }

    /// Prints rustc's own rendering of an error to the terminal.
    pub fn print_error(&self, plain: &str, coloured: &str) {
        let mut stderr = io::stderr().lock();
        let text = if stderr.is_terminal() {
            coloured
        } else {
            plain
        };
        // A closed terminal is no reason to stop a game.
        if writeln!(stderr, "{}", text.trim_end()).is_err() {
            tracing::debug!("the terminal is closed");
        }
    }

    /// The events since the last call.
    pub fn drain(&self) -> Vec<HotReloadEvent> {
        mem::take(&mut *self.queue())
    }
}

/// Writes the event file on a thread of its own: the file may be a pipe that
/// nobody reads, or on a slow disk.
#[derive(Debug)]
struct Writer {
    lines: Option<Sender<Vec<u8>>>,
    ended: Mutex<Receiver<()>>,
}

impl Writer {
    fn start(path: PathBuf) -> Option<Self> {
        let (lines, received) = mpsc::channel::<Vec<u8>>();
        let (end, ended) = mpsc::channel();
        let write = move || {
            if let Err(error) = write_lines(&path, &received) {
                warn(&format!(
                    "no more events are written: {EVENTS_FILE} names {}, which failed: {error}",
                    path.display()
                ));
            }
            // Nobody waits if the game has ended.
            end.send(()).unwrap_or_default();
        };
        match thread::Builder::new()
            .name("hot-loader events".into())
            .spawn(write)
        {
            Ok(_) => Some(Self {
                lines: Some(lines),
                ended: Mutex::new(ended),
            }),
            Err(error) => {
                warn(&format!("no events are written: no thread for it: {error}"));
                None
            }
        }
    }

    fn write(&self, event: &HotReloadEvent) {
        let line = Line {
            v: SCHEMA,
            t_ms: unix_ms(),
            event,
        };
        match (serde_json::to_vec(&line), &self.lines) {
            (Ok(line), Some(lines)) => {
                if lines.send(line).is_err() {
                    tracing::debug!("the event file failed before");
                }
            }
            (Err(error), _) => tracing::warn!("an event cannot be written: {error}"),
            (Ok(_), None) => {}
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // The last lines, unless nobody reads them.
        const LONGEST_WAIT: Duration = Duration::from_millis(500);
        self.lines = None;
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        if ended.recv_timeout(LONGEST_WAIT).is_err() {
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

fn unix_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as u64)
}

fn log(event: &HotReloadEvent) {
    match event {
        HotReloadEvent::Ready { build_ms: 0.0, .. } => info("hot reloading goes on"),
        HotReloadEvent::Ready { build_ms, .. } => info(&format!(
            "hot reloading is ready (first build {:.1} s): edit the gameplay and save",
            build_ms / 1000.0
        )),
        HotReloadEvent::Edit { files } => info(&format!("edited: {}", files.join(", "))),
        HotReloadEvent::BuildStarted { generation } => {
            tracing::debug!("building generation {generation}");
        }
        HotReloadEvent::BuildFailed { errors, .. } => warn(&format!(
            "the edit does not compile ({} error{}); the game plays on by the old code",
            errors.len(),
            if errors.len() == 1 { "" } else { "s" }
        )),
        // See `log_swap`.
        HotReloadEvent::Swapped(_) => {}
        HotReloadEvent::Refused { reason, .. } => {
            warn(&format!("the edit is not applied: {reason}"));
        }
        HotReloadEvent::Panicked { system, message } => warn(&format!(
            "{system} panicked and is off until the next reload: {message}"
        )),
        HotReloadEvent::Stuck { system, seconds } => warn(&format!(
            "{system} has been running for {seconds:.0} s: the game waits for it (an endless loop? only ending the game ends it)"
        )),
        HotReloadEvent::Snapshot {
            file,
            entities,
            missing,
            ..
        } => tracing::debug!(
            "written down: {entities} entities, in {file}; not held: {}",
            missing.join(", ")
        ),
        HotReloadEvent::Restored {
            entities, missing, ..
        } => info(&format!(
            "taken back: {entities} entities of the last run; not written down, and so as a fresh start makes them: {}",
            missing.join(", ")
        )),
        HotReloadEvent::RolledBack { generation, to } => {
            info(&format!(
                "generation {generation} is rolled back to {to}; the sources stay as they are, and the next save is built"
            ));
        }
        HotReloadEvent::RestartNeeded { reason } => {
            warn(&format!("a restart is needed: {reason}"));
        }
    }
}

fn info(text: &str) {
    say(text, || tracing::info!(target: "hot_loader", "{text}"));
}

fn warn(text: &str) {
    say(text, || tracing::warn!(target: "hot_loader", "{text}"));
}

/// Through the game's log if it has one (`LogPlugin`), else plainly to stderr: a
/// headless game has none, and nobody should miss why an edit is not live.
fn say(text: &str, log: impl FnOnce()) {
    if tracing::dispatcher::has_been_set() {
        log();
    } else if writeln!(io::stderr(), "hot-loader: {text}").is_err() {
        tracing::debug!("the terminal is closed");
    }
}
