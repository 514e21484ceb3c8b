//! What a gameplay crate exports: [`HotModule`], which `export!` defines, and in a replayed
//! library the entry that the running game looks up.
//!
//! It must stay plain data.

#[cfg(feature = "hot")]
use crate::carrier::Carriers;
use bevy::app::App;
use core::fmt;

/// The exported gameplay crate: its name, how to build it into an [`App`], and in hot
/// builds the rustc command that compiled it.
///
/// `export!` defines it as `HOT_MODULE`. Pass it to
/// `HotLoaderPlugin::new`.
#[derive(Clone, Copy)]
pub struct HotModule {
    name: &'static str,
    /// Adds the exported plugin to an app, as the method of this name does.
    #[doc(hidden)]
    pub build: fn(&mut App),
    #[cfg(feature = "hot")]
    #[doc(hidden)]
    pub recipe: Option<EmbeddedRecipe>,
}

/// The recipe as `export!` embeds it.
#[cfg(feature = "hot")]
#[derive(Clone, Copy)]
#[doc(hidden)]
pub struct EmbeddedRecipe {
    /// JSON, read by `recipe::Recipe`.
    pub json: &'static str,
    /// Whether the module was compiled with debug assertions, which change types.
    pub debug_assertions: bool,
}

impl HotModule {
    /// For `export!` alone.
    #[doc(hidden)]
    pub const fn exported(name: &'static str, build: fn(&mut App)) -> Self {
        Self {
            name,
            build,
            #[cfg(feature = "hot")]
            recipe: None,
        }
    }

    /// For `export!` alone.
    #[cfg(feature = "hot")]
    #[doc(hidden)]
    pub const fn with_recipe(mut self, json: &'static str, debug_assertions: bool) -> Self {
        self.recipe = Some(EmbeddedRecipe {
            json,
            debug_assertions,
        });
        self
    }

    /// The crate's name, with which the paths of its types begin.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Adds the exported plugin to `app`, as a static build does.
    pub fn build(&self, app: &mut App) {
        (self.build)(app);
    }

    /// The address of the module's own entry function, which tells the image it is in.
    #[cfg(feature = "hot")]
    #[doc(hidden)]
    pub fn anchor(&self) -> usize {
        self.build as usize
    }
}

impl fmt::Debug for HotModule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HotModule")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a replayed library exports as `HOT_LOADER_ENTRY`.
///
/// It is `repr(C)`, and read only after the ABI tokens were found equal.
#[cfg(feature = "hot")]
#[doc(hidden)]
#[repr(C)]
pub struct ModuleEntry {
    /// The address of a function inside the engine's library, as this image sees it.
    pub engine: fn() -> usize,
    /// Adds the plugin to an app.
    pub build: fn(&mut App),
    /// This generation's own bundle types, with which values are moved.
    pub carriers: &'static [Carriers],
}

#[cfg(feature = "hot")]
impl ModuleEntry {
    /// For `export!` alone.
    pub const fn new(module: HotModule, carriers: &'static [Carriers]) -> Self {
        Self {
            carriers,
            engine: engine_address,
            build: module.build,
        }
    }
}

/// The address of `App::empty`, which lives in the engine's library: equal in two
/// images only if both use the same mapped library.
#[cfg(feature = "hot")]
#[doc(hidden)]
pub fn engine_address() -> usize {
    App::empty as fn() -> App as usize
}

/// The length of [`ABI`] in bytes.
#[cfg(feature = "hot")]
#[doc(hidden)]
pub const ABI_LEN: usize = 512;

/// The compiler and the version of hot-loader that an image was built with. hot-loader
/// never loads a library whose token differs.
#[cfg(feature = "hot")]
#[doc(hidden)]
pub const ABI: [u8; ABI_LEN] = {
    let text = concat!(
        "hot-loader ",
        env!("CARGO_PKG_VERSION"),
        ";",
        env!("HOT_LOADER_RUSTC")
    )
    .as_bytes();
    let mut token = [0; ABI_LEN];
    let mut i = 0;
    while i < text.len() && i < ABI_LEN {
        token[i] = text[i];
        i += 1;
    }
    token
};
