//! Why the sources of a crate could not be read as Rust.
//!
//! Must never carry a span or a token: the error outlives the thread that parsed.

use std::path::PathBuf;

/// What keeps sources from being read. None of these disturbs the running game, and the
/// compiler has the last word on what is Rust.
#[derive(thiserror::Error, Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A file is not Rust.
    #[error("{}:{line}:{column}: {message}. Fix the syntax, then save again", file.display())]
    Parse {
        /// The file.
        file: PathBuf,
        /// Line of the error, from 1.
        line: usize,
        /// Column of the error in characters, from 1.
        column: usize,
        /// The parser's own words.
        message: String,
    },
    /// A Rust file is not UTF-8.
    #[error("{}: the file is not valid UTF-8. Save it as UTF-8", .0.display())]
    NotUtf8(PathBuf),
    /// The crate root is not among the files.
    #[error("{}: the crate root is not among the module's files. Restart the game", .0.display())]
    MissingRoot(PathBuf),
    /// A `mod name;` whose file is not among the files. A file that was created
    /// after the last build is one that rustc's dep-info does not list yet: add
    /// whichever of `tried` exists, and ask again.
    #[error("{}:{line}: the file of `mod {module};` is not among the module's files. Create {}", file.display(), shown(tried))]
    MissingModule {
        /// The file that declares the module.
        file: PathBuf,
        /// The declaration's line, from 1.
        line: usize,
        /// The declared name.
        module: String,
        /// Where the file could be, in the order in which rustc looks.
        tried: Vec<PathBuf>,
    },
    /// Nested so deep that walking it could overflow the stack, and end the game.
    #[error("{}:{line}: nested too deeply for hot reloading. Split the expression, type or item there, then save again", file.display())]
    Deep {
        /// The file.
        file: PathBuf,
        /// Where it is too deep, from 1.
        line: usize,
    },
    /// A file that declares itself as its own module, by `#[path]`.
    #[error("{}: the file declares itself as a module. Remove that `mod` declaration", .0.display())]
    CircularModule(PathBuf),
}

fn shown(paths: &[PathBuf]) -> String {
    let paths = paths.iter().map(|path| path.display().to_string());
    paths.collect::<Vec<_>>().join(" or ")
}
