//! What the traits and macros of std, Bevy and common crates mean to a verdict, by name.
//!
//! Every ordinary one is listed, so that leaving one out costs only a slower swap. Must
//! never list a trait through which the engine notes once what a method says, and must not
//! trust a name that the crate gives to something else.

use crate::header::Header;
use crate::mir::last_segment;
use crate::tokens::{Item, Kind, Source};
use std::collections::{BTreeMap, BTreeSet};

/// What an impl of a trait means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// Registers: what its methods do is the registration.
    Registers,
    /// An ordinary trait: a body is a body.
    Ordinary,
    /// A contract with the engine or the compiler, or unknown.
    Contract,
}

/// The traits and macros that a crate's names mean.
#[derive(Default)]
pub struct Traits<'a> {
    /// Its own traits, and whether they are unsafe.
    own: BTreeMap<&'a str, bool>,
    own_macros: BTreeSet<&'a str>,
    /// Names that it gives by `use` to what has another one, or is of an unknown crate.
    foreign: BTreeSet<&'a str>,
    /// Names that it gives by `use` to what has another one, which is known.
    renamed: BTreeMap<&'a str, &'a str>,
    /// What a path may begin with in it.
    roots: BTreeSet<&'a str>,
    /// Types whose values the engine keeps as labels, filed by their hash.
    labels: BTreeSet<String>,
    /// Modules in which a glob import may give what an unknown crate has.
    open: BTreeSet<&'a str>,
    /// Names that such a glob cannot give a module, which says itself what they mean.
    given: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Traits<'a> {
    /// Those of a crate.
    pub fn of(source: &'a Source) -> Self {
        let named = |kind| source.named(kind);
        let is_unsafe = |item: &Item| item.head.starts_with("unsafe");
        let own = named(Kind::Trait).map(|(name, item)| (name, is_unsafe(item)));
        let roots = named(Kind::Mod).chain(named(Kind::Type));
        let given = named(Kind::Trait).chain(named(Kind::MacroRules));
        let mut found = Self {
            own: own.collect(),
            own_macros: named(Kind::MacroRules).map(|(name, _)| name).collect(),
            roots: roots.map(|(name, _)| name).collect(),
            labels: labels(source),
            given: given.map(|(name, item)| (&*item.module, name)).collect(),
            ..Self::default()
        };
        let uses = || source.items.iter().flat_map(|item| &item.uses);
        let paths = uses().filter(|(_, path)| path.contains("::"));
        found.roots.extend(paths.map(|(bound, _)| bound.as_str()));
        for (bound, path) in uses() {
            let last = last_segment(path);
            if bound == "*" || bound == "_" || bound == last && found.is_known(path) {
                continue;
            }
            let known = found.renamed.get(&**bound);
            let other = known.is_some_and(|known| *known != last);
            match found.is_external(path) && !other {
                true => _ = found.renamed.insert(bound, last),
                false => _ = found.foreign.insert(bound),
            }
        }
        found.globs(source);
        found
    }

    /// Notes which modules have globs of unknown crates, by another module of this crate too.
    fn globs(&mut self, source: &'a Source) {
        let mut unknown = false;
        for item in &source.items {
            let module = item.module.as_str();
            for (bound, path) in &item.uses {
                match bound == "*" {
                    true if self.is_external(path) => {
                        // The compiler refuses a name that two globs give.
                        if path.ends_with("bevy::prelude") {
                            let names = PRELUDE.split(' ').map(|name| (module, name));
                            self.given.extend(names);
                        }
                    }
                    true => {
                        unknown |= self.is_foreign(&format!("{path}::"));
                        self.open.insert(module);
                    }
                    false => _ = self.given.insert((module, bound)),
                }
            }
        }
        if !unknown {
            self.open.clear();
        }
    }

    /// Whether a glob may give another meaning to this name in this module.
    fn is_open(&self, name: &str, module: &str) -> bool {
        self.open.contains(module) && !self.given.contains(&(module, name))
    }

    /// Whether a path leads to this crate, or to one whose names are known.
    fn is_known(&self, path: &str) -> bool {
        let first = first(path);
        self.is_inner(first) || lists(KNOWN, first) || first.starts_with("bevy_")
    }

    /// Whether a path may lead to an unknown crate, besides by a glob.
    fn is_foreign(&self, path: &str) -> bool {
        self.foreign.contains(first(path)) || path.contains("::") && !self.is_known(path)
    }

    /// Whether a path leads out of this crate.
    pub fn is_external(&self, path: &str) -> bool {
        self.is_known(path) && !self.is_inner(first(path))
    }

    /// Whether a path that begins so leads to this crate.
    fn is_inner(&self, first: &str) -> bool {
        matches!(first, "crate" | "self" | "super" | "Self") || self.roots.contains(first)
    }

    /// Whether it may be one of the crate's own.
    pub fn is_own(&self, path: &str) -> bool {
        self.own.contains_key(last(path))
    }

    /// Whether it is one of the crate's own that is unsafe to implement.
    pub fn is_unsafe(&self, of_trait: &str) -> bool {
        self.own.get(of_trait) == Some(&true)
    }

    /// What an impl of the trait of this path means, in this module.
    pub fn meaning(&self, path: &str, module: &str) -> Meaning {
        let path = path.replace(' ', "");
        let last = last(&path);
        if self.is_foreign(&path) {
            return Meaning::Contract;
        }
        if let Some(is_unsafe) = self.own.get(last) {
            return match meaning(last) {
                _ if *is_unsafe || lists(ENGINES, last) => Meaning::Contract,
                Meaning::Registers => Meaning::Registers,
                _ => Meaning::Ordinary,
            };
        }
        match meaning(self.renamed.get(last).copied().unwrap_or(last)) {
            Meaning::Ordinary if !self.is_sure(&path, module) => Meaning::Contract,
            meaning => meaning,
        }
    }

    /// Whether an impl of a trait, in this module, is a contract. How labels are told apart is
    /// one. (For other types a changed `Hash` is the game's own affair: no reload could file
    /// anew what the game keeps in its maps.)
    pub fn is_contract(&self, of: &Header, module: &str) -> bool {
        let path = of.of_trait.as_deref().unwrap_or_default();
        let files = matches!(last(path), "Hash" | "PartialEq" | "Eq");
        let label = match &of.owner {
            Some(owner) => self.labels.contains(owner),
            // It may be for any type.
            None => !self.labels.is_empty(),
        };
        files && label || self.meaning(path, module) == Meaning::Contract
    }

    /// Whether the macro of this path makes nothing but code and values, which the compiler
    /// shows, in this module.
    pub fn is_plain_macro(&self, path: &str, module: &str) -> bool {
        let last = last(path);
        is_plain_macro(last) && !self.own_macros.contains(last) && self.is_sure(path, module)
    }

    /// Whether a path leads to what its last segment is called in a known crate.
    fn is_sure(&self, path: &str, module: &str) -> bool {
        let path = path.replace(' ', "");
        !self.is_foreign(&path) && (path.contains("::") || !self.is_open(&path, module))
    }

    /// Whether an item has an attribute that may be a macro of anyone's.
    pub fn is_made(&self, item: &Item) -> bool {
        let mut attributes = item.attributes.iter();
        attributes.any(|attribute| match attribute.name.as_str() {
            "derive" => !self.is_plain_derive(&attribute.text, &item.module),
            _ => {
                let text = attribute.text.replace(' ', "");
                let text = text.strip_prefix("unsafe(").unwrap_or(&text);
                let path = text.split(['(', '=', '[', '{', ')']).next();
                !lists(PLAIN_ATTRIBUTES, path.unwrap_or_default())
            }
        })
    }

    /// Whether what the derive of this path makes is known, and that nothing runs it by itself.
    pub fn is_plain_derive(&self, path: &str, module: &str) -> bool {
        let last = last(path);
        let meant = self.renamed.get(last).copied().unwrap_or(last);
        let plain = lists(PLAIN_DERIVES, meant) || lists(LABELS, meant);
        (plain || meaning(meant) != Meaning::Contract) && self.is_sure(path, module)
    }
}

