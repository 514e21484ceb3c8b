//! What rustc wrote, read: its debug info and its MIR. Most of it is read while rustc still
//! links, and what did not change since the build before is not read again, so an edit waits
//! for little of it.
//!
//! It must not take a file for one that it has read unless that is the same file.

use crate::{
    load::{self, Checked, LoadError},
    panics,
};
use hot_loader_compile::{
    build::{
        Built,
        outputs::{Outputs, Written},
    },
    stamp::Stamp,
};
use hot_loader_verdict::{
    code::{Code, Memory},
    edit::{Edit, compare},
    layouts::{LayoutError, Layouts, Spellings, Unit},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs, io,
    path::PathBuf,
    sync::Arc,
    thread,
};

/// What was read of the module's builds.
#[derive(Default)]
pub struct Reading {
    module: &'static str,
    spellings: Spellings,
    /// The units of the newest build.
    units: HashMap<Stamp, Arc<Unit>>,
    /// What they say together, with the name of each.
    layouts: Option<(BTreeMap<String, Arc<Unit>>, Arc<Layouts>)>,
    mir: Option<Mir>,
    /// Which file that is of; before it is read, an earlier build's.
    mir_stamp: Option<Stamp>,
    /// What MIR was read before.
    items: Memory,
    /// It panicked in this build.
    panicked: bool,
    /// What was written to at the last look, perhaps.
    unfinished: HashMap<PathBuf, Stamp>,
    /// What nobody writes to any more.
    done: HashSet<PathBuf>,
}

/// What is known before a build.
#[derive(Clone)]
pub struct Expected {
    /// What will probably be built; nothing if it cannot be read.
    pub code: Option<Arc<Code>>,
    /// What runs.
    pub live: Arc<Code>,
}

/// What the compiler says of the sources.
#[derive(Default)]
pub struct Mir {
    text: String,
    /// Of the code that was expected, with how that differs from what ran.
    code: Option<(Arc<Code>, Edit)>,
}

/// All that was read of one build.
pub struct Read {
    /// What the compiler says of the module's types.
    pub layouts: Option<Arc<Layouts>>,
    /// What was expected of it.
    pub expected: Expected,
    /// What the compiler says of its code.
    pub mir: Mir,
    /// The library, if it may be loaded.
    pub library: Result<Checked, LoadError>,
}

impl Mir {
    /// The code that was built, with what the compiler made of it, as far as that is
    /// understood, and how it differs from what runs: what was expected, unless `others` turned
    /// out to be its sources.
    pub fn code(self, expected: Expected, others: Option<Code>) -> (Arc<Code>, Edit) {
        if let (None, Some(known)) = (&others, self.code) {
            return known;
        }
        let Expected { code, live } = expected;
        let sources = others.map(Arc::new).or(code);
        let sources = sources.unwrap_or_else(|| live.clone());
        let code = match sources.built(&self.text, &mut Memory::default()) {
            Ok(code) => Arc::new(code),
            Err(error) => {
                warn_of(&error.to_string());
                sources
            }
        };
        let edit = compare(&live, &code);
        (code, edit)
    }
}

fn warn_of(error: &str) {
    tracing::warn!(
        target: "hot_loader",
        "{error}, so each edit counts as larger than it may be. Use a rustc that this hot-loader knows, or a newer hot-loader"
    );
}

impl Reading {
    /// Nothing was read yet of the crate `module`.
    pub fn new(module: &'static str) -> Self {
        Self {
            module,
            ..Self::default()
        }
    }

    /// A build begins: what is there is of an earlier one.
    pub fn begin(&mut self, outputs: &Outputs) {
        self.mir = None;
        self.panicked = false;
        self.unfinished.clear();
        self.done = outputs.units().into_iter().collect();
        self.mir_stamp = outputs.mir().map(|it| it.stamp);
    }

    /// Reads what is finished, as it seems, while rustc still runs.
    pub fn look(&mut self, outputs: &Outputs, expected: &Expected) {
        if !self.panicked {
            let read = self.unpanicked(|it| it.read_ahead(outputs, expected));
            self.panicked = read.is_none();
        }
    }

