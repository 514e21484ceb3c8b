//! What the tests of several rooms share: the text that tells whether two worlds run
//! the same game, and folders of their own.

#[path = "../../tests/fixture/app/src/render.rs"]
mod render;
#[path = "../compile/src/scratch.rs"]
mod scratch;

pub use render::render;
pub use scratch::scratch_dir;

use hot_loader_verdict::code::{Code, SourceFile};
use std::{path::PathBuf, sync::Arc};

/// The code of a crate of one file, before a build.
pub fn code(text: &str) -> Arc<Code> {
    let root = PathBuf::from("/ws/systems/src/lib.rs");
    let file = SourceFile {
        path: root.clone(),
        bytes: text.as_bytes().into(),
    };
    Arc::new(Code::of("systems", &root, &[file]).expect("the text is Rust"))
}
