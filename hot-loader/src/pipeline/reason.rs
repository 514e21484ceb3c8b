//! Why an edit is not applied, in words for whoever made it. Pure.

use crate::surface::{Edit, EditKind};

/// The reason for refusing an edit of types, and the items it is about.
pub fn why_not_types(edit: &Edit) -> (String, Vec<String>) {
    let mut places: Vec<String> = edit
        .changes
        .iter()
        .filter(|change| change.kind == EditKind::Types)
        .map(|change| {
            format!(
                "{} ({}:{})",
                change.reason,
                change.file.display(),
                change.line
            )
        })
        .collect();
    places.dedup();
    let more = places.len().saturating_sub(3);
    places.truncate(3);
    if more > 0 {
        places.push(format!("and {more} more"));
    }
    let reason = format!(
        "this edit changes types, which cannot go live yet: {}. The old code plays on, and later edits wait as well, until this part is undone or the game restarted",
        places.join("; ")
    );
    let mut items: Vec<String> = edit
        .changes
        .iter()
        .filter(|change| change.kind == EditKind::Types)
        .map(|change| change.item.clone())
        .collect();
    items.sort();
    items.dedup();
    (reason, items)
}
