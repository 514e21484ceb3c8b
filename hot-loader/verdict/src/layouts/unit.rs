//! What one codegen unit says under each name. It must not let one entry stand for another
//! that differs.

use crate::{HashMap, IndexMap};
use gimli::constants as dw;

use super::{
    Field, Kind, LayoutError, Maker, Node, Spellings, Type, UNKNOWN_NAME, Variant,
    dwarf::{Entries, Entry, ids, parse, read_unit, text},
    makers,
    naming::Names,
    reach::Reached,
};

/// What one codegen unit of a library says of the types that concern a crate.
#[derive(Debug)]
pub struct Unit {
    /// Of a unit in a file of its own: ties it to its library.
    id: Option<u64>,
    /// Every name that stands in a type, and what it is; not yet what that mentions.
    pub(super) nodes: Vec<Node>,
    pub(super) makers: HashMap<String, Maker>,
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
        let (mut units, dwarf) = (Vec::new(), parse(file)?);
        for header in dwarf.units() {
            let entries = read_unit(&dwarf, header?)?;
            units.push(Self::of(&entries, crate_name, spellings));
        }
        Ok(units)
    }

    fn of(entries: &Entries<'_>, crate_name: &str, spellings: &mut Spellings) -> Self {
        let mut names = Names {
            entries,
            reached: &Reached::new(entries, crate_name),
            crate_name,
            spellings,
            all: IndexMap::default(),
            named: vec![None; entries.all.len()],
        };
        let types = (0..entries.all.len()).filter(|at| names.reached.types[*at]);
        let named: Vec<_> = types.map(|at| (at, names.name(at, 0))).collect();
        // Where the entries of each name are.
        let mut places = vec![Vec::new(); names.all.len()];
        for (at, name) in named {
            if let Some(name) = name.filter(|_| !entries.all[at].declaration) {
                places[name].push(at);
            }
        }
        let nodes = names.all.values().zip(&places);
        Self {
            id: entries.id,
            nodes: nodes.map(|(node, all)| names.told(node, all)).collect(),
            makers: makers::of(entries),
        }
    }

    /// Whether they say exactly the same.
    pub fn says_what(&self, other: &Self) -> bool {
        self.nodes == other.nodes && self.makers == other.makers
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
        let ids = ids(file, crate_name)?;
        match ids.iter().find(|id| !known.contains(id)) {
            Some(id) => Err(LayoutError::Missing(*id)),
            // Of none of these is known whose they are.
            None if ids.is_empty() && !known.is_empty() => Err(LayoutError::NoDebugInfo),
            None => Ok(()),
        }
    }
}

/// What the entries are whose names these are, once all have theirs.
impl<'a> Names<'_, 'a> {
    /// The node of a name whose entries are at these positions: with their types, as far as
    /// they differ, and whether something in them is not understood. A name that is not known
    /// does not count.
    fn told(&self, node: &Node, all: &[usize]) -> Node {
        // The compiler writes each type once in a unit. What has no name may be there twice,
        // and of two versions of another crate nothing but what is written counts here.
        let is_named = |at: &&usize| !self.entries.all[**at].name.is_empty();
        let twice = node.own && all.iter().filter(is_named).nth(1).is_some();
        let mut types = Vec::new();
        for at in all {
            add(&mut types, &self.to_type(node, *at));
        }
        let in_doubt = |at: usize| {
            let tags = [dw::DW_TAG_variant, dw::DW_TAG_enumerator].into_iter();
            let mut variants = tags.flat_map(|tag| self.parts(at, tag));
            self.is_strange(at) || variants.any(|(variant, _)| self.held(variant).is_none())
        };
        Node {
            types,
            doubt: twice || all.iter().any(|at| in_doubt(*at)),
            ..node.clone()
        }
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

    /// What an entry says of the type of this name.
    fn to_type(&self, node: &Node, at: usize) -> Type {
        let entry = &self.entries.all[at];
        let kind = self.kind(at);
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
        Type {
            name: node.name.clone(),
            size,
            align,
            kind,
            arguments: arguments.map(|(part, _)| self.target(part)).collect(),
        }
    }

    fn kind(&self, at: usize) -> Kind {
        let entry = &self.entries.all[at];
        match entry.tag {
            dw::DW_TAG_structure_type if self.has_variants(at) => Kind::Enum {
                discriminant: self.discriminants(at).next().map(|it| self.field(it)),
                variants: self.variants(at, dw::DW_TAG_variant),
            },
            dw::DW_TAG_structure_type => Kind::Struct(self.fields(at)),
            dw::DW_TAG_union_type => Kind::Union(self.fields(at)),
            dw::DW_TAG_enumeration_type => Kind::Enum {
                discriminant: entry.target.map(|_| Field {
                    type_name: self.target(at),
                    ..Field::default()
                }),
                variants: self.variants(at, dw::DW_TAG_enumerator),
            },
            dw::DW_TAG_base_type => Kind::Base(entry.encoding),
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

    fn variants(&self, at: usize, tag: gimli::DwTag) -> Vec<Variant> {
        let variants = self.parts(at, tag).map(|(at, variant)| Variant {
            name: text(variant.name).into_owned(),
            value: variant.number(),
            fields: self.held(at).unwrap_or_default(),
        });
        variants.collect()
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
    fn held(&self, at: usize) -> Option<Vec<Field>> {
        let variant = &self.entries.all[at];
        if variant.target.is_none() {
            return Some(Vec::new());
        }
        let at = self.entries.target(at)?;
        let held = &self.entries.all[at];
        let is_struct = held.tag == dw::DW_TAG_structure_type && !held.declaration;
        if !is_struct || self.is_strange(at) || self.has_variants(at) {
            return None;
        }
        let mut fields = self.fields(at);
        for field in &mut fields {
            field.offset = field.offset.checked_add(variant.member_offset)?;
        }
        Some(fields)
    }
}

/// Takes in one more, unless one says all that it says, and perhaps more: the compiler writes
/// some recursive types without saying what they are of.
pub(super) fn add(all: &mut Vec<Type>, one: &Type) {
    let is_covered = |it: &Type, by: &Type| it.is_like(by, |its, _| its == UNKNOWN_NAME);
    if !all.iter().any(|known| is_covered(one, known)) {
        all.retain(|known| !is_covered(known, one));
        all.push(one.clone());
    }
}