/// Crates whose names are known, besides Bevy's own.
const KNOWN: &str = "std core alloc bevy serde rand log tracing glam hot_loader";

/// What Bevy's prelude has of the traits and macros below.
const PRELUDE: &str =
    "Command EntityCommand FromWorld info warn error debug trace children related";

/// Attributes of the compiler's and its tools, and one that only logs.
const PLAIN_ATTRIBUTES: &str = "cfg inline cold must_use track_caller deprecated test ignore \
    should_panic no_mangle export_name link_section target_feature repr non_exhaustive default \
    macro_use macro_export path rustfmt::skip instrument tracing::instrument";

/// Derives that make labels.
const LABELS: &str = "SystemSet ScheduleLabel States SubStates ComputedStates AppLabel \
    RenderLabel RenderSubGraph";

/// Other derives whose code runs where the game calls it, or reflection does.
const PLAIN_DERIVES: &str = "Clone Copy Reflect FromReflect TypePath Asset SystemParam QueryData \
    QueryFilter AsBindGroup ShaderType";

/// What a path ends in, with blanks between its words or without.
fn last(path: &str) -> &str {
    path.rsplit([':', ' ']).next().unwrap_or(path)
}

/// What a path begins with.
fn first(path: &str) -> &str {
    let path = path.trim_start_matches("::");
    path.split("::").next().unwrap_or(path)
}

