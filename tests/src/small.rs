//! A small game that a test types into: an executable and a gameplay crate of one file,
//! whose systems print what they see.

use crate::{Game, Profile, Workspace};
use serde_json::Value;

/// The file that tests type into.
const SYSTEMS: &str = "systems/src/lib.rs";

/// What stands before the text of every test.
const HEAD: &str = "use bevy::prelude::*;\n\nhot_loader::export!(plugin);\n\n";

/// A running game of `tests/small`, and its workspace.
#[derive(Debug)]
pub struct Small {
    /// Its process, which ends before somebody else gets its files.
    pub game: Game,
    /// Its files.
    pub workspace: Workspace,
    /// How much of the log was there at the last save.
    heard: usize,
}

impl Small {
    /// Builds and starts a game whose gameplay is `systems`, without `use` lines and the
    /// export, and waits until it can be edited.
    pub fn start(systems: &str) -> Self {
        Self::start_in(Workspace::small(), systems)
    }

    /// As [`start`](Self::start), in a workspace that the test has changed already.
    pub fn start_in(workspace: Workspace, systems: &str) -> Self {
        workspace.write(SYSTEMS, &format!("{HEAD}{systems}"));
        let mut game = workspace.start(Profile::DEV);
        game.ready();
        Self::of(workspace, game)
    }

    /// A game that runs already.
    pub fn of(workspace: Workspace, game: Game) -> Self {
        Self {
            workspace,
            game,
            heard: 0,
        }
    }

    /// What the gameplay's file holds.
    pub fn text(&self) -> String {
        self.workspace.read(SYSTEMS)
    }

    /// Saves `systems` in place of all that stands below the export.
    pub fn save(&mut self, systems: &str) {
        self.write(&format!("{HEAD}{systems}"));
    }

    /// Saves all of the gameplay's file.
    pub fn write(&mut self, text: &str) {
        self.heard = self.game.log().len();
        self.workspace.write(SYSTEMS, text);
    }

    /// Replaces each first part, which must stand in the text exactly once, saves all of
    /// it at once, and waits for the outcome, whichever it is.
    pub fn edit(&mut self, edits: &[(&str, &str)]) -> Value {
        let text = edits.iter().fold(self.text(), |text, (from, to)| {
            assert_eq!(text.matches(from).count(), 1, "`{from}` in\n{text}");
            text.replace(from, to)
        });
        self.write(&text);
        self.game.next_outcome()
    }

    /// As [`edit`](Self::edit); the outcome must be a swap of this kind.
    #[track_caller]
    pub fn live(&mut self, kind: &str, edits: &[(&str, &str)]) -> Value {
        let event = self.edit(edits);
        assert_eq!(
            (&event["event"], &event["kind"]),
            (&"swapped".into(), &kind.into()),
            "{event}"
        );
        event
    }

    /// Waits until the game has printed a line that contains `text` since the last save.
    #[track_caller]
    pub fn says(&mut self, text: &str) {
        let heard = self.heard;
        let what = format!("`{text}` to be printed");
        self.game
            .until(&what, |game| game.log()[heard..].contains(text));
    }

    /// How often the game has printed `text` since it started.
    pub fn said(&self, text: &str) -> usize {
        self.game.log().matches(text).count()
    }
}
