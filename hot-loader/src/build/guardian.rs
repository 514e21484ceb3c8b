//! Ends a rustc whose game was killed: nobody in the game is left to do it. On Unix a
//! shell waits for the end of a pipe that only the game holds open, and for nothing else.
//! (Linux could send a signal by itself, but only to a child that was forked with code of
//! ours in it, and a fork of a large game makes its frames wait.)

use std::process::Child;

/// Guards one child until it is dropped.
#[derive(Debug)]
pub struct Guardian {
    /// Its input is the pipe.
    #[cfg(unix)]
    shell: Option<Child>,
}

impl Guardian {
    /// Guards `child`. If there is no shell, a killed game's rustc works to its end.
    #[cfg(unix)]
    pub fn of(child: &Child) -> Self {
        use std::process::{Command, Stdio};
        let shell = Command::new("/bin/sh")
            .args(["-c", "read -r _; kill -9 \"$0\"", &child.id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        if let Err(error) = &shell {
            tracing::debug!("nobody ends rustc if the game is killed: {error}");
        }
        Self { shell: shell.ok() }
    }

    /// Other systems end what belongs to a console, or let it work to its end.
    #[cfg(not(unix))]
    pub fn of(_child: &Child) -> Self {
        Self {}
    }
}

#[cfg(unix)]
impl Drop for Guardian {
    fn drop(&mut self) {
        let Some(shell) = &mut self.shell else {
            return;
        };
        // Before its pipe closes: by then the child's number may be another process's.
        let killed = shell.kill();
        if let Err(error) = killed.and_then(|()| shell.wait()) {
            tracing::debug!("the shell that guards a build: {error}");
        }
    }
}
