//! What the tests of several stages share: the text that tells whether two worlds run
//! the same game.

#[path = "../../tests/fixture/app/src/render.rs"]
mod render;

pub use render::render;
