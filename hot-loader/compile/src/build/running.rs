//! The rustc process that runs now, and its end, which another thread may ask for.

use super::{
    BuildError, diagnostics,
    group::{Priority, ProcessGroup},
};
use std::{
    io::{self, BufRead, BufReader},
    path::PathBuf,
    process::{ChildStderr, Command, ExitStatus},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// The build that runs now, if one does; stops it from another thread.
#[derive(Clone, Debug, Default)]
pub struct RunningBuild(Arc<Mutex<Running>>);

#[derive(Debug, Default)]
pub(super) struct Running {
    group: Option<ProcessGroup>,
    /// No build is to run any more.
    stopped: bool,
    /// The running build is to end.
    cancelled: bool,
}

impl Running {
    fn kill(&mut self) {
        if let Some(group) = &mut self.group {
            group.kill();
        }
    }

    /// # Errors
    /// If the build has to end.
    pub(super) fn check(&self) -> Result<(), BuildError> {
        match (self.stopped, self.cancelled) {
            (true, _) => Err(BuildError::Stopped),
            (false, true) => Err(BuildError::Cancelled),
            (false, false) => Ok(()),
        }
    }
}

impl RunningBuild {
    /// Ends the running build, and any that would follow.
    pub fn stop(&self) {
        let mut running = self.lock();
        running.stopped = true;
        running.kill();
    }

    /// Ends the running build.
    pub fn cancel(&self) {
        let mut running = self.lock();
        running.cancelled = true;
        running.kill();
    }

    /// A build begins: what cancelled the last one is done. Before whoever might cancel
    /// it knows of it.
    pub fn begin(&self) {
        self.lock().cancelled = false;
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts `command`, which is a rustc.
    ///
    /// # Errors
    /// If it has to end at once, or the system does not run it.
    pub(super) fn start(
        &self,
        mut command: Command,
        priority: Priority,
    ) -> Result<Started<'_>, BuildError> {
        let rustc = PathBuf::from(command.get_program());
        let mut running = self.lock();
        running.check()?;
        match ProcessGroup::spawn(&mut command, priority) {
            Ok(group) => Ok(Started {
                running: self,
                rustc,
                stderr: running
                    .group
                    .insert(group)
                    .take_stderr()
                    .map(BufReader::new),
                output: Vec::new(),
            }),
            Err(source) => Err(BuildError::Rustc { rustc, source }),
        }
    }
}

/// A rustc that was started.
pub(super) struct Started<'a> {
    running: &'a RunningBuild,
    rustc: PathBuf,
    stderr: Option<BufReader<ChildStderr>>,
    /// What it wrote so far.
    output: Vec<u8>,
}

impl Started<'_> {
    fn failed(&self, source: io::Error) -> BuildError {
        let rustc = self.rustc.clone();
        BuildError::Rustc { rustc, source }
    }

    /// Waits until it says that it has linked. `false` if it ended, or closed its output,
    /// without saying so.
    ///
    /// # Errors
    /// If what it says cannot be read.
    pub(super) fn has_linked(&mut self) -> Result<bool, BuildError> {
        while let Some(stderr) = &mut self.stderr {
            let begin = self.output.len();
            match stderr.read_until(b'\n', &mut self.output) {
                Ok(0) => self.stderr = None,
                Ok(_) if diagnostics::is_linked(&self.output[begin..]) => return Ok(true),
                Ok(_) => {}
                Err(source) => return Err(self.failed(source)),
            }
        }
        Ok(false)
    }

    /// Waits for its end: what it wrote, and how it ended.
    ///
    /// # Errors
    /// If it was ended, or the system does not say.
    pub(super) fn end(mut self) -> Result<(String, ExitStatus), BuildError> {
        while self.has_linked()? {}
        // stderr is closed, so rustc is at its end, unless it is no rustc.
        loop {
            let mut running = self.running.lock();
            let Some(group) = &mut running.group else {
                return Err(BuildError::Stopped);
            };
            if let Some(status) = group.try_wait().map_err(|source| self.failed(source))? {
                running.group = None;
                if running.stopped || !status.success() {
                    running.check()?;
                }
                let output = String::from_utf8_lossy(&self.output).into_owned();
                return Ok((output, status));
            }
            drop(running);
            thread::sleep(Duration::from_millis(1));
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Stdio;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stderr(Stdio::piped());
        command
    }

    #[test]
    fn a_build_ends_by_itself_or_when_it_is_asked_to() {
        let running = RunningBuild::default();
        let run = |script: &str| running.start(shell(script), Priority::Normal)?.end();
        let (output, status) = run("echo said >&2; exit 3").unwrap();
        assert_eq!((&*output, status.code()), ("said\n", Some(3)));
        let missing = running.start(Command::new("/no/such/rustc"), Priority::Normal);
        assert!(matches!(missing, Err(BuildError::Rustc { .. })));

        let end = |ask: fn(&RunningBuild)| {
            thread::scope(|scope| {
                let build = scope.spawn(|| run("sleep 600"));
                while running.lock().group.is_none() {
                    thread::sleep(Duration::from_millis(1));
                }
                ask(&running);
                build.join().unwrap()
            })
        };
        assert!(matches!(
            end(RunningBuild::cancel),
            Err(BuildError::Cancelled)
        ));
        // Until the next one begins.
        assert!(matches!(running.lock().check(), Err(BuildError::Cancelled)));
        running.begin();
        assert!(run("exit 0").unwrap().1.success());
        assert!(matches!(end(RunningBuild::stop), Err(BuildError::Stopped)));
        running.begin();
        assert!(matches!(run("exit 0"), Err(BuildError::Stopped)));
    }

    #[test]
    fn what_rustc_has_linked_is_known_before_it_ends() {
        let running = RunningBuild::default();
        let notice = |emit: &str| {
            format!(r#"echo '{{"$message_type":"artifact","artifact":"/l","emit":"{emit}"}}' >&2"#)
        };
        let script = format!("{}; {}; read line; exit 1", notice("mir"), notice("link"));
        let mut command = shell(&script);
        let (input, hold) = io::pipe().unwrap();
        command.stdin(input);
        let mut started = running.start(command, Priority::Normal).unwrap();
        assert!(started.has_linked().unwrap());
        drop(hold);
        let (output, status) = started.end().unwrap();
        assert_eq!((output.lines().count(), status.code()), (2, Some(1)));
        let mut silent = running.start(shell("exit 0"), Priority::Normal).unwrap();
        assert!(!silent.has_linked().unwrap());
        assert!(silent.end().unwrap().1.success());
    }
}
