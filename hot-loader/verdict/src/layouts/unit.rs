//! What one codegen unit says under each name. It must not let one entry stand for another
//! that differs.

use std::sync::Arc;

use crate::HashMap;
use gimli::constants as dw;

use super::{
    Encoding, Field, Kind, LayoutError, Maker, Spellings, Type, UNKNOWN_NAME, Variant,
    dwarf::{Entries, Entry, File, text},
    makers,
    naming::{NameId, Named, Names, UNKNOWN},
    reach::Reached,
};

/// What one codegen unit of a library says of the types that concern a crate.
#[derive(Debug)]
pub struct Unit {
    /// Of a unit in a file of its own: ties it to its library.
    id: Option<u64>,
    /// Every name that stands in a type, and what it is.
    pub(super) names: Vec<(Named, Vec<Definition>)>,
    pub(super) makers: HashMap<String, Maker>,
}

/// What is written under a name, once.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Definition {
    pub known: Type,
    /// The names in it, by their positions in the unit; some are not in `known`.
    pub mentions: Vec<NameId>,
    /// Something in it is not understood. A name that is not known does not count here.
    pub doubt: bool,
}

impl Definition {
    /// Whether another says all that this one says, and perhaps more: the compiler writes
    /// some recursive types without saying what they are of.
    pub(super) fn is_covered(&self, by: &Self) -> bool {
        self.doubt == by.doubt && is_covered(&self.known, &by.known)
    }
}

/// Whether a type is written as another is, perhaps without some of what that is of.
fn is_covered(our: &Type, by: &Type) -> bool {
    our.is_like(by, |our, _| our == UNKNOWN_NAME)
}

impl Unit {
    /// Reads what each unit in `file` says, a library or the file of one unit. The types of
    /// the crate `crate_name` (spelled as in paths) are those whose names begin with
    /// `crate_name::` or mention it. `spellings` makes the next reading quicker.
    ///
    /// # Errors
    ///
    /// If the file is no library, breaks off, or has no readable debug info.
    pub fn read(
        file: &[u8],
        crate_name: &str,
        spellings: &mut Spellings,
    ) -> Result<Vec<Self>, LayoutError> {
        let units = File::parse(file)?.units()?;
        let units = units.iter();
        Ok(units
            .map(|entries| Self::of(entries, crate_name, spellings))
            .collect())
    }

    fn of(entries: &Entries<'_>, crate_name: &str, spellings: &mut Spellings) -> Self {
        let reached = Reached::new(entries, crate_name);
        let mut reading = Reading {
            entries,
            names: Names::new(entries, &reached, crate_name, spellings),
            definitions: Vec::new(),
        };
        for at in 0..entries.all.len() {
            if reached.types[at] {
                reading.define(at);
            }
        }
        Self {
            id: entries.id,
            names: reading.names(),
            makers: makers::of(entries),
        }
    }

    /// Whether they say exactly the same.
    #[must_use]
    pub fn says_what(&self, other: &Self) -> bool {
        self.names == other.names && self.makers == other.makers
    }

    /// Checks that all units of the crate in the library `file` are among these.
    ///
    /// # Errors
    ///
    /// If one is missing, or the library is not understood.
    pub fn are_all_of<'a>(
        file: &[u8],
        units: impl IntoIterator<Item = &'a Self>,
        crate_name: &str,
    ) -> Result<(), LayoutError> {
        let known: Vec<u64> = units.into_iter().filter_map(|unit| unit.id).collect();
        let ids = File::parse(file)?.ids(crate_name)?;
        match ids.iter().find(|id| !known.contains(id)) {
            Some(id) => Err(LayoutError::Missing(*id)),
            // Of none of these is known whose they are.
            None if ids.is_empty() && !known.is_empty() => Err(LayoutError::NoDebugInfo),
            None => Ok(()),
        }
    }
}

struct Reading<'t, 'a> {
    entries: &'t Entries<'a>,
    names: Names<'t, 'a>,
    /// Where the entries of each name are.
    definitions: Vec<Vec<usize>>,
}

