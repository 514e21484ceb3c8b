//! What the symbol of a function or a variable says: the one place that reads such names.
//! Pure.
//!
//! rustc has two manglings, and every library may have its own: legacy, which writes a path
//! and a hash over all types, and v0 (RFC 2603), which writes types out but no hash.
//! rustc-demangle reads both; what it writes differs, and becomes one thing here. What is not
//! understood has no name, and nobody may guess one.

/// A function or variable by what its symbol says, without what it is generic over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The type that it is a method of, or the module that it stands in.
    pub owner: String,
    /// The trait that it is a method of, where an impl gives that trait to the owner.
    pub of_trait: Option<String>,
    /// Its own name; a closure's is that of where it stands, in braces.
    pub name: String,
}

impl Name {
    /// Reads a symbol. `None` if it is not one of rustc's.
    pub fn of(symbol: &str) -> Option<Self> {
        // With the underscore, too, that Mach-O writes before each.
        let demangled = rustc_demangle::try_demangle(symbol).ok()?;
        Self::read(&format!("{demangled:#}"))
    }

    /// The whole path of a function that no trait gives.
    pub fn path(&self) -> Option<String> {
        match (&self.of_trait, self.owner.as_str()) {
            (Some(_), _) => None,
            (None, "") => Some(self.name.clone()),
            (None, owner) => Some(format!("{owner}::{}", self.name)),
        }
    }

    /// Reads what rustc-demangle writes.
    fn read(demangled: &str) -> Option<Self> {
        let segments = split(demangled, "::")?;
        let mut of_trait = None;
        let mut owner: Vec<&str> = Vec::new();
        for (at, segment) in segments.iter().enumerate() {
            match segment.strip_prefix('<') {
                None => owner.push(without_arguments(segment)),
                Some(inner) => {
                    let inner = inner.strip_suffix('>')?;
                    // The type, and the trait that an impl gives it.
                    let parts = match inner.strip_prefix("impl ") {
                        // Legacy names the module of an impl that stands apart.
                        Some(inner) => split(inner, " for ")?.into_iter().rev().collect(),
                        None if at == 0 => split(inner, " as ")?,
                        // What a function is generic over.
                        None => continue,
                    };
                    match parts[1..] {
                        [] => {}
                        [given] => of_trait = Some(without_arguments(given).to_owned()),
                        _ => return None,
                    }
                    owner = vec![without_arguments(parts[0])];
                }
            }
        }
        let name = owner.pop()?.to_owned();
        // The name is the impl's own: nothing of it.
        if name.is_empty() || owner.is_empty() && of_trait.is_some() {
            return None;
        }
        Some(Self {
            owner: owner.join("::"),
            of_trait,
            name,
        })
    }
}

/// A path without what it is generic over.
fn without_arguments(path: &str) -> &str {
    // References, tuples, and types of no name stay as they are.
    match path.find('<') {
        Some(at) if at > 0 => path[..at].trim_end_matches("::"),
        _ => path,
    }
}

/// The parts of a text between separators that stand in no brackets. `None` if the brackets
/// do not match.
fn split<'a>(text: &'a str, separator: &str) -> Option<Vec<&'a str>> {
    let mut parts = Vec::new();
    let (mut depth, mut start, mut at) = (0_usize, 0, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        if depth == 0 && text[at..].starts_with(separator) {
            parts.push(&text[start..at]);
            at += separator.len();
            start = at;
            continue;
        }
        match byte {
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            // The arrow of a function's type, which legacy writes `.>`.
            b'>' if at > 0 && matches!(text.as_bytes()[at - 1], b'-' | b'.') => {}
            b'>' | b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += text[at..].chars().next().map_or(1, char::len_utf8);
    }
    parts.push(&text[start..]);
    (depth == 0).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(owner: &str, of_trait: Option<&str>, name: &str) -> Option<Name> {
        Some(Name {
            owner: owner.into(),
            of_trait: of_trait.map(Into::into),
            name: name.into(),
        })
    }

    #[test]
    fn both_manglings_say_the_same() {
        const REGISTER: &str = "bevy_ecs::component::register::ComponentsRegistrator";
        let component = name(REGISTER, None, "register_component");
        let legacy = "_ZN8bevy_ecs9component8register21ComponentsRegistrator18register_component17h3a43ab1fb3b16505E";
        assert_eq!(Name::of(legacy), component);
        let v0 = "_RINvMs_NtNtCs1234_8bevy_ecs9component8registerNtB5_21ComponentsRegistrator18register_componentNtCs5678_7systems4ShipEB1b_";
        assert_eq!(Name::of(v0), component);
        assert_eq!(Name::of(&format!("_{legacy}")), component, "as in Mach-O");
    }

    #[test]
    fn what_is_demangled_is_read_as_a_whole() {
        const REFLECT: &str = "bevy_reflect::type_registry::GetTypeRegistration";
        let reflect = |owner| name(owner, Some(REFLECT), "get_type_registration");
        for (text, expected) in [
            ("main", name("", None, "main")),
            ("core::ptr::read", name("core::ptr", None, "read")),
            (
                "core::ptr::read::<systems::Ship>",
                name("core::ptr", None, "read"),
            ),
            (
                "systems::ship::_::<impl bevy_reflect::type_registry::GetTypeRegistration for systems::ship::Ship>::get_type_registration",
                reflect("systems::ship::Ship"),
            ),
            (
                "<systems::ship::Ship as bevy_reflect::type_registry::GetTypeRegistration>::get_type_registration",
                reflect("systems::ship::Ship"),
            ),
            (
                "<systems::Of<fn(u8) -> u8> as bevy_reflect::type_registry::GetTypeRegistration>::get_type_registration",
                reflect("systems::Of"),
            ),
            (
                "<F as a::Param<fn(F0) .> Out>>::run::call_inner",
                name("F::run", Some("a::Param"), "call_inner"),
            ),
            (
                "<a::Fn<Marker,In,Out,F> as a::System>::run_unsafe",
                name("a::Fn", Some("a::System"), "run_unsafe"),
            ),
            (
                "<a::Fn<fn(b::Res<'_, c::D>) -> (), (), (), c::go> as a::System>::run::<x::Y>",
                name("a::Fn", Some("a::System"), "run"),
            ),
            (
                "<a::Of>::new::<b::E, (), _, c::go>",
                name("a::Of", None, "new"),
            ),
            ("<a::Of<b::C>>::new", name("a::Of", None, "new")),
            ("a::Of<T>::new", name("a::Of", None, "new")),
            ("b::<impl a::Of>::new", name("a::Of", None, "new")),
            ("a::go::{{closure}}", name("a::go", None, "{{closure}}")),
            (
                "<a::Of>::new::{closure#0}::<b::C>",
                name("a::Of::new", None, "{closure#0}"),
            ),
            (
                "<&[a::B; 3] as a::C<u8>>::d",
                name("&[a::B; 3]", Some("a::C"), "d"),
            ),
            ("<a::B as a::C>", None),
            ("a::b>", None),
            ("<a", None),
            ("", None),
        ] {
            assert_eq!(Name::read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_path_is_that_of_a_function_which_no_trait_gives() {
        let path = |text| Name::read(text).and_then(|name| name.path());
        assert_eq!(path("a::B::c").as_deref(), Some("a::B::c"));
        assert_eq!(path("<a::B>::c::<u8>").as_deref(), Some("a::B::c"));
        assert_eq!(path("<a::B as a::C>::d"), None);
        assert_eq!(path("main").as_deref(), Some("main"));
        assert_eq!(Name::of("memcpy"), None);
    }
}