fn lists(list: &str, ident: &str) -> bool {
    list.split(' ').any(|listed| listed == ident)
}

/// Types that derive what makes labels of them, or have an impl of it.
fn labels(source: &Source) -> BTreeSet<String> {
    let is_label = |path: &str| lists(LABELS, last(path));
    let items = source.items.iter();
    let found = items.filter_map(|item| match item.kind {
        Kind::Type => {
            let mut attributes = item.attributes.iter();
            let makes = attributes.any(|it| it.name == "derive" && is_label(&it.text));
            item.name.clone().filter(|_| makes)
        }
        Kind::Impl => {
            let Header { of_trait, owner } = Header::of(&item.head)?;
            owner.filter(|_| of_trait.as_deref().is_some_and(is_label))
        }
        _ => None,
    });
    found.collect()
}

/// Traits of the engine's and the compiler's, which one of the same name cannot be told from.
const ENGINES: &str = "Component Resource Event Message Bundle Drop Clone Copy Reflect \
    SystemParam QueryData QueryFilter WorldQuery Relationship States SystemSet ScheduleLabel Asset";

/// Ordinary traits. (The server keeps the loader that it was given: `stale` names it.)
const ORDINARY: &str = "From Into TryFrom TryInto AsRef AsMut Borrow BorrowMut ToOwned ToString \
    FromStr Display Debug Write Read Seek BufRead LowerHex UpperHex Octal Binary LowerExp \
    UpperExp Pointer PartialEq Eq PartialOrd Ord Hash Hasher BuildHasher Default Deref DerefMut \
    Index IndexMut Fn FnMut FnOnce RangeBounds Add Sub Mul Div Rem Neg Not BitAnd BitOr BitXor \
    Shl Shr AddAssign SubAssign MulAssign DivAssign RemAssign BitAndAssign BitOrAssign \
    BitXorAssign ShlAssign ShrAssign Iterator DoubleEndedIterator ExactSizeIterator FusedIterator \
    IntoIterator Extend FromIterator Sum Product Error Termination FromWorld Command \
    EntityCommand Serialize Deserialize Serializer Deserializer Visitor DeserializeSeed Rng \
    RngCore SeedableRng Distribution AssetLoader";

/// `Clone` and `Copy` are contracts: whether a component has them decides how the engine
/// clones it, which is noted once, with a pointer to the function.
fn meaning(ident: &str) -> Meaning {
    match ident {
        // The last two have a method that registers systems, besides those that these call.
        "Plugin" | "PluginGroup" | "Plugins" | "ComputedStates" | "SubStates" => Meaning::Registers,
        _ if lists(ORDINARY, ident) => Meaning::Ordinary,
        _ => Meaning::Contract,
    }
}

const PLAIN_MACROS: &str = "println eprintln print eprint write writeln dbg assert \
    assert_eq assert_ne debug_assert debug_assert_eq debug_assert_ne panic todo unimplemented \
    unreachable vec format format_args matches include_str include_bytes env option_env concat \
    stringify line file column module_path cfg compile_error thread_local once assert_matches \
    log span bsn bsn_list children related default uuid embedded_asset embedded_path \
    load_embedded_asset";

/// Macros whose whole expansion the compiler shows: no impls, no types, no traits.
pub fn is_plain_macro(ident: &str) -> bool {
    let level = ident.strip_suffix("_once").or(ident.strip_suffix("_span"));
    lists("info warn error debug trace", level.unwrap_or(ident)) || lists(PLAIN_MACROS, ident)
}
