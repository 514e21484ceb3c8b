//! What rustc says, one JSON object a line (`--error-format=json`, documented in
//! the rustc book, "JSON Output").
//!
//! Pure: lines in, diagnostics out. A line it does not understand is kept as a
//! note, never dropped.

use serde::Deserialize;
use std::{path::Path, process::ExitStatus};

/// One error of the compiler.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostic {
    /// The message alone.
    pub message: String,
    /// The file of the primary span, as rustc names it; empty if the error has no place.
    pub file: String,
    /// 1-based; 0 if the error has no place.
    pub line: usize,
    /// 1-based; 0 if the error has no place.
    pub column: usize,
    /// rustc's own rendering, without colours.
    pub rendered: String,
    /// rustc's own rendering, with ANSI colours, for a terminal.
    pub coloured: String,
}

impl Diagnostic {
    /// An error that did not come from the compiler.
    pub fn plain(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            rendered: message.clone(),
            coloured: message.clone(),
            message,
            ..Self::default()
        }
    }
}

#[derive(Deserialize)]
struct Line {
    message: Option<String>,
    level: Option<String>,
    rendered: Option<String>,
    #[serde(default)]
    spans: Vec<Span>,
}

#[derive(Default, Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    column_start: usize,
    is_primary: bool,
}

/// The errors in rustc's output. Warnings and notes are left out; what is not
/// JSON at all (an internal compiler error, a linker that crashed) is kept as
/// one error with its text.
fn errors(output: &str) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let mut other = String::new();
    for line in output.lines().filter(|line| !line.trim().is_empty()) {
        let Ok(parsed) = serde_json::from_str::<Line>(line) else {
            other.push_str(line);
            other.push('\n');
            continue;
        };
        // Artifact notices and the like have no level.
        let is_error = parsed.level.is_some_and(|it| it.starts_with("error"));
        let message = parsed.message.unwrap_or_default();
        // "aborting due to 2 previous errors" says nothing of its own.
        if !is_error || (parsed.spans.is_empty() && message.starts_with("aborting due to")) {
            continue;
        }
        let place = parsed.spans.into_iter().find(|span| span.is_primary);
        let place = place.unwrap_or_default();
        let coloured = parsed.rendered.unwrap_or_else(|| message.clone());
        errors.push(Diagnostic {
            message,
            file: place.file_name,
            line: place.line_start,
            column: place.column_start,
            rendered: without_ansi(&coloured),
            coloured,
        });
    }
    if !other.is_empty() && errors.is_empty() {
        errors.push(Diagnostic::plain(other.trim_end()));
    }
    errors
}

/// The errors of a rustc that ended with `status`, having written `output`, and before
/// them what that seems to come from. `dir` is where it wrote to.
pub fn of_failure(output: &str, status: ExitStatus, dir: &Path) -> Vec<Diagnostic> {
    let mut errors = errors(output);
    let cause = if errors.is_empty() {
        let said = match output.trim() {
            "" => String::new(),
            output => format!(". rustc's output: {output}"),
        };
        format!(
            "rustc ended with {status} and reported no error. Check that neither the disk nor the memory is full, then save again{said}"
        )
    } else if of_a_full_disk(&errors) {
        // rustc may crash of it, too.
        format!(
            "the disk that holds {} seems to be full. Free some space, then save again",
            dir.display()
        )
    } else if status.code() != Some(1) && errors.iter().all(|error| error.file.is_empty()) {
        format!(
            "rustc crashed ({status}), possibly on deeply nested code. Undo the edit or split it up. rustc's output follows"
        )
    } else {
        return errors;
    };
    errors.insert(0, Diagnostic::plain(cause));
    errors
}

/// What rustc, LLVM and linkers say when a disk is full: the system's own words, on Unix and
/// on Windows, and the signal that ends a linker whose mapped output has no room.
const FULL: &[&str] = &[
    "No space left on device",
    "(os error 28)",
    "File too large",
    "Disk quota exceeded",
    "(os error 112)",
    "[Bus error]",
];

/// Whether these are the errors of a disk that is full. They may be many and of every shape
/// (a linker that dies names a signal), so whoever shows them says it first.
fn of_a_full_disk(errors: &[Diagnostic]) -> bool {
    errors
        .iter()
        // What has a place is about the text there, whatever it quotes.
        .filter(|error| error.file.is_empty())
        .any(|error| FULL.iter().any(|says| error.rendered.contains(says)))
}

/// Drops ANSI control sequences (`ESC [ … letter`).
fn without_ansi(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            let _letter = chars.find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_its_message_its_place_and_its_rendering() {
        let output = concat!(
            r#"{"$message_type":"diagnostic","message":"unused","level":"warning","spans":[],"rendered":"w"}"#,
            "\n",
            r#"{"$message_type":"diagnostic","message":"expected `;`","code":null,"level":"error","spans":[{"file_name":"src/lib.rs","line_start":7,"column_start":3,"is_primary":true}],"children":[],"rendered":"\u001b[1merror\u001b[0m: expected `;`\n"}"#,
            "\n",
            r#"{"message":"aborting due to 1 previous error","level":"error","spans":[],"rendered":"x"}"#,
        );
        let errors = errors(output);
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].message, "expected `;`");
        assert_eq!(
            (errors[0].file.as_str(), errors[0].line, errors[0].column),
            ("src/lib.rs", 7, 3)
        );
        assert_eq!(errors[0].rendered, "error: expected `;`\n");
        assert!(errors[0].coloured.contains('\u{1b}'));
    }

    #[test]
    fn text_that_is_no_json_is_an_error_of_its_own() {
        let errors = errors("thread 'rustc' panicked\nat x\n");
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].message, "thread 'rustc' panicked\nat x");
    }

    #[test]
    fn a_full_disk_is_known_by_what_has_no_place() {
        for text in [
            "error: failed to write to `x.o`: No space left on device (os error 28)",
            "error: linking with `cc` failed\n  = note: collect2: fatal error: ld terminated with signal 7 [Bus error], core dumped",
        ] {
            let mut error = Diagnostic::plain(text);
            assert!(of_a_full_disk(&[Diagnostic::plain("other"), error.clone()]));
            error.file = "src/lib.rs".to_owned();
            assert!(!of_a_full_disk(&[error]));
        }
        assert!(!of_a_full_disk(&[Diagnostic::plain(
            "error: linking failed"
        )]));
    }
}
