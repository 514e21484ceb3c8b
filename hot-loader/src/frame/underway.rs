//! A planned edit between the frames: an edit of the registration is recorded and compared
//! over some of them, each short, and checked before the first thing is touched. An edit of
//! bodies stores tables and runners and nothing more. It must never run the game's frames.

use super::live::{self, Live};
use crate::{
    generation::Planned,
    panics,
    report::Reporter,
    stale::{self, Stale},
    structure::{Ahead, Gameplay, Ready, Refusal},
};
use bevy::ecs::world::World;
use core::{
    mem,
    ops::ControlFlow::{self, Break, Continue},
};
use std::time::{Duration, Instant};

/// An edit that takes some frames.
pub struct Underway {
    /// The edit.
    pub planned: Box<Planned>,
    step: Step,
    /// The longest that a frame has waited for it so far.
    stall: Duration,
}

/// What comes next.
enum Step {
    /// What the running generation registers is recorded, then what the new one does.
    Record,
    /// They are compared, and the difference is applied.
    Compare(Box<Ahead>),
    /// Tables and runners are stored, and nothing else.
    Repoint,
}

impl Underway {
    /// Before its first frame.
    pub fn new(planned: Box<Planned>, world: &mut World, gameplay: &Gameplay) -> Self {
        Self {
            step: match must_apply(&planned) || gameplay.has_stale(world, &planned) {
                true => Step::Record,
                false => Step::Repoint,
            },
            planned,
            stall: Duration::ZERO,
        }
    }

    /// Goes on with it between two frames, the first of which ended when this `begun`. Ends
    /// when it is live.
    ///
    /// # Errors
    /// If it cannot be applied. The game is as it was.
    pub fn advance(
        mut self,
        begun: Instant,
        world: &mut World,
        gameplay: &mut Gameplay,
        stale: &mut Stale,
        reporter: &Reporter,
    ) -> Result<ControlFlow<(Live, Box<Planned>), Self>, Refusal> {
        // Values of new types are migrated, or the edit is refused.
        if !self.planned.changes_types() && matches!(self.step, Step::Compare(_) | Step::Repoint) {
            stale::environments(world, &self.planned.verdict.functions)?;
        }
        match self.step(world, gameplay) {
            Ok(Break(ready)) => {
                let planned = &mut self.planned;
                let live = live::commit(planned, ready, world, gameplay, stale, reporter)?;
                return Ok(Break((live.after(self.stall), self.planned)));
            }
            Ok(Continue(step)) => self.step = step,
            Err(refusal) if must_apply(&self.planned) => return Err(refusal),
            // What proxies hold goes live all the same; the rest is named as stale.
            Err(refusal) => {
                tracing::debug!("observers stay on old code: {refusal:?}");
                gameplay.report_never_initialised(&refusal);
            }
        }
        self.stall = self.stall.max(begun.elapsed());
        Ok(Continue(self))
    }

    /// Does what comes next. If that cannot be done, re-pointing is what is left. Ends with
    /// what can be applied, if that was worked out.
    fn step(
        &mut self,
        world: &mut World,
        gameplay: &mut Gameplay,
    ) -> Result<ControlFlow<Option<Box<Ready>>, Step>, Refusal> {
        let planned = &self.planned;
        match mem::replace(&mut self.step, Step::Repoint) {
            Step::Record => {
                let ignores_deferred = planned.ignores_deferred;
                let types = planned.changes_registration();
                let types = types.then_some(&planned.from.exported.types);
                if gameplay.record_running(types, ignores_deferred)? {
                    // The next frame has time for the other.
                    return Ok(Continue(Step::Record));
                }
                let ahead = gameplay.record_new(world, &planned.to.exported, ignores_deferred)?;
                Ok(Continue(Step::Compare(Box::new(ahead))))
            }
            Step::Compare(ahead) if !ahead.is_ready() => Ok(Continue(Step::Compare(ahead))),
            Step::Compare(ahead) => {
                // Each piece of module code in it is caught where it runs. Should one be
                // forgotten, nothing is applied yet.
                let ready = panics::attempt(|| gameplay.prepare(world, planned, *ahead));
                let ready = ready.unwrap_or_else(|panic| Err(Refusal::unnamed(format!(
                    "the gameplay's code panicked while the edit was being prepared: {panic}. Fix the panic and save; the old code keeps running"
                ))))?;
                Ok(Break(Some(Box::new(ready))))
            }
            Step::Repoint => Ok(Break(None)),
        }
    }
}

/// Whether the edit is not live without what recording finds.
fn must_apply(planned: &Planned) -> bool {
    planned.changes_registration() || planned.plan.lacks_tables
}
