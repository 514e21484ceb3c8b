//! What must hold before anything can be reloaded: the executable can be read, it is known
//! what it was compiled from, and there is a place to build in. What does not hold is
//! reported, again at each save, until it does.

use super::{
    Fatal, Shared, Worker,
    builds::Builds,
    disk::Disk,
    generations::Generations,
    inbox::{Inbox, Input},
    module::Module,
};
use crate::{engine, load::Image, module::HotModule, record::Exported};
use hot_loader_compile::{
    build::{Builder, dep_info::DepInfo},
    recipe::Recipe,
    session::SessionDir,
    sources::Sources,
};
use hot_loader_verdict::symbols::Name;
use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The library of the crate `hot_loader_face` that this is compiled with.
const FACE: Option<&str> = hot_loader_macros::library_of!(hot_loader_face);

/// Waits until everything holds that the worker needs. `None` if the game ends before.
///
/// # Errors
/// If nothing can be watched.
pub fn start(
    recipe: Recipe,
    exported: HotModule,
    shared: Shared,
    mut inbox: Inbox,
) -> Result<Option<Worker>, Fatal> {
    let changes = inbox.sender();
    // Where the worker has ended, nobody waits for changes.
    let tell = move || drop(changes.send(Input::Changed));
    let name = exported.name();
    let mut disk = Disk::watch(Module { name, recipe }, tell)?;
    let (mut said, mut seen) = (String::new(), Sources::default());
    let (builds, mut generations) = loop {
        let reason = match grounds(exported, &shared, &mut disk) {
            Ok(grounds) => break grounds,
            Err(error) => error.to_string(),
        };
        let now = Sources::read(disk.module.source_dir(), []);
        if reason != said || !now.changed_since(&seen).is_empty() {
            shared.reporter.need_restart(&reason);
        }
        (said, seen) = (reason, now);
        if !is_told(&mut inbox, &mut disk, &shared) {
            return Ok(None);
        }
    };
    generations.identities.carriers = shared.carriers.clone();
    // Nothing was built yet.
    inbox.changed = true;
    Ok(Some(Worker {
        spare_failed: None,
        live_text: Some(disk.compiled.clone()),
        shared,
        inbox,
        disk,
        builds,
        generations,
        ready: false,
        offered: None,
    }))
}

/// What can be known before the first build, and where builds go.
fn grounds(
    exported: HotModule,
    shared: &Shared,
    disk: &mut Disk,
) -> Result<(Builds, Generations), Fatal> {
    let recipe = disk.module.recipe.clone();
    recipe.verify_kind()?;
    engine::verify()?;
    let executable = Image::of_executable(exported.anchor())?;
    if let Some(symbol) = unreadable(executable.names_at(exported.anchor())) {
        return Err(format!(
            "cannot read the gameplay's symbols (`{symbol}`): this rustc mangles names in a way that hot-loader does not know. Compile with `-C symbol-mangling-version=v0`, or use a newer hot-loader"
        )
        .into());
    }
    let linked = fs::metadata(executable.path())?.modified()?;
    let dep_info = recipe.dep_info();
    let read = fs::read_to_string(&dep_info)
        .and_then(|text| Ok((text, fs::metadata(&dep_info)?.modified()?)));
    let (compiled, read) = read.map_err(|error| {
        format!(
            "cannot read cargo's dep-info {}: {error}. Rebuild the game",
            dep_info.display()
        )
    })?;
    let files = DepInfo::parse(&compiled, &recipe.cwd).files.into_iter();
    let compiled: Vec<PathBuf> = files.collect();
    let code = disk.begin(&compiled, read)?;
    let session = SessionDir::create(&env::current_exe()?)?;
    let builder = Builder::new(
        recipe,
        session.path(),
        session.shared(),
        linked,
        shared.running.clone(),
        FACE.map(Path::new),
    )?;
    let plugin = Exported::plugin(exported.build);
    Ok((
        Builds::new(builder, session, exported.name()),
        Generations::new(executable, Arc::new(code), plugin),
    ))
}

/// Waits for a change, and for the end of a burst of them. `false` if the game ends.
fn is_told(inbox: &mut Inbox, disk: &mut Disk, shared: &Shared) -> bool {
    while !inbox.ending {
        if let Some(asked) = inbox.asked.take() {
            shared.reporter.refuse_rollback(
                asked.to.unwrap_or(asked.from),
                "hot reloading has not started yet, so there is no generation to roll back to",
            );
        }
        if inbox.changed {
            let settled = inbox.let_settle();
            disk.renew_watch();
            return settled;
        }
        inbox.wait();
    }
    false
}

/// The first of a function's names, if none of them can be read.
fn unreadable<'a>(mut names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let first = names.clone().next();
    first.filter(|_| names.all(|symbol| Name::of(symbol).is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mangling_that_nobody_knows_is_shown() {
        let read = |names: &[&'static str]| unreadable(names.iter().copied());
        assert_eq!(read(&["_ZN7systems6plugin17h3a43ab1fb3b16505E"]), None);
        assert_eq!(read(&["_RNvCs1234_7systems6plugin"]), None);
        assert_eq!(read(&["_H7systems", "_H6plugin"]), Some("_H7systems"));
        // Functions may be merged, and have a name of another kind besides.
        assert_eq!(read(&["merged", "_RNvCs1234_7systems6plugin"]), None);
        assert_eq!(read(&[]), None);
    }
}
