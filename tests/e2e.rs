//! The end-to-end tests, one module a subject.

mod ahead;
mod demo;
mod demo_edits;
mod faults;
mod hour;
mod plugins;
mod reload;
mod session;
mod small_renames;
mod small_schedules;
mod small_sound;
mod small_start;
mod small_states;
mod small_unnamed;
mod soak;
mod structure;
mod symbols;
mod types;
