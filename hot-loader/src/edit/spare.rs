//! A spare identity, built ahead. A type edit gets an identity of its own, for which rustc's
//! cache would be empty. Any identity will do that the world has not met, so one is kept
//! warm: while nothing else is to be done, the sources that run are built under it, at the
//! lowest priority, and nothing but the cache is kept.
//!
//! It must never load what it builds, nor keep a save waiting.

use super::Worker;
use crate::{events::HotReloadEvent, report};
use core::time::Duration;
use hot_loader_compile::build::BuildError;

/// How long there must be nothing to do before it is built.
const IDLE: Duration = Duration::from_secs(2);
/// `0` says that none is wanted.
const VARIABLE: &str = "HOT_LOADER_SPARE";

/// Whether spares are built: a game may have none, by its code or by the environment.
pub fn are_wanted(by_code: bool) -> bool {
    by_code && std::env::var_os(VARIABLE).is_none_or(|it| it != "0")
}

impl Worker {
    /// Waits until something is told, or until it is time to build a spare, and builds it.
    pub(super) fn wait(&mut self) {
        let live = self.generations.live().number;
        let lacks_one = self.shared.spare
            && self.ready
            && self.offered.is_none()
            // What runs is what was saved last.
            && self.live_text.is_some()
            && self.spare_failed != Some(live)
            && !self.generations.identities.is_spared();
        if !lacks_one {
            self.inbox.wait();
        } else if !self.inbox.waits_for(IDLE) {
            self.build_spare(live);
        }
    }

    fn build_spare(&mut self, live: u32) {
        let identity = self.generations.identities.next_spare();
        let builder = &mut self.builds.builder;
        let built = self.inbox.attend(
            &self.shared.running,
            |_| true,
            || builder.warm(identity.metadata()),
        );
        match built {
            Ok(took) => {
                self.generations.identities.has_spare(identity);
                self.shared.reporter.emit(HotReloadEvent::Spare {
                    ready: true,
                    build_ms: took.as_secs_f64() * 1000.0,
                });
            }
            // Something else is to be done first.
            Err(BuildError::Stopped | BuildError::Cancelled) => {}
            // An edit would say why.
            Err(_) => self.spare_failed = Some(live),
        }
    }

    /// Says that a type edit takes longer than it might, and why.
    pub(super) fn say_cold(&self) {
        if self.generations.identities.is_spared() {
            return;
        }
        let why = match self.shared.spare {
            true => "no spare identity is ready: it is built when nothing else is to be done",
            false => "spare identities are off",
        };
        report::info(&format!(
            "Types edit: rustc begins without a cache, since {why}"
        ));
    }
}
