//! Why values cannot be migrated, in words for whoever changed their types. Pure.

use core::fmt;
use hot_loader_verdict::layouts::Code;

/// One type that cannot be migrated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its name.
    pub name: String,
    /// How many values of it there are.
    pub count: usize,
    /// Why, and what to do.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            0 => write!(f, "{}: {}", self.name, self.reason),
            1 => write!(f, "{} (1 value): {}", self.name, self.reason),
            count => write!(f, "{} ({count} values): {}", self.name, self.reason),
        }
    }
}

/// Why the values of a type that reflection does not see cannot be carried over: what is true
/// of the type, and only what can be done about it. `why` says what is in the way of a
/// conversion by layout, and `code` what its values hold, which no derive makes convertible.
/// Derives can be added only if the gameplay crate has written it (`is_own`).
pub fn obstacle(why: &str, code: Option<&Code>, is_own: bool, is_resource: bool) -> String {
    const LOSE: &str =
        "discard its values with `app.reset_on_change` (it needs a `Default` for that)";
    let (remove, marker) = match is_resource {
        true => ("remove the resource before the edit", "Resource"),
        false => (
            "remove the component from its entities before the edit",
            "Component",
        ),
    };
    if let Some(code @ Code::Held(_)) = code {
        let held = code.held();
        return format!("it {held}, which cannot be migrated; {LOSE}, or {remove}");
    }
    if !is_own {
        return format!("{why}, and it is a type from another crate; {LOSE}, or {remove}");
    }
    format!(
        "{why}, and it is not registered for reflection. Before the edit, derive `Reflect` and `Default` for it, with `#[reflect({marker}, Default)]`, and register it (with Bevy's feature `reflect_auto_register`, or with `app.register_type`); or {LOSE}"
    )
}

/// Every type that cannot be migrated. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot migrate the live values of changed types: {}. The old code keeps running",
    .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("; ")
)]
pub struct MigrationError(pub(super) Vec<Problem>);

impl MigrationError {
    /// About no type in particular.
    pub(super) fn plain(reason: String) -> Self {
        Self(vec![Problem {
            name: "the gameplay's types".into(),
            count: 0,
            reason,
        }])
    }

    /// The types' names.
    pub fn types(&self) -> Vec<String> {
        self.0.iter().map(|problem| problem.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_done_is_advised() {
        let held = Code::Held("dyn systems::Mind".into());
        let obstacle = |code, is_own, is_resource| {
            obstacle("its definition changed", code, is_own, is_resource)
        };
        for (text, derives) in [
            (obstacle(Some(&held), true, false), false),
            (obstacle(None, false, false), false),
            (obstacle(None, true, false), true),
        ] {
            assert_eq!(text.contains("derive `Reflect`"), derives, "{text}");
            assert!(text.contains("reset_on_change"), "{text}");
        }
        let text = obstacle(Some(&held), true, false);
        assert!(text.contains("`dyn systems::Mind`"), "{text}");
        let text = obstacle(None, true, true);
        assert!(text.contains("#[reflect(Resource, Default)]"), "{text}");
    }
}
