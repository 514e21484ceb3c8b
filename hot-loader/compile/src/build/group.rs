//! A compiler and whatever it starts (a linker; cargo's compilers): one group of processes,
//! which ends as one, when it is asked to and when the game is killed. It must never touch
//! a process that it did not start.
//!
//! Nobody in a killed game is left to end anything, so on Unix a shell waits for the end of
//! a pipe that only the game holds open, and for nothing else. (Linux could send a signal by
//! itself, but only to a child that was forked with code of ours in it, and a fork of a large
//! game makes its frames wait.) It is in a group of its own too: what a terminal sends the
//! game must not reach it first.

#[cfg(unix)]
use std::io::Write;
use std::{
    io,
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
};

/// Who goes first when the machine is busy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Priority {
    /// As the game itself.
    Normal,
    /// All others.
    Lowest,
}

/// One child and its descendants.
#[derive(Debug)]
pub struct ProcessGroup {
    child: Child,
    /// Its input is the pipe. Gone when the child's number is not its own any more.
    #[cfg(unix)]
    shell: Option<Child>,
}

impl ProcessGroup {
    /// Starts `command` as the first of a new group. If there is no shell, the group of a
    /// killed game works to its end.
    ///
    /// # Errors
    /// If the system does not start it.
    pub fn spawn(command: &mut Command, priority: Priority) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        #[cfg(windows)]
        if let Priority::Lowest = priority {
            // IDLE_PRIORITY_CLASS.
            std::os::windows::process::CommandExt::creation_flags(command, 0x40);
        }
        let child = command.spawn()?;
        #[cfg(unix)]
        if let Priority::Lowest = priority {
            lower(&child);
        }
        Ok(Self {
            #[cfg(unix)]
            shell: shell(&child),
            child,
        })
    }

    /// What it writes to stderr, if the command says so.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// How the child ended, if it did. Never waits for it.
    ///
    /// # Errors
    /// What the system says.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        // The group needs no guard any more.
        #[cfg(unix)]
        if status.is_some()
            && let Some(mut shell) = self.shell.take()
            // Before its pipe closes: by then the group's number may be another's.
            && let Err(error) = shell.kill().and_then(|()| shell.wait())
        {
            tracing::debug!("the shell that guards a build: {error}");
        }
        Ok(status)
    }

    /// Ends all of them.
    pub fn kill(&mut self) {
        self.kill_descendants();
        // Does nothing if it was waited for.
        if let Err(error) = self.child.kill() {
            tracing::debug!("it ended by itself: {error}");
        }
    }

    #[cfg(unix)]
    fn kill_descendants(&mut self) {
        let Some(mut shell) = self.shell.take() else {
            return;
        };
        // A line, or the end of its input, is what it waits for. A process that somebody
        // forked may hold the other end of the pipe too.
        let stdin = shell.stdin.take();
        let told = stdin.map_or(Ok(()), |mut stdin| stdin.write_all(b"\n"));
        if let Err(error) = told.and(shell.wait()) {
            tracing::debug!("the shell that ends a build: {error}");
        }
    }

    #[cfg(windows)]
    fn kill_descendants(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        let ended = Command::new("taskkill")
            .args(["/T", "/F", "/PID", &self.child.id().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if let Err(error) = ended {
            tracing::debug!("what a compiler started works to its end: {error}");
        }
    }

    #[cfg(not(any(unix, windows)))]
    fn kill_descendants(&mut self) {}
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.kill();
        if let Err(error) = self.child.wait() {
            tracing::debug!("the end of a build: {error}");
        }
    }
}

/// It, its threads and what they start: the child leads a group of its own.
#[cfg(unix)]
#[expect(unsafe_code, reason = "the standard library has no call for it")]
fn lower(child: &Child) {
    // SAFETY: both calls take numbers alone, and what they change is a child that nobody has
    // waited for, so that its number is its own.
    let lowered = unsafe { libc::setpriority(libc::PRIO_PGRP, child.id(), 19) };
    if lowered != 0 {
        tracing::debug!(
            "a build ahead runs as any other: {}",
            io::Error::last_os_error()
        );
    }
    #[cfg(target_os = "linux")]
    {
        // `IOPRIO_WHO_PGRP` and `IOPRIO_CLASS_IDLE` of linux/ioprio.h.
        const GROUP: libc::c_int = 2;
        const IDLE: libc::c_int = 3 << 13;
        // SAFETY: as above.
        unsafe { libc::syscall(libc::SYS_ioprio_set, GROUP, child.id(), IDLE) };
    }
}

#[cfg(unix)]
fn shell(child: &Child) -> Option<Child> {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", "read -r _; kill -s KILL -- \"-$0\""])
        .arg(child.id().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    std::os::unix::process::CommandExt::process_group(&mut shell, 0);
    let shell = shell.spawn();
    if let Err(error) = &shell {
        tracing::debug!("nobody ends a build if the game is killed: {error}");
    }
    shell.ok()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{BufRead, BufReader},
        thread,
        time::{Duration, Instant},
    };

    /// A shell that waits for a process of its own, and that one's number.
    fn family() -> (ProcessGroup, String) {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "sleep 600 & echo $! >&2; exec 2>&-; wait"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut group = ProcessGroup::spawn(&mut command, Priority::Normal).unwrap();
        let mut line = String::new();
        BufReader::new(group.take_stderr().unwrap())
            .read_line(&mut line)
            .unwrap();
        (group, line.trim().to_owned())
    }

    fn lives(process: &str) -> bool {
        let mut probe = Command::new("/bin/sh");
        probe
            .args(["-c", "kill -0 \"$0\"", process])
            .stderr(Stdio::null());
        // Nobody may have asked for its end yet.
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
        probe.status().unwrap().success() && !stat.is_ok_and(|stat| stat.contains(") Z "))
    }

    fn ends(process: &str) {
        let begun = Instant::now();
        while lives(process) {
            assert!(begun.elapsed() < Duration::from_secs(60), "{process}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn what_a_child_started_ends_with_it() {
        let (mut group, process) = family();
        assert!(lives(&process));
        assert_eq!(group.try_wait().unwrap(), None);
        group.kill();
        ends(&process);
        drop(group);

        let (group, process) = family();
        drop(group);
        ends(&process);
    }

    #[test]
    fn how_it_ended_can_be_asked_for_again() {
        let mut group = ProcessGroup::spawn(
            Command::new("/bin/sh").args(["-c", "exit 3"]),
            Priority::Normal,
        )
        .unwrap();
        let status = loop {
            if let Some(status) = group.try_wait().unwrap() {
                break status;
            }
        };
        assert_eq!(status.code(), Some(3));
        assert_eq!(group.try_wait().unwrap(), Some(status));
        group.kill();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_built_ahead_gives_way_to_all_others() {
        for (priority, nice) in [(Priority::Normal, "0"), (Priority::Lowest, "19")] {
            let mut command = Command::new("/bin/sh");
            // A child's own, once it was lowered.
            command
                .args([
                    "-c",
                    "sleep 0.2; /bin/sh -c 'cut -d\" \" -f19 /proc/self/stat >&2'",
                ])
                .stderr(Stdio::piped());
            let mut group = ProcessGroup::spawn(&mut command, priority).unwrap();
            let mut line = String::new();
            BufReader::new(group.take_stderr().unwrap())
                .read_line(&mut line)
                .unwrap();
            let own = std::fs::read_to_string("/proc/self/stat").unwrap();
            let own = own.split(' ').nth(18).unwrap();
            let expected = if priority == Priority::Normal {
                own
            } else {
                nice
            };
            assert_eq!(line.trim(), expected);
        }
    }
}
