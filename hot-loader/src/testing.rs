//! What the tests of several rooms share: the text that tells whether two worlds run
//! the same game, and folders of their own.

#[path = "../../tests/fixture/app/src/render.rs"]
mod render;
#[path = "../compile/src/scratch.rs"]
mod scratch;

pub use render::render;
pub use scratch::scratch_dir;