impl<'a> Reading<'_, 'a> {
    /// Takes in the entry at this position.
    fn define(&mut self, at: usize) {
        let name = self.names.name(at, 0);
        if name == UNKNOWN || self.entries.all[at].declaration {
            return;
        }
        for at in self.entries.with_parts(at) {
            self.names.name_target(at, 0);
        }
        // Naming what it mentions may have made names too.
        let count = self.names.all.len();
        self.definitions.resize_with(count, Vec::new);
        self.definitions[name as usize].push(at);
    }

    fn names(mut self) -> Vec<(Named, Vec<Definition>)> {
        let count = self.names.all.len();
        self.definitions.resize_with(count, Vec::new);
        let ids = 0..NameId::try_from(count).unwrap_or(UNKNOWN);
        let definitions: Vec<Vec<_>> = ids.map(|id| self.of_name(id)).collect();
        self.names.all.into_iter().zip(definitions).collect()
    }

    /// What differs under a name.
    fn of_name(&self, id: NameId) -> Vec<Definition> {
        let all = &self.definitions[id as usize];
        // The compiler writes each type once in a unit. What has no name may be there twice,
        // and of two versions of another crate nothing but what is written counts here.
        let is_named = |at: &&usize| !self.entries.all[**at].name.is_empty();
        let twice = self.names.all[id as usize].own && all.iter().filter(is_named).nth(1).is_some();
        let mut differ: Vec<Definition> = Vec::new();
        for at in all {
            let (known, doubt) = self.to_type(id, *at);
            let parts = self.entries.with_parts(*at);
            let mut mentions: Vec<_> = parts.filter_map(|at| self.names.target(at)).collect();
            mentions.sort_unstable();
            mentions.dedup();
            let definition = Definition {
                known,
                mentions,
                doubt: doubt || twice || self.is_strange(*at),
            };
            add(&mut differ, definition, Definition::is_covered);
        }
        differ
    }

    /// Whether something in an entry is not understood.
    fn is_strange(&self, at: usize) -> bool {
        let entry = &self.entries.all[at];
        let understood = match entry.tag {
            dw::DW_TAG_pointer_type | dw::DW_TAG_array_type | dw::DW_TAG_subroutine_type => true,
            _ => entry.is_type && entry.size.is_some(),
        };
        let strange = |part: &Entry<'_>| {
            let known = matches!(
                part.tag,
                dw::DW_TAG_member
                    | dw::DW_TAG_variant_part
                    | dw::DW_TAG_variant
                    | dw::DW_TAG_enumerator
                    | dw::DW_TAG_template_type_parameter
                    | dw::DW_TAG_formal_parameter
                    | dw::DW_TAG_subrange_type
            );
            part.strange || !known
        };
        !understood
            || entry.strange
            || self.entries.parts(at).any(|(_, part)| strange(part))
            || self.has_variants(at) && self.parts(at, dw::DW_TAG_member).next().is_some()
            || self.discriminants(at).nth(1).is_some()
    }

    fn parts(&self, at: usize, tag: gimli::DwTag) -> impl Iterator<Item = (usize, &Entry<'a>)> {
        let parts = self.entries.parts(at);
        parts.filter(move |(_, part)| part.tag == tag)
    }

    fn discriminants(&self, at: usize) -> impl Iterator<Item = (usize, &Entry<'a>)> {
        let parts = self.parts(at, dw::DW_TAG_variant_part);
        parts.filter(|(_, part)| part.target.is_some())
    }

    fn has_variants(&self, at: usize) -> bool {
        self.parts(at, dw::DW_TAG_variant).next().is_some()
            || self.discriminants(at).next().is_some()
    }

    /// What an entry says of the type of this name, and whether that is in doubt.
    fn to_type(&self, name: NameId, at: usize) -> (Type, bool) {
        let entry = &self.entries.all[at];
        let mut doubt = false;
        let kind = self.kind(at, &mut doubt);
        let size = match (entry.size, &kind) {
            (Some(size), _) => size,
            (None, Kind::Pointer(_)) => self.entries.address_size,
            (None, _) => 0,
        };
        let align = match (&kind, entry.align) {
            (Kind::Base(_) | Kind::Pointer(_), 0) => size.clamp(1, 16),
            (_, align) => align,
        };
        let arguments = self.parts(at, dw::DW_TAG_template_type_parameter);
        let known = Type {
            name: self.names.spelled(name),
            size,
            align,
            kind,
            arguments: arguments.map(|(part, _)| self.target(part)).collect(),
        };
        (known, doubt)
    }

    fn kind(&self, at: usize, doubt: &mut bool) -> Kind {
        let entry = &self.entries.all[at];
        match entry.tag {
            dw::DW_TAG_structure_type if self.has_variants(at) => Kind::Enum {
                discriminant: self.discriminants(at).next().map(|it| self.field(it)),
                variants: self.variants(at, dw::DW_TAG_variant, doubt),
            },
            dw::DW_TAG_structure_type => Kind::Struct(self.fields(at)),
            dw::DW_TAG_union_type => Kind::Union(self.fields(at)),
            dw::DW_TAG_enumeration_type => Kind::Enum {
                discriminant: entry.target.map(|_| Field {
                    type_name: self.target(at),
                    ..Field::default()
                }),
                variants: self.variants(at, dw::DW_TAG_enumerator, doubt),
            },
            dw::DW_TAG_base_type => Kind::Base(encoding(entry.encoding)),
            dw::DW_TAG_pointer_type => Kind::Pointer(self.target(at)),
            dw::DW_TAG_array_type => {
                let length = self.parts(at, dw::DW_TAG_subrange_type).next();
                let length = length.and_then(|(_, length)| u64::try_from(length.number()?).ok());
                Kind::Array(self.target(at), length)
            }
            dw::DW_TAG_subroutine_type => {
                let parameters = self.parts(at, dw::DW_TAG_formal_parameter);
                Kind::Function(
                    parameters.map(|(part, _)| self.target(part)).collect(),
                    entry.target.map(|_| self.target(at)),
                )
            }
            _ => Kind::Unknown,
        }
    }

    fn variants(&self, at: usize, tag: gimli::DwTag, doubt: &mut bool) -> Vec<Variant> {
        let variants = self.parts(at, tag).map(|(at, variant)| {
            let fields = self.held(at);
            *doubt |= fields.is_none();
            Variant {
                name: text(variant.name).into_owned(),
                value: variant.number(),
                fields: fields.unwrap_or_default(),
            }
        });
        variants.collect()
    }

    /// The name of what an entry refers to.
    fn target(&self, at: usize) -> Arc<str> {
        let target = self.names.target(at);
        target.map_or_else(|| "()".into(), |target| self.names.spelled(target))
    }

    fn field(&self, (at, part): (usize, &Entry<'a>)) -> Field {
        Field {
            name: text(part.name).into_owned(),
            offset: part.member_offset,
            type_name: self.target(at),
            align: part.align,
        }
    }

    fn fields(&self, at: usize) -> Vec<Field> {
        let members = self.parts(at, dw::DW_TAG_member);
        members.map(|member| self.field(member)).collect()
    }

    /// The fields of what a variant holds, which has a type of its own in the debug info,
    /// counted from the start of the enum. None if they are in doubt.
    fn held(&self, variant: usize) -> Option<Vec<Field>> {
        let Some(name) = self.names.target(variant) else {
            return Some(Vec::new());
        };
        // The compiler may write one that mentions a lifetime several times.
        let mut differ: Vec<Type> = Vec::new();
        for at in &self.definitions[name as usize] {
            let is_struct = self.entries.all[*at].tag == dw::DW_TAG_structure_type;
            if self.is_strange(*at) || !is_struct || self.has_variants(*at) {
                return None;
            }
            let fields = Type {
                kind: Kind::Struct(self.fields(*at)),
                ..Type::default()
            };
            add(&mut differ, fields, is_covered);
        }
        let Kind::Struct(mut fields) = differ.pop().filter(|_| differ.is_empty())?.kind else {
            return None;
        };
        for field in &mut fields {
            let start = self.entries.all[variant].member_offset;
            field.offset = field.offset.checked_add(start)?;
        }
        Some(fields)
    }
}

/// Takes in one more, unless one covers it.
pub(super) fn add<T>(all: &mut Vec<T>, one: T, is_covered: impl Fn(&T, &T) -> bool) {
    if !all.iter().any(|known| is_covered(&one, known)) {
        all.retain(|known| !is_covered(known, &one));
        all.push(one);
    }
}

fn encoding(number: u8) -> Encoding {
    match gimli::DwAte(number) {
        dw::DW_ATE_unsigned => Encoding::Unsigned,
        dw::DW_ATE_signed => Encoding::Signed,
        dw::DW_ATE_float => Encoding::Float,
        dw::DW_ATE_boolean => Encoding::Bool,
        dw::DW_ATE_UTF | dw::DW_ATE_unsigned_char => Encoding::Char,
        _ => Encoding::Other(number),
    }
}
