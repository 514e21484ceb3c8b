//! Whether a name that the engine gives (of a system, an observer, a component)
//! is one of the module's. Pure.

/// Whether a path that begins with the crate's name stands somewhere in `name`
/// (generic code of others over types of the module counts), or it is no path at
/// all (`IntoSystem::with_name`).
pub fn is_ours(name: &str, crate_name: &str) -> bool {
    !name.contains("::") || mentions_crate(name, crate_name)
}

/// Whether the function of this name is written in the crate itself: code of others,
/// generic over the module's types, is not.
pub fn is_written_in(name: &str, crate_name: &str) -> bool {
    name.trim_start_matches('<')
        .strip_prefix(crate_name)
        .is_some_and(|rest| rest.starts_with("::"))
}

/// Whether a system or condition of this name is, or is made of, a function that is
/// written in the crate: what the engine makes for its types is not.
pub fn is_own_code(name: &str, crate_name: &str) -> bool {
    let mut depth = 0_usize;
    let mut parts = name.split(|c| {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(c, ' ' | '!' | '(' | ')' | ',')
    });
    // Of a function pointer only the type is known.
    !name.contains("::") || name.contains("fn(") || parts.any(|p| is_written_in(p, crate_name))
}

fn mentions_crate(name: &str, crate_name: &str) -> bool {
    name.match_indices(crate_name).any(|(at, _)| {
        let begins = name[..at]
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
        begins && name[at + crate_name.len()..].starts_with("::")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_others_over_types_of_the_module_is_not_written_in_it() {
        assert!(is_written_in("systems::ship::steer", "systems"));
        assert!(is_written_in("<systems::Ship as other::Go>::go", "systems"));
        assert!(!is_written_in("other::apply<systems::Ship>", "systems"));
        assert!(!is_written_in("systems_more::apply", "systems"));
    }

    #[test]
    fn what_combines_the_modules_functions_is_its_own_code() {
        for own in [
            "systems::steer",
            "!systems::is_calm",
            "Pipe(bevy_ecs::number, systems::take<bevy::A, bevy::B>)",
            "<systems::Ship as other::Go>::go",
            "fn(bevy_ecs::ResMut<systems::Score>)",
            "steer",
        ] {
            assert!(is_own_code(own, "systems"), "{own}");
        }
        for other in [
            "bevy_state::apply<a::B, systems::Game>",
            "!bevy::in_state<systems::Game>",
        ] {
            assert!(!is_own_code(other, "systems"), "{other}");
        }
    }

    #[test]
    fn a_system_is_the_modules_if_its_name_mentions_the_crate() {
        assert!(is_ours("systems::ship::steer", "systems"));
        assert!(is_ours("bevy_state::apply<systems::Game>", "systems"));
        assert!(is_ours("steer", "systems"), "a custom name");
        assert!(!is_ours("bevy_ecs::systems::apply", "systems"));
        assert!(!is_ours("my_systems::apply", "systems"));
        assert!(!is_ours("systems_more::apply", "systems"));
    }
}
