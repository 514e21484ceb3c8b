//! The rustc process that runs now, and its end, which another thread may ask for.

use super::{
    BuildError,
    group::{Priority, ProcessGroup},
};
use crate::paths::PathError;
use std::{
    io::Read,
    path::PathBuf,
    process::{Command, ExitStatus},
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

    /// Runs `command` to its end: what it wrote to stderr, and how it ended.
    ///
    /// # Errors
    /// If it was ended, or the system does not run it.
    pub(super) fn run(
        &self,
        mut command: Command,
        priority: Priority,
    ) -> Result<(String, ExitStatus), BuildError> {
        let rustc = PathBuf::from(command.get_program());
        let failed = |error| BuildError::Rustc(PathError::at(&rustc)(error));
        let stderr = {
            let mut running = self.lock();
            running.check()?;
            let group = ProcessGroup::spawn(&mut command, priority).map_err(failed)?;
            running.group.insert(group).take_stderr()
        };
        let mut output = Vec::new();
        if let Some(mut stderr) = stderr {
            stderr.read_to_end(&mut output).map_err(failed)?;
        }
        // stderr is closed, so rustc is at its end, unless it is no rustc.
        loop {
            let mut running = self.lock();
            let Some(group) = &mut running.group else {
                return Err(BuildError::Stopped);
            };
            if let Some(status) = group.try_wait().map_err(failed)? {
                running.group = None;
                if running.stopped || !status.success() {
                    running.check()?;
                }
                return Ok((String::from_utf8_lossy(&output).into_owned(), status));
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
        let (output, status) = running
            .run(shell("echo said >&2; exit 3"), Priority::Normal)
            .unwrap();
        assert_eq!((&*output, status.code()), ("said\n", Some(3)));
        let missing = running.run(Command::new("/no/such/rustc"), Priority::Normal);
        assert!(matches!(missing, Err(BuildError::Rustc { .. })));

        let end = |ask: fn(&RunningBuild)| {
            thread::scope(|scope| {
                let build = scope.spawn(|| running.run(shell("sleep 600"), Priority::Normal));
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
        assert!(
            running
                .run(shell("exit 0"), Priority::Normal)
                .unwrap()
                .1
                .success()
        );
        assert!(matches!(end(RunningBuild::stop), Err(BuildError::Stopped)));
        running.begin();
        assert!(matches!(
            running.run(shell("exit 0"), Priority::Normal),
            Err(BuildError::Stopped)
        ));
    }
}
