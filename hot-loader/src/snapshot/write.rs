//! Writes a copy of the gameplay to a file, on a thread of its own: leaves out what
//! cannot be written or read again, and names it. The file appears whole or not at all.

use super::{files, take::Taken};
use crate::{events::HotReloadEvent, panics};
use bevy::{
    asset::{
        AssetId, AssetPath, EphemeralHandleBehavior, HandleDeserializeProcessor,
        HandleSerializeProcessor, LoadFromPath, UntypedHandle,
    },
    reflect::{
        PartialReflect, ReflectFromReflect, TypeRegistration, TypeRegistry,
        serde::{ReflectDeserializer, ReflectSerializer},
        std_traits::ReflectDefault,
    },
    world_serialization::serde::DynamicWorldSerializer,
};
use core::any::TypeId;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The version of the file's form.
const FORM: u32 = 1;
/// What its first line begins with: a comment, to the rest of it.
const HEAD: &str = "// hot-loader snapshot ";

/// What a snapshot says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    v: u32,
    /// The crate whose gameplay it is.
    pub module: String,
    /// Unix milliseconds.
    pub taken_ms: u64,
    pub entities: usize,
    pub resources: usize,
    /// Children and their parents, as the file numbers entities.
    pub parents: Vec<(u64, u64)>,
    /// The states' types, and their values as text.
    pub states: BTreeMap<String, String>,
    /// Types of which values are not held.
    pub missing: BTreeSet<String>,
}

/// Writes `taken`, for which a frame waited `copied`, into `dir`.
///
/// # Errors
/// Why there is no snapshot.
pub fn write(
    mut taken: Taken,
    copied: Duration,
    dir: &Path,
) -> Result<(PathBuf, HotReloadEvent), String> {
    let unserialized = |error: ron::Error| format!("Bevy cannot serialize the world: {error}");
    let mut holds = |value: &dyn PartialReflect| {
        let holds = can_write(value, &taken.types);
        if !holds {
            taken.missing.insert(path_of(value));
        }
        holds
    };
    for entity in &mut taken.world.entities {
        entity.components.retain(|component| holds(&**component));
    }
    taken.world.resources.retain(|resource| holds(&**resource));
    let states = taken.states.into_iter();
    let states = states
        .filter(|(_, value)| holds(&**value))
        .map(|(name, value)| Ok((name, text_of(&*value, &taken.types)?)))
        .collect::<Result<_, ron::Error>>()
        .map_err(unserialized)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let header = Header {
        v: FORM,
        module: taken.module.to_owned(),
        taken_ms: now.map_or(0, |d| d.as_millis() as u64),
        entities: taken.world.entities.len(),
        resources: taken.world.resources.len(),
        parents: taken.parents,
        states,
        missing: taken.missing,
    };
    let body = DynamicWorldSerializer::new(&taken.world, &taken.types);
    let body = ron::to_string(&body).map_err(unserialized)?;
    let path = files::next(dir, header.taken_ms);
    let head = serde_json::to_string(&header);
    let head = head.map_err(|error| format!("cannot write its header: {error}"))?;
    appear(&path, &format!("{HEAD}{head}\n{body}"))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    let event = HotReloadEvent::Snapshot {
        file: path.display().to_string(),
        entities: header.entities,
        resources: header.resources,
        missing: header.missing.into_iter().collect(),
        copy_ms: copied.as_secs_f64() * 1000.0,
    };
    Ok((path, event))
}

/// Makes a file with this text, at once or not at all.
fn appear(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension(files::UNFINISHED);
    let write = || {
        let mut file = File::create(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    // Room may be what is missing.
    write().inspect_err(|_| drop(fs::remove_file(&unfinished)))
}

fn text_of(value: &dyn PartialReflect, types: &TypeRegistry) -> Result<String, ron::Error> {
    // An asset that was made while playing is in no file, and so in no snapshot.
    let handles = HandleSerializeProcessor {
        ephemeral_handle_behavior: EphemeralHandleBehavior::Error,
    };
    ron::to_string(&ReflectSerializer::with_processor(value, types, &handles))
}

/// The path of a value's own type, also where the value only stands for one.
pub fn path_of(value: &dyn PartialReflect) -> String {
    let own = value.get_represented_type_info();
    own.map_or_else(|| value.reflect_type_path(), |info| info.type_path())
        .to_owned()
}

/// The registration of a value's own type.
pub fn registration_of<'t>(
    value: &dyn PartialReflect,
    types: &'t TypeRegistry,
) -> Option<&'t TypeRegistration> {
    let info = value.get_represented_type_info()?;
    types.get(info.type_id())
}

/// Loads nothing: for values that are only read to see whether they can be.
pub struct Unloaded;

impl LoadFromPath for Unloaded {
    fn load_from_path_erased(&mut self, type_id: TypeId, _: AssetPath<'static>) -> UntypedHandle {
        UntypedHandle::Uuid {
            type_id,
            uuid: AssetId::<bevy::asset::LoadedUntypedAsset>::INVALID_UUID,
        }
    }
}

/// Whether the engine can write a value, and read its like again.
fn can_write(value: &dyn PartialReflect, types: &TypeRegistry) -> bool {
    let is_read = |text: String| read_value(&text, types).is_ok_and(|it| can_make(&*it, types));
    text_of(value, types).is_ok_and(is_read)
}

/// Whether a value of its own type can be made of what was read: the engine panics where
/// it cannot (bevy_ecs 0.19.1, `reflect/mod.rs`).
pub fn can_make(read: &dyn PartialReflect, types: &TypeRegistry) -> bool {
    let is_made = |registration: &TypeRegistration| {
        let from = registration.data::<ReflectFromReflect>();
        let default = registration.data::<ReflectDefault>();
        from.and_then(|from| from.from_reflect(read)).is_some()
            || default.is_some_and(|it| it.default().try_apply(read).is_ok())
    };
    // The type's own code runs.
    let made = || registration_of(read, types).is_some_and(is_made);
    !read.is_dynamic() || panics::attempt(made).unwrap_or(false)
}

/// Reads a value that was written by itself.
pub fn read_value(
    text: &str,
    types: &TypeRegistry,
) -> Result<Box<dyn PartialReflect>, ron::error::SpannedError> {
    let mut handles = HandleDeserializeProcessor {
        load_from_path: &mut Unloaded,
    };
    let seed = ReflectDeserializer::with_processor(types, &mut handles);
    ron::Options::default().from_str_seed(text, seed)
}

/// Reads what a snapshot says of itself.
pub fn header(file: &Path) -> io::Result<Header> {
    let mut line = String::new();
    BufReader::new(File::open(file)?).read_line(&mut line)?;
    let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
    let text = line.strip_prefix(HEAD);
    let text = text.ok_or_else(|| invalid("it isn't a snapshot of hot-loader".into()))?;
    let header: Header = serde_json::from_str(text)?;
    match header.v {
        FORM => Ok(header),
        other => Err(invalid(format!(
            "its format is {other}, but this hot-loader reads {FORM}"
        ))),
    }
}
