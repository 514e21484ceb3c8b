//! Tells the crate which compiler it is built with, so that a module built by
//! another one is refused before it is loaded. Does nothing in a static build.

use std::{env, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_HOT").is_none() {
        return;
    }
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc)
        .arg("-vV")
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).replace('\n', ";"))
        .unwrap_or_default();
    println!("cargo::rustc-env=HOT_LOADER_RUSTC={version}");
}
