//! What the traits of std, Bevy and common crates mean to the surface, by name.
//!
//! Every ordinary trait is listed, so that leaving one out costs only a slower
//! swap. Must never list a trait through which the engine notes what a method says.

/// What an impl of a trait means to the engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TraitKind {
    /// Registers: every body in it is a root of the registration surface.
    Registers,
    /// An ordinary trait: a body is a body.
    Ordinary,
    /// A contract with the engine or the compiler, or unknown: bodies are type surface.
    Contract,
}

/// The meaning of a trait of std, Bevy or a common crate, by its name.
///
/// `Clone` and `Copy` are contracts: whether a component has them decides how the
/// engine clones it, which is noted once, with a pointer to the function.
pub(super) fn trait_kind(ident: &str) -> TraitKind {
    match ident {
        // The last two have a method that registers systems, besides those that these call.
        "Plugin" | "PluginGroup" | "Plugins" | "ComputedStates" | "SubStates" => {
            TraitKind::Registers
        }
        "From"
        | "Into"
        | "TryFrom"
        | "TryInto"
        | "AsRef"
        | "AsMut"
        | "Borrow"
        | "BorrowMut"
        | "ToOwned"
        | "ToString"
        | "FromStr"
        | "Display"
        | "Debug"
        | "Write"
        | "Read"
        | "Seek"
        | "BufRead"
        | "LowerHex"
        | "UpperHex"
        | "Octal"
        | "Binary"
        | "LowerExp"
        | "UpperExp"
        | "Pointer"
        | "PartialEq"
        | "Eq"
        | "PartialOrd"
        | "Ord"
        | "Hash"
        | "Hasher"
        | "BuildHasher"
        | "Default"
        | "Deref"
        | "DerefMut"
        | "Index"
        | "IndexMut"
        | "Fn"
        | "FnMut"
        | "FnOnce"
        | "RangeBounds"
        | "Add"
        | "Sub"
        | "Mul"
        | "Div"
        | "Rem"
        | "Neg"
        | "Not"
        | "BitAnd"
        | "BitOr"
        | "BitXor"
        | "Shl"
        | "Shr"
        | "AddAssign"
        | "SubAssign"
        | "MulAssign"
        | "DivAssign"
        | "RemAssign"
        | "BitAndAssign"
        | "BitOrAssign"
        | "BitXorAssign"
        | "ShlAssign"
        | "ShrAssign"
        | "Iterator"
        | "DoubleEndedIterator"
        | "ExactSizeIterator"
        | "FusedIterator"
        | "IntoIterator"
        | "Extend"
        | "FromIterator"
        | "Sum"
        | "Product"
        | "Error"
        | "Termination"
        | "FromWorld"
        | "Command"
        | "EntityCommand"
        | "Serialize"
        | "Deserialize"
        | "Serializer"
        | "Deserializer"
        | "Visitor"
        | "DeserializeSeed"
        | "Rng"
        | "RngCore"
        | "SeedableRng"
        | "Distribution"
        // The server keeps the loader that it was given: `stale` names it.
        | "AssetLoader" => TraitKind::Ordinary,
        _ => TraitKind::Contract,
    }
}

/// Derives and traits whose values the engine keeps as labels, filed by their hash.
pub(super) fn is_label(ident: &str) -> bool {
    matches!(
        ident,
        "SystemSet"
            | "ScheduleLabel"
            | "States"
            | "SubStates"
            | "ComputedStates"
            | "AppLabel"
            | "RenderLabel"
            | "RenderSubGraph"
    )
}
