//! The variables of the crates that are linked into an image: statics and
//! thread-locals, of which every generation has its own. Read from the symbol table;
//! must never look at their values.

use hot_loader_verdict::symbols::Name;
use object::{Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};
use std::collections::BTreeSet;

/// Crates whose variables are no state of a game's, or are read elsewhere.
const PASSED_OVER: [&str; 6] = [
    "std",
    "core",
    "alloc",
    "hot_loader",
    "hot_loader_face",
    "__rustc",
];

/// The variables, as `crate::path::NAME`.
pub fn of(object: &object::File) -> BTreeSet<String> {
    let symbols = object.symbols();
    let variables = symbols
        .filter(|symbol| matches!(symbol.kind(), SymbolKind::Data | SymbolKind::Tls))
        .filter(|symbol| {
            // What another image defines is in no section.
            let section = symbol.section_index();
            let section = section.and_then(|index| object.section_by_index(index).ok());
            section.is_some_and(|section| is_written(&section))
        });
    let paths = variables.filter_map(|symbol| variable(symbol.name().ok()?));
    paths.collect()
}

/// Whether the game may write to what is in a section, and not the loader alone.
fn is_written(section: &object::Section) -> bool {
    let name = section.name().unwrap_or_default();
    let is_constant = name.starts_with(".data.rel.ro") || name.starts_with("__const");
    !is_constant
        && matches!(
            section.kind(),
            SectionKind::Data
                | SectionKind::UninitializedData
                | SectionKind::Tls
                | SectionKind::UninitializedTls
                | SectionKind::TlsVariables
        )
}

/// The path of the variable that a symbol is of, if it is one of a game's state.
fn variable(symbol: &str) -> Option<String> {
    let name = Name::of(symbol)?.path()?;
    // A thread-local's own symbol stands in a constant or a closure of it.
    let name = name.split("::{").next().unwrap_or(&name);
    let mut segments = name.split("::");
    let krate = segments.next()?;
    let passed_over = PASSED_OVER.contains(&krate)
        // Parts of the engine that are linked into both: caches of what types say.
        || krate.starts_with("bevy_")
        || krate.contains(['<', ' ']);
    // What macros make for themselves: registrations, callsites of the log.
    let made = segments.any(|segment| segment.starts_with('_') || segment.contains('<'));
    (!passed_over && !made).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_linked_crates_are_told_from_what_macros_make() {
        let of = variable;
        let text = |path: &str| Some(path.to_owned());
        let counter = "_ZN6linked7counter5STEPS17h0123456789abcdefE";
        assert_eq!(of(counter), text("linked::counter::STEPS"));
        assert_eq!(of(&format!("_{counter}")), text("linked::counter::STEPS"));
        let local = "_ZN6linked5LOCAL29_$u7b$$u7b$constant$u7d$$u7d$28_$u7b$$u7b$closure$u7d$$u7d$23__RUST_STD_INTERNAL_VAL17h0123456789abcdefE";
        assert_eq!(of(local), text("linked::LOCAL"));
        for noise in [
            "_ZN3std2io5STDIN17h0123456789abcdefE",
            "_ZN6linked4step10__CALLSITE17h0123456789abcdefE",
            "_ZN6linked1_1_6__CTOR17h0123456789abcdefE",
            "HOT_LOADER_ENTRY",
        ] {
            assert_eq!(of(noise), None, "{noise}");
        }
    }
}
