//! Edits of what a plugin registers, in one process: each generation is a function of
//! this crate, recorded and applied as a rebuilt one would be. What rustc and the
//! loader have to do with it is tested end to end.
//!
//! The oracle of most tests: after an edit the game's registrations are, as text, those
//! of a game that was started with the new plugin.

mod drops;
mod effects;
mod initialised;
mod later;
mod refusals;
mod series;
mod systems;

use super::{Applied, Gameplay, LiveObserver, Refusal};
use crate::{
    generation::{Cause, Generation, Identity, Planned},
    load::Image,
    proxy::Guard,
    record::{Exported, HostView},
    repoint::Find,
    schedules::{Diversion, Known, Pending, adopt},
    swap::SwapPlan,
    testing::{code, render},
};
use bevy::{
    app::{App, TaskPoolPlugin},
    ecs::{prelude::*, schedule::Schedules},
    state::app::StatesPlugin,
};
use hot_loader_verdict::{
    affected::{Affected, Registering},
    edit::Edit,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
    time::SystemTime,
};

/// A generation's plugin.
type Plugin = fn(&mut App);

/// A running game whose gameplay can be edited.
struct Game {
    app: App,
    gameplay: Gameplay,
    /// What the host adds after the gameplay.
    later: Plugin,
}

/// What the host has: the engine's plugins, and systems of its own around the module's.
fn host() -> App {
    let mut app = App::new();
    app.add_plugins((TaskPoolPlugin::default(), StatesPlugin));
    app.init_resource::<Log>();
    app.configure_sets(bevy::app::Update, (HostSet::Early, HostSet::Late).chain());
    app.add_systems(
        bevy::app::Update,
        (
            host_early.in_set(HostSet::Early),
            host_late.in_set(HostSet::Late),
        ),
    );
    app
}

#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
enum HostSet {
    Early,
    Late,
}

fn host_early(mut log: ResMut<Log>) {
    log.note("host_early");
}

fn host_late(mut log: ResMut<Log>) {
    log.note("host_late");
}

/// What ran in which order, and what systems count.
#[derive(Resource, Default)]
struct Log {
    ran: Vec<&'static str>,
    numbers: BTreeMap<&'static str, i64>,
}

impl Log {
    fn note(&mut self, who: &'static str) {
        self.ran.push(who);
    }

    fn number(&mut self, who: &'static str, number: i64) {
        self.numbers.insert(who, number);
    }
}

impl Game {
    /// Starts with a plugin, and runs one frame.
    fn start(plugin: Plugin) -> Self {
        Self::start_before(plugin, |_| {}, &|_| false)
    }

    /// As [`start`](Self::start), in a host that adds something `later`, of which what is
    /// called as the gameplay's things are gets proxies.
    fn start_before(plugin: Plugin, later: Plugin, ours: &dyn Fn(&str) -> bool) -> Self {
        let mut app = host();
        let guard = Arc::new(Guard::new(app.world().fallback_error_handler()));
        let host = HostView::of(&mut app, &|_| false);
        let before = LiveObserver::all(app.world_mut());
        let diversion = Diversion::begin(app.world_mut(), &host.labels);
        plugin(&mut app);
        let recorded = diversion.end(app.world_mut());
        let mut schedules = app.world_mut().resource_mut::<Schedules>();
        let pending = Pending::hold(&mut schedules, recorded, &host.labels, &guard);
        let known = Known::all(&schedules);
        let observers = LiveObserver::all(app.world_mut())
            .into_iter()
            .filter(|observer| !before.contains(observer))
            .collect();
        later(&mut app);
        app.finish();
        app.cleanup();
        let mut schedules = app.world_mut().resource_mut::<Schedules>();
        let (late, missed) = adopt(&mut schedules, &known, &pending, &guard, ours);
        let (live, ran) = pending.enter(&mut schedules, late);
        assert!(missed.is_empty() && ran.is_empty());
        app.update();
        Self {
            app,
            gameplay: Gameplay::new(live, observers, host, guard, plugin),
            later,
        }
    }