    /// A panic of ours must not end reloading: what was read is forgotten.
    fn unpanicked<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let done = panics::catch(|| read(self));
        if done.is_err() {
            *self = Self::new(self.module);
        }
        done.ok()
    }

    fn read_ahead(&mut self, outputs: &Outputs, expected: &Expected) {
        if let Some(mir) = outputs.mir()
            && self.mir_stamp != Some(mir.stamp)
            && self.is_finished(&mir)
            && let Ok(read) = self.read_mir(&mir, expected)
        {
            self.mir = Some(read);
            self.mir_stamp = Some(mir.stamp);
        }
        for path in outputs.units() {
            if !self.done.contains(&path)
                && let Ok(unit) = Written::at(path)
                && (self.units.contains_key(&unit.stamp) || self.is_finished(&unit))
                // Else rustc has only begun to write, or the end of the build says why.
                && self.unit(&unit).is_ok()
            {
                self.done.insert(unit.path);
            }
        }
    }

    /// Whether nobody wrote to a file since the last look.
    fn is_finished(&mut self, file: &Written) -> bool {
        let before = self.unfinished.insert(file.path.clone(), file.stamp);
        before == Some(file.stamp)
    }

    /// Reads what is left to read, when rustc has ended, and checks the library meanwhile.
    pub fn finish(&mut self, outputs: &Outputs, built: &Built, expected: Expected) -> Read {
        thread::scope(|scope| {
            let library = scope.spawn(|| load::check(built));
            let (layouts, mir) = self.finish_types(outputs, &built.bytes, &expected);
            let library = library.join();
            Read {
                layouts,
                expected,
                mir,
                library: library.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            }
        })
    }

    /// Reads what is left to read of types and code: of `library`, what the files beside it do
    /// not say.
    fn finish_types(
        &mut self,
        outputs: &Outputs,
        library: &[u8],
        expected: &Expected,
    ) -> (Option<Arc<Layouts>>, Mir) {
        let layouts = self.unpanicked(|it| it.layouts(outputs, library));
        let panicked = || {
            let report = "hot-loader panicked while it read the debug info (please report it)";
            Err(LayoutError::Malformed(report.into()))
        };
        let layouts = layouts.unwrap_or_else(panicked);
        let layouts = layouts.inspect_err(|error| match error {
            LayoutError::NoDebugInfo => tracing::debug!("{error}"),
            error => tracing::warn!(
                target: "hot_loader",
                "cannot read the debug info of {}, so types are compared by their sources alone: {error}",
                self.module
            ),
        });
        let mir = match (outputs.mir(), self.mir.take()) {
            (Some(now), Some(mir)) if self.mir_stamp == Some(now.stamp) => Ok(mir),
            (Some(now), _) => self.read_mir(&now, expected),
            (None, _) => Err(io::Error::other("rustc wrote no MIR")),
        };
        let mir = mir.unwrap_or_else(|error| {
            warn_of(&error.to_string());
            Mir::default()
        });
        (layouts.ok(), mir)
    }

    fn layouts(&mut self, outputs: &Outputs, library: &[u8]) -> Result<Arc<Layouts>, LayoutError> {
        let files = outputs.units().into_iter().map(Written::at);
        let files = files.collect::<io::Result<Vec<Written>>>();
        let files = files.map_err(|error| LayoutError::Malformed(error.to_string()))?;
        if files.is_empty() {
            let read = Layouts::read(library, self.module, &mut self.spellings)?;
            return Ok(Arc::new(read));
        }
        let mut units = BTreeMap::new();
        for file in &files {
            units.insert(unit_name(file), self.unit(file)?);
        }
        let stamps: HashSet<Stamp> = files.iter().map(|file| file.stamp).collect();
        self.units.retain(|stamp, _| stamps.contains(stamp));
        let all = || units.values().map(|unit| &**unit);
        Unit::are_all_of(library, all(), self.module)?;
        // Mostly an edit changes nothing that debug info says of types.
        let is_same = |(before, _): &&(BTreeMap<String, Arc<Unit>>, _)| {
            let mut both = before.values().zip(units.values());
            before.keys().eq(units.keys())
                && both.all(|(before, now)| Arc::ptr_eq(before, now) || before.says_what(now))
        };
        let layouts = match self.layouts.as_ref().filter(is_same) {
            Some((_, layouts)) => layouts.clone(),
            None => Arc::new(Layouts::of(all(), self.module)?),
        };
        self.layouts = Some((units, layouts.clone()));
        Ok(layouts)
    }

    fn read_mir(&mut self, file: &Written, expected: &Expected) -> io::Result<Mir> {
        let text = fs::read_to_string(&file.path)?;
        let code = expected.code.as_ref();
        let code = code.and_then(|code| code.built(&text, &mut self.items).ok());
        let code = code.map(|code| {
            let edit = compare(&expected.live, &code);
            (Arc::new(code), edit)
        });
        Ok(Mir { text, code })
    }

    fn unit(&mut self, file: &Written) -> Result<Arc<Unit>, LayoutError> {
        if let Some(known) = self.units.get(&file.stamp) {
            return Ok(known.clone());
        }
        let bytes = fs::read(&file.path)
            .map_err(|error| LayoutError::Malformed(format!("{}: {error}", file.path.display())))?;
        let mut units = Unit::read(&bytes, self.module, &mut self.spellings)?;
        let (Some(unit), true) = (units.pop(), units.is_empty()) else {
            let message = format!("{} is not of one unit", file.path.display());
            return Err(LayoutError::Malformed(message));
        };
        let unit = Arc::new(unit);
        self.units.insert(file.stamp, unit.clone());
        Ok(unit)
    }
}

/// `systems.<unit>` of `systems.<unit>.<session>.rcgu.dwo`.
fn unit_name(file: &Written) -> String {
    let name = file.path.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').take(2).collect()
}
