//! The items of a snapshot, as comparing needs them.
//!
//! Relies on `tokens` for their texts. Must never hold a token or a span: a
//! surface travels between threads and lives as long as its generation.

use super::closures::Numbered;
use super::mentions::Mentions;
use super::text::Text;
use hot_loader_compile::hash::Name;

/// What an item is to the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A struct, enum or union.
    Type,
    Trait,
    /// A type alias: no type of its own, it matters where it is named.
    Alias,
    Const,
    /// A static or thread-local: its declared type is the shape, its value the body.
    Static,
    /// A function or method: its signature is the shape.
    Fn,
    /// One imported name.
    Use,
    /// `use path::*`.
    Glob,
    Mod,
    /// An impl of an ordinary trait, without its functions.
    Impl,
    /// An impl that is a contract with the engine.
    Contract,
    /// A macro's definition, or an invocation that may expand to any item.
    Macro,
    /// The items that a function body declares.
    Locals,
    /// The order of a Rust module's impls, where items inside methods depend on it.
    Order,
    /// hot-loader's `export!`.
    Export,
    /// A file that is included as text or bytes.
    Data,
    /// Anything else, which is type surface as a whole.
    Other,
}

/// Whether a part of an item is surface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) types: bool,
    pub(super) registration: bool,
}

/// One item.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) role: Role,
    /// What it is and where, such as `struct systems::ship::Ship`: its identity
    /// from one snapshot to the next.
    pub(super) key: String,
    /// For functions: the path as `std::any::type_name` prints it where that is possible.
    pub(super) path: String,
    /// What others call it; none if nothing can.
    pub(super) name: Option<Name>,
    /// It is a member of a type or trait: named behind `::` or `.`, from anywhere.
    pub(super) member: bool,
    /// It has a visibility, and so may be named outside of its Rust module.
    pub(super) wide: bool,
    /// Hash of the visibility.
    pub(super) vis: u128,
    /// Index of its Rust module.
    pub(super) module: usize,
    /// Index of its file.
    pub(super) file: usize,
    /// Line, from 1.
    pub(super) line: usize,
    /// Everything but the body.
    pub(super) shape: Text,
    pub(super) shape_flags: Flags,
    /// A function's body, a static's value.
    pub(super) body: Option<Text>,
    pub(super) body_flags: Flags,
    /// The type that an impl is for.
    pub(super) owner: Option<Name>,
    /// A method of an impl that is a contract.
    pub(super) contract: bool,
    /// A function whose parameters only a system has.
    pub(super) system: bool,
    /// An async function or one that returns `impl Trait`.
    pub(super) opaque: bool,
    /// It may do more than it says (an attribute that may be a macro).
    pub(super) doubtful: bool,
    /// The place of its impl among the module's impls, if closures in it depend on that.
    pub(super) place: Option<usize>,
    /// The closures in its body.
    pub(super) closures: Vec<Numbered>,
}

/// What classifying needs to know of an item, and comparing does not.
#[derive(Default)]
pub(super) struct Extra {
    /// What evaluating its shape can run (a constant's value, `#[require(…)]`).
    pub(super) shape: Mentions,
    /// What its body can run.
    pub(super) body: Mentions,
    /// A `const fn`.
    pub(super) is_const: bool,
    /// Its body decides the size of what it gives: an async function, or one that
    /// returns `impl Trait`.
    pub(super) gives_opaque: bool,
    /// Its shape is type surface by itself.
    pub(super) types: bool,
    /// Its body is type surface by itself, but not what the body calls.
    pub(super) body_types: bool,
    /// Its body is type surface, and so is what the body calls.
    pub(super) contract: bool,
    /// It is a root of the registration surface.
    pub(super) registers: bool,
    /// For methods and associated functions: where.
    pub(super) member: Option<Member>,
    /// A derive makes its `Default` out of its fields'.
    pub(super) derives_default: bool,
    /// What the attributes of a type say, which its derives may have built in.
    pub(super) attributes: Mentions,
    /// For an observer: the types in its event's parameter.
    pub(super) observes: Option<Vec<Name>>,
    /// For an import by another name: what it imports.
    pub(super) renames: Option<Name>,
    /// For an import: it may be a trait, which decides what methods mean.
    pub(super) may_be_trait: bool,
}

/// Where a method is.
pub(super) struct Member {
    /// The self type, if it is a plain path that is no generic parameter.
    pub(super) owner: Option<Name>,
    /// The trait, if it is in one or in an impl of one.
    pub(super) of_trait: Option<Name>,
    /// The trait is one of std's or Bevy's: its methods can be called without
    /// being named.
    pub(super) implicit: bool,
    /// A default method of a trait.
    pub(super) default: bool,
}

/// One Rust module of a snapshot.
#[derive(Clone, Debug)]
pub(super) struct ModuleInfo {
    pub(super) path: String,
    /// It imports everything of some module or enum of this crate.
    pub(super) local_glob: bool,
}

impl ModuleInfo {
    /// Whether this is `other` or inside it.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.path
            .strip_prefix(&other.path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }

    /// Whether `text`, which stands in this module, may mean `item` of `home` when
    /// it says `item`'s name.
    pub(super) fn may_mean(&self, text: &Text, item: &Item, home: &Self) -> bool {
        let Some(name) = item.name else {
            return false;
        };
        if text.crate_wide {
            return text.has(name);
        }
        // `enemy::steer` says no function that is called `enemy`.
        let value = matches!(item.role, Role::Fn | Role::Const | Role::Static);
        if value && !text.end(name) {
            return false;
        }
        if item.member {
            return text.tail(name) || text.dot(name);
        }
        if self.path == home.path {
            return text.head(name) || text.tail(name);
        }
        // A named import of it is an item of its own, which says the name in its path.
        (item.wide || self.is_within(home))
            && (text.tail(name) || (self.local_glob && text.head(name)))
    }
}
