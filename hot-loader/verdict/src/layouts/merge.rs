//! From the entries of a library to what is known under each name: holds entries of the same
//! name against each other. Must not let one entry stand for another that differs.

use std::{mem, ptr, sync::Arc};

use crate::HashMap;
use gimli::constants as dw;

use super::{
    Encoding, Field, Kind, LayoutError, Layouts, Node, Spellings, Type, Variant,
    dwarf::{Entries, Entry, text},
    naming::{DEEPEST, NameId, Names, UNKNOWN},
    reach::Reached,
};

/// Where the entries of one name are.
#[derive(Clone, Default)]
struct Definitions {
    /// Those that differ.
    all: Vec<usize>,
    /// The unit in which the last one was found.
    unit: usize,
    /// One unit had two.
    twice: bool,
}

struct Merge<'t, 'a> {
    entries: &'t Entries<'a>,
    names: Names<'t, 'a>,
    definitions: Vec<Definitions>,
}

/// Merges the entries that concern the crate.
///
/// # Errors
///
/// If there is none.
pub(super) fn merge(
    entries: &Entries<'_>,
    crate_name: &str,
    spellings: &mut Spellings,
) -> Result<Layouts, LayoutError> {
    let reached = Reached::new(entries, crate_name);
    if !reached.types.contains(&true) {
        return Err(LayoutError::NoTypes(crate_name.to_owned()));
    }
    let mut merge = Merge {
        entries,
        names: Names::new(entries, &reached, crate_name, spellings),
        definitions: Vec::new(),
    };
    let mut unit = 0;
    for (at, entry) in entries.all.iter().enumerate() {
        if entry.depth == 0 {
            // Counted from one.
            unit = at + 1;
        }
        if reached.types[at] {
            merge.define(at, unit);
        }
    }
    Ok(merge.layouts())
}

impl<'a> Merge<'_, 'a> {
    /// Takes in the entry at this position.
    fn define(&mut self, at: usize, unit: usize) {
        let entry = &self.entries.all[at];
        let name = self.names.name(at, 0);
        if name == UNKNOWN || entry.declaration {
            return;
        }
        for at in self.entries.with_parts(at) {
            self.names.name_target(at, 0);
        }
        // Naming what it mentions may have made names too.
        let count = self.names.nodes.len();
        self.definitions.resize_with(count, Definitions::default);
        let mut known = mem::take(&mut self.definitions[name as usize]);
        // The compiler writes each type once in a unit. What has no name may be there twice.
        known.twice |= known.unit == unit && !entry.name.is_empty();
        known.unit = unit;
        // Most entries say what is known.
        if !known.all.iter().any(|known| self.is_covered(at, *known)) {
            known.all.retain(|known| !self.is_covered(*known, at));
            known.all.push(at);
        }
        self.definitions[name as usize] = known;
    }

    /// Whether another entry says all that this one says, and perhaps more: the compiler writes
    /// some recursive types without saying what they are of.
    fn is_covered(&self, at: usize, by: usize) -> bool {
        let covers = |our: usize, their: usize| {
            let (ours, theirs) = (self.names.target(our), self.names.target(their));
            let is_known = ours == theirs || ours == Some(UNKNOWN) && theirs.is_some();
            let (our, their) = (&self.entries.all[our], &self.entries.all[their]);
            is_known
                && our.tag == their.tag
                && our.size == their.size
                && our.align == their.align
                && our.encoding == their.encoding
                && our.member_offset == their.member_offset
                && our.value == their.value
                && our.strange == their.strange
                // Types of one name may be written differently.
                && (our.is_type || ptr::eq(our.name, their.name) || our.name == their.name)
        };
        let mut theirs = self.entries.with_parts(by);
        let mut ours = self.entries.with_parts(at);
        ours.all(|our| theirs.next().is_some_and(|their| covers(our, their)))
            && theirs.next().is_none()
    }

    fn layouts(mut self) -> Layouts {
        let count = self.names.nodes.len();
        self.definitions.resize_with(count, Definitions::default);
        for id in 0..count {
            let Definitions { all, twice, .. } = &self.definitions[id];
            let parts = all.iter().flat_map(|at| self.entries.with_parts(*at));
            let mut mentions: Vec<_> = parts.filter_map(|at| self.names.target(at)).collect();
            mentions.sort_unstable();
            mentions.dedup();
            let strange = all.is_empty() || all.iter().any(|at| self.is_strange(*at));
            let node = &mut self.names.nodes[id];
            // Two versions of another crate may both have a type of this name, of which
            // nothing but what is written counts here.
            node.doubt = strange || mentions.contains(&UNKNOWN) || *twice && node.own;
            node.mentions = mentions;
        }
        let types: Vec<Vec<_>> = (0..)
            .zip(&self.definitions)
            .map(|(id, it)| it.all.iter().map(|at| self.to_type(id, *at)).collect())
            .collect();
        let Names {
            mut nodes, by_name, ..
        } = self.names;
        for (node, types) in nodes.iter_mut().zip(types) {
            node.doubt |= types.iter().any(|(_, doubt)| *doubt);
            let mut types = types.into_iter().map(|(known, _)| known);
            if let Some(known) = types.next() {
                node.known = known;
            }
            node.others = types.collect();
        }
        let mut layouts = Layouts {
            nodes,
            by_name,
            makers: HashMap::default(),
        };
        layouts.measure_arrays();
        layouts
    }

    /// Whether something in an entry is not understood.
    fn is_strange(&self, at: usize) -> bool {
        let entry = &self.entries.all[at];
        let understood = match entry.tag {
            dw::DW_TAG_structure_type
            | dw::DW_TAG_union_type
            | dw::DW_TAG_enumeration_type
            | dw::DW_TAG_base_type => entry.size.is_some(),
            dw::DW_TAG_pointer_type | dw::DW_TAG_array_type | dw::DW_TAG_subroutine_type => true,
            _ => false,
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
                let length = length.and_then(|(_, length)| length.number());
                Kind::Array(
                    self.target(at),
                    length.and_then(|length| u64::try_from(length).ok()),
                )
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
        let [at] = *self.definitions[name as usize].all else {
            return None;
        };
        let is_struct = self.entries.all[at].tag == dw::DW_TAG_structure_type;
        if self.names.nodes[name as usize].doubt || !is_struct || self.has_variants(at) {
            return None;
        }
        let mut fields = self.fields(at);
        for field in &mut fields {
            let start = self.entries.all[variant].member_offset;
            field.offset = field.offset.checked_add(start)?;
        }
        Some(fields)
    }
}

impl Layouts {
    /// Sizes and alignments of arrays, which the debug info leaves to be worked out.
    fn measure_arrays(&mut self) {
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            if !matches!(node.known.kind, Kind::Array(..)) || node.doubt {
                continue;
            }
            match self.measure(node, 0) {
                Some((size, align)) => {
                    let known = &mut self.nodes[at].known;
                    (known.size, known.align) = (size, align);
                }
                None => self.nodes[at].doubt = true,
            }
        }
    }

    fn measure(&self, node: &Node, depth: u32) -> Option<(u64, u64)> {
        let Kind::Array(of, length) = &node.known.kind else {
            return Some((node.known.size, node.known.align));
        };
        let of = self.node(*self.by_name.get(of)?)?;
        if depth > DEEPEST || !of.is_sure() {
            return None;
        }
        let (size, align) = self.measure(of, depth + 1)?;
        Some((size.checked_mul(length.unwrap_or(0))?, align))
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
