//! Reads rustc's dep-info: which files and environment variables a compilation
//! read. Makefile syntax, written by `rustc_interface::passes::write_out_deps`.
//!
//! Pure: text in, lists out.

use crate::paths::normal;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// What a compilation read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DepInfo {
    /// Sources and included files, absolute.
    pub files: BTreeSet<PathBuf>,
    /// Variables that `env!` or `option_env!` read, `None` where they were not set.
    pub env: BTreeMap<String, Option<String>>,
}

impl DepInfo {
    /// Reads dep-info whose relative paths are relative to `cwd`.
    pub fn parse(text: &str, cwd: &Path) -> Self {
        let mut info = Self::default();
        for line in text.lines() {
            if let Some(variable) = line.strip_prefix("# env-dep:") {
                let (name, value) = match variable.split_once('=') {
                    Some((name, value)) => (name, Some(unescape_env(value))),
                    None => (variable, None),
                };
                info.env.insert(unescape_env(name), value);
            } else if !line.starts_with('#')
                // Every file also has a rule of its own without prerequisites.
                && let Some((_, files)) = line.split_once(": ")
            {
                info.files
                    .extend(split(files).map(|file| normal(&cwd.join(file))));
            }
        }
        info
    }
}

/// Splits at spaces that no backslash escapes; backslashes before anything else
/// are part of the path (Windows).
fn split(files: &str) -> impl Iterator<Item = String> {
    let mut rest = files.chars().peekable();
    std::iter::from_fn(move || {
        while rest.next_if_eq(&' ').is_some() {}
        let mut file = String::new();
        while let Some(c) = rest.next() {
            match c {
                '\\' if rest.next_if_eq(&' ').is_some() => file.push(' '),
                ' ' => break,
                c => file.push(c),
            }
        }
        (!file.is_empty()).then_some(file)
    })
}

/// `\n`, `\r` and `\\` are escaped in values.
fn unescape_env(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                other => other.unwrap_or(c),
            },
            c => c,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_spaces_and_variables_are_read() {
        let text = "/out/m.so: src/../src/lib.rs src/a\\ b.rs /abs/level.ron\n\nsrc/lib.rs:\n\
            # env-dep:OUT_DIR=/x\\\\y\n# env-dep:MISSING\n";
        let info = DepInfo::parse(text, Path::new("/ws"));
        let files: Vec<_> = info.files.iter().map(|f| f.to_str().unwrap()).collect();
        assert_eq!(
            files,
            ["/abs/level.ron", "/ws/src/a b.rs", "/ws/src/lib.rs"]
        );
        assert_eq!(info.env["OUT_DIR"].as_deref(), Some("/x\\y"));
        assert_eq!(info.env["MISSING"], None);
    }
}