    /// Edits the plugin, and runs one frame.
    fn edit(&mut self, plugin: Plugin) -> Applied {
        let applied = self.try_edit(plugin).unwrap();
        self.frame();
        applied
    }

    /// Edits the plugin, if that can be done.
    fn try_edit(&mut self, plugin: Plugin) -> Result<Applied, Refusal> {
        let planned = self.plan(plugin);
        let exported = &planned.to.exported;
        let gameplay = &mut self.gameplay;
        gameplay.record_running(None, true)?;
        let ahead = gameplay.record_new(self.app.world(), exported, true)?;
        let ready = gameplay.prepare(self.app.world_mut(), &planned, ahead)?;
        Ok(self
            .gameplay
            .commit(self.app.world_mut(), ready, &[])
            .unwrap())
    }

    /// An edit to this plugin, whose code is this test's own, and of which no more is known.
    fn plan(&self, plugin: Plugin) -> Planned {
        let [from, to] = [self.gameplay.exported.clone(), Exported::plugin(plugin)].map(|one| {
            Arc::new(Generation {
                number: 0,
                code: code(""),
                identity: Identity::default(),
                layouts: None,
                exported: one,
                library: None,
            })
        });
        let images = [&**IMAGE];
        let find = Find::new(&images, &IMAGE);
        Planned {
            module: "hot_loader::structure::tests",
            from,
            to,
            cause: Cause::RollBack {
                at: SystemTime::now(),
            },
            verdict: Edit {
                structure: true,
                registering: Registering::everything(),
                ..Edit::default()
            },
            keeps_closures: false,
            capturing_nothing: Default::default(),
            affected: Affected::default(),
            plan: SwapPlan::new(&self.gameplay.slots(), &find, |_| false),
            executable: IMAGE.clone(),
            makers: Vec::new(),
            read_only: IMAGE.read_only().to_vec(),
            statics: Vec::new(),
            ignores_deferred: true,
        }
    }

    /// What ran in the next frame.
    fn frame(&mut self) -> Vec<&'static str> {
        self.log().ran.clear();
        let world = self.app.world_mut();
        self.gameplay.messages.update(world);
        self.app.update();
        let panics = self.gameplay.guard.take_panics();
        assert!(panics.is_empty(), "{panics:?}");
        self.log().ran.clone()
    }

    fn log(&mut self) -> &mut Log {
        self.app.world_mut().resource_mut::<Log>().into_inner()
    }

    fn number(&mut self, who: &str) -> i64 {
        self.log().numbers.get(who).copied().unwrap_or_default()
    }

    /// Its registrations.
    fn text(&mut self) -> String {
        render(self.app.world_mut())
    }
}

/// The registrations of a game that was started with `plugin`.
fn cold(plugin: Plugin, later: Plugin) -> String {
    let mut app = host();
    plugin(&mut app);
    later(&mut app);
    app.finish();
    app.cleanup();
    app.update();
    render(app.world_mut())
}

/// Asserts that an edited game is as a fresh one.
#[track_caller]
fn assert_cold(game: &mut Game, plugin: Plugin) {
    let (hot, cold) = (game.text(), cold(plugin, game.later));
    if hot != cold {
        let only = |a: &str, b: &str, mark: char| {
            a.lines()
                .filter(|line| !b.lines().any(|other| other == *line))
                .map(|line| format!("{mark} {line}\n"))
                .collect::<String>()
        };
        panic!(
            "hot (+) is not as cold (-):\n{}{}",
            only(&hot, &cold, '+'),
            only(&cold, &hot, '-')
        );
    }
}

/// This test's own code.
static IMAGE: LazyLock<Arc<Image>> = LazyLock::new(|| {
    let anchor = host as fn() -> App as usize;
    Arc::new(Image::of_executable(anchor).unwrap())
});

/// The last parts of names.
fn short(names: &[String]) -> Vec<&str> {
    names
        .iter()
        .map(|name| name.rsplit("::").next().unwrap())
        .collect()
}
