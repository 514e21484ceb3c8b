//! Reads the type entries of a library's debug info, in one pass over all units, into flat
//! tables that borrow from the file; on several threads, since it is what an edit waits for.
//! Interprets nothing: names, offsets and values as they stand there. Must not panic on any
//! file, nor follow a reference.

use std::{borrow::Cow, num::NonZero, thread};

use crate::HashMap;

use gimli::{
    AttributeValue, DwLang, DwTag, EndianSlice, RunTimeEndian, Section as _, constants as dw,
};
use object::{Object as _, ObjectSection as _};

use super::LayoutError;

/// No entry: a reference that is missing, or cannot be followed.
pub(super) const NOWHERE: u64 = u64::MAX;
/// No part.
pub(super) const NONE: u32 = u32::MAX;

/// The debug info's sections, found and ready to be read.
pub(super) struct Sections<'a> {
    dwarf: gimli::Dwarf<EndianSlice<'a, RunTimeEndian>>,
    pub(super) address_size: u64,
}

/// Finds the sections.
///
/// # Errors
///
/// If it is no object file, has no debug info, or compressed debug info.
pub(super) fn sections(file: &[u8]) -> Result<Sections<'_>, LayoutError> {
    let object = object::File::parse(file).map_err(|e| LayoutError::NotALibrary(e.to_string()))?;
    let endian = if object.is_little_endian() {
        RunTimeEndian::Little
    } else {
        RunTimeEndian::Big
    };
    let address_size = if object.is_64() { 8 } else { 4 };
    let load = |id: gimli::SectionId| -> Result<EndianSlice<'_, RunTimeEndian>, LayoutError> {
        let Some(section) = object.section_by_name(id.name()) else {
            return Ok(EndianSlice::new(&[], endian));
        };
        let range = section.compressed_file_range().map_err(malformed)?;
        if range.format != object::CompressionFormat::None {
            return Err(LayoutError::Compressed);
        }
        let end = range.offset.saturating_add(range.uncompressed_size);
        let data = usize::try_from(range.offset)
            .ok()
            .zip(usize::try_from(end).ok())
            .and_then(|(start, end)| file.get(start..end))
            .ok_or_else(|| {
                LayoutError::Malformed("a section ends after the end of the file".to_owned())
            })?;
        Ok(EndianSlice::new(data, endian))
    };
    let dwarf = gimli::Dwarf::load(load)?;
    if dwarf.debug_info.reader().slice().is_empty() {
        return Err(LayoutError::NoDebugInfo);
    }
    Ok(Sections {
        dwarf,
        address_size,
    })
}

fn malformed(error: impl std::fmt::Display) -> LayoutError {
    LayoutError::Malformed(error.to_string())
}

/// Where an entry stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In this namespace (the first one is the root).
    Namespace(u32),
    /// In this entry: what a variant holds.
    Entry(u32),
    /// Somewhere whose path is not known.
    Unknown,
}

/// One type.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// Which unit it stands in.
    pub unit: u32,
    pub place: Place,
    pub tag: DwTag,
    pub name: &'a [u8],
    pub size: Option<u64>,
    pub align: u64,
    pub encoding: u8,
    /// What a pointer or array is of, what a function returns, an enumeration's number.
    pub target: Option<u64>,
    pub declaration: bool,
    pub first: u32,
    last: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PartKind {
    /// A field.
    Member,
    /// What the variant before it holds.
    Held,
    /// The number that tells the variants apart.
    Discriminant,
    /// A variant begins.
    Variant,
    /// A variant without fields.
    Enumerator,
    /// A type argument.
    Argument,
    /// A function's parameter.
    Parameter,
    /// An array's length.
    Length,
    /// Something that is not understood.
    Unknown,
}

/// What is written in a type's entry, in order.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub kind: PartKind,
    pub name: &'a [u8],
    pub target: u64,
    pub offset: u64,
    pub align: u64,
    pub value: Option<i128>,
    pub next: u32,
}

/// A namespace, with the one it stands in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Namespace<'a> {
    pub parent: u32,
    pub name: &'a [u8],
}

/// All types of a library, as they are written.
pub(super) struct Tables<'a> {
    /// In the order of their offsets.
    pub entries: Vec<Entry<'a>>,
    pub parts: Vec<Part<'a>>,
    pub namespaces: Vec<Namespace<'a>>,
    /// Instances of `Observer::new`: their symbols, and where the type of what they take is.
    pub makers: Vec<(&'a [u8], u64)>,
    /// Where each entry stands, by itself: quick to search.
    offsets: Vec<u64>,
    /// How many units were read.
    units: u32,
    /// Where each namespace is in the list.
    known: HashMap<Namespace<'a>, u32>,
}

impl<'a> Tables<'a> {
    fn new() -> Self {
        Self {
            entries: Vec::new(),
            parts: Vec::new(),
            namespaces: vec![Namespace {
                parent: 0,
                name: &[],
            }],
            makers: Vec::new(),
            offsets: Vec::new(),
            units: 0,
            known: HashMap::default(),
        }
    }

    fn namespace(&mut self, namespace: Namespace<'a>) -> Result<u32, LayoutError> {
        let next = index(self.namespaces.len())?;
        let place = *self.known.entry(namespace).or_insert(next);
        if place == next {
            self.namespaces.push(namespace);
        }
        Ok(place)
    }

    /// Takes over what was read of the units behind these.
    fn append(&mut self, other: Self) -> Result<(), LayoutError> {
        let Self {
            entries,
            parts,
            namespaces,
            makers,
            offsets,
            units,
            known: _,
        } = other;
        self.makers.extend(makers);
        // Each stands behind the one it is in; the root is the first of both.
        let mut moved = vec![0];
        for namespace in namespaces.into_iter().skip(1) {
            let parent = moved.get(namespace.parent as usize).copied();
            moved.push(self.namespace(Namespace {
                parent: parent.unwrap_or(0),
                ..namespace
            })?);
        }
        let (entry_base, part_base) = (index(self.entries.len())?, index(self.parts.len())?);
        index(self.entries.len() + entries.len())?;
        index(self.parts.len() + parts.len())?;
        let part = |at: u32| if at == NONE { NONE } else { at + part_base };
        self.entries.extend(entries.into_iter().map(|entry| Entry {
            unit: entry.unit + self.units,
            place: match entry.place {
                Place::Namespace(at) => match moved.get(at as usize) {
                    Some(at) => Place::Namespace(*at),
                    None => Place::Unknown,
                },
                Place::Entry(at) => Place::Entry(at + entry_base),
                Place::Unknown => Place::Unknown,
            },
            first: part(entry.first),
            last: part(entry.last),
            ..entry
        }));
        self.parts.extend(parts.into_iter().map(|each| Part {
            next: part(each.next),
            ..each
        }));
        self.offsets.extend(offsets);
        self.units = index((self.units + units) as usize)?;
        Ok(())
    }

    /// The entry at this offset.
    pub(super) fn at(&self, offset: u64) -> Option<usize> {
        self.offsets.binary_search(&offset).ok()
    }

    /// The parts of an entry, in order.
    pub(super) fn parts_of(&self, entry: &Entry<'a>) -> impl Iterator<Item = &Part<'a>> {
        let mut at = entry.first;
        std::iter::from_fn(move || {
            let part = self.parts.get(at as usize)?;
            at = part.next;
            Some(part)
        })
    }

    fn push(&mut self, owner: u32, part: Part<'a>) -> Result<u32, LayoutError> {
        let index = index(self.parts.len())?;
        let Some(entry) = self.entries.get_mut(owner as usize) else {
            return Ok(index);
        };
        let last = std::mem::replace(&mut entry.last, index);
        match self.parts.get_mut(last as usize) {
            Some(last) => last.next = index,
            None => entry.first = index,
        }
        self.parts.push(part);
        Ok(index)
    }
}

fn index(length: usize) -> Result<u32, LayoutError> {
    u32::try_from(length)
        .ok()
        .filter(|index| *index != NONE)
        .ok_or_else(|| LayoutError::Malformed("more entries than can be counted".to_owned()))
}

/// What the entries below belong to.
#[derive(Clone, Copy)]
enum Context {
    Namespace(u32),
    Entry(u32),
    Variants(u32),
    Variant(u32),
    /// In an instance of `Observer::new`.
    Maker,
    /// Code, and whatever else holds no types.
    Other,
}

/// The attributes of one entry that concern types.
struct Attributes<'a> {
    name: &'a [u8],
    symbol: &'a [u8],
    size: Option<u64>,
    align: u64,
    encoding: u8,
    target: Option<u64>,
    offset: u64,
    value: Option<i128>,
    declaration: bool,
    rust: bool,
    /// One of them has a form that is not understood.
    strange: bool,
}

type Slice<'a> = EndianSlice<'a, RunTimeEndian>;

type Unit<'a> = gimli::Unit<Slice<'a>>;

/// More threads than that wait for the memory.
const MOST_THREADS: usize = 4;

/// Reads all types.
///
/// # Errors
///
/// If the debug info breaks off, or is not what it should be.
pub(super) fn tables<'a>(sections: &Sections<'a>) -> Result<Tables<'a>, LayoutError> {
    let dwarf = &sections.dwarf;
    let mut headers = Vec::new();
    let mut all = dwarf.units();
    while let Some(header) = all.next().map_err(malformed)? {
        headers.push(header);
    }
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let mut shares = shares(&headers, threads.min(MOST_THREADS)).into_iter();
    let first = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = shares
            .map(|share| scope.spawn(move || tables_of(dwarf, share)))
            .collect();
        let mut tables = tables_of(dwarf, first)?;
        for other in others {
            let other = other.join().map_err(|_| malformed("reading it panicked"))?;
            tables.append(other?)?;
        }
        Ok(tables)
    })
}

/// Splits the units into runs of about the same length.
fn shares<'h, 'a>(
    headers: &'h [gimli::UnitHeader<Slice<'a>>],
    count: usize,
) -> Vec<&'h [gimli::UnitHeader<Slice<'a>>]> {
    let total: usize = headers.iter().map(|header| header.unit_length()).sum();
    let share = total / count.max(1) + 1;
    let mut shares = Vec::with_capacity(count);
    let (mut start, mut length) = (0, 0);
    for (at, header) in headers.iter().enumerate() {
        length += header.unit_length();
        if length >= share {
            shares.extend(headers.get(start..=at));
            (start, length) = (at + 1, 0);
        }
    }
    shares.extend(headers.get(start..).filter(|rest| !rest.is_empty()));
    shares
}

fn tables_of<'a>(
    dwarf: &gimli::Dwarf<Slice<'a>>,
    headers: &[gimli::UnitHeader<Slice<'a>>],
) -> Result<Tables<'a>, LayoutError> {
    let mut tables = Tables::new();
    for header in headers {
        let unit = dwarf.unit(*header).map_err(malformed)?;
        unit_of(dwarf, &unit, &mut tables)?;
        tables.units = index(tables.units as usize + 1)?;
    }
    Ok(tables)
}

fn unit_of<'a>(
    dwarf: &gimli::Dwarf<Slice<'a>>,
    unit: &Unit<'a>,
    tables: &mut Tables<'a>,
) -> Result<(), LayoutError> {
    let number = tables.units;
    let mut contexts: Vec<Context> = Vec::new();
    let mut raw = unit.entries_raw(None).map_err(malformed)?;
    while !raw.is_empty() {
        let depth = usize::try_from(raw.next_depth()).unwrap_or(0);
        let at = raw.next_offset();
        let Some(abbreviation) = raw.read_abbreviation().map_err(malformed)? else {
            continue;
        };
        contexts.truncate(depth);
        let above = contexts.last().copied();
        let tag = abbreviation.tag();
        if let Some(below) = maker(dwarf, unit, &mut raw, abbreviation, above, tables)? {
            contexts.resize(depth, Context::Other);
            contexts.push(below);
            continue;
        }
        if !concerns_types(tag, above) {
            raw.skip_attributes(abbreviation.attributes())
                .map_err(malformed)?;
            contexts.resize(depth, Context::Other);
            contexts.push(Context::Other);
            continue;
        }
        let found = Attributes::read(dwarf, unit, &mut raw, abbreviation)?;
        let offset = at
            .to_debug_info_offset(&unit.header)
            .map_or(NOWHERE, |offset| offset.0 as u64);
        let below = match tag {
            dw::DW_TAG_compile_unit if !found.rust => return Ok(()),
            dw::DW_TAG_compile_unit | dw::DW_TAG_partial_unit => Context::Namespace(0),
            dw::DW_TAG_namespace => match above {
                Some(Context::Namespace(parent)) => {
                    let namespace = Namespace {
                        parent,
                        name: found.name,
                    };
                    Context::Namespace(tables.namespace(namespace)?)
                }
                _ => Context::Other,
            },
            _ => match (part_kind(tag), above) {
                (
                    Some(kind),
                    Some(
                        Context::Entry(owner) | Context::Variants(owner) | Context::Variant(owner),
                    ),
                ) => {
                    let kind = match (kind, above) {
                        _ if found.strange => PartKind::Unknown,
                        (PartKind::Member, Some(Context::Variants(_))) => PartKind::Discriminant,
                        (PartKind::Member, Some(Context::Variant(_))) => PartKind::Held,
                        (kind, _) => kind,
                    };
                    tables.push(owner, found.part(kind))?;
                    match kind {
                        PartKind::Variant => Context::Variant(owner),
                        _ => Context::Other,
                    }
                }
                (Some(_), _) => Context::Other,
                (None, Some(Context::Entry(owner))) if tag == dw::DW_TAG_variant_part => {
                    Context::Variants(owner)
                }
                (None, _) if tag == dw::DW_TAG_variant_part => Context::Other,
                (None, _) => {
                    let place = match above {
                        Some(Context::Namespace(namespace)) => Place::Namespace(namespace),
                        Some(Context::Entry(owner)) => Place::Entry(owner),
                        _ => Place::Unknown,
                    };
                    let this = index(tables.entries.len())?;
                    tables.offsets.push(offset);
                    tables.entries.push(Entry {
                        unit: number,
                        place,
                        tag,
                        name: found.name,
                        size: found.size,
                        align: found.align,
                        encoding: found.encoding,
                        target: found.target,
                        declaration: found.declaration,
                        first: NONE,
                        last: NONE,
                    });
                    if found.strange {
                        tables.push(this, found.part(PartKind::Unknown))?;
                    }
                    Context::Entry(this)
                }
            },
        };
        contexts.resize(depth, Context::Other);
        contexts.push(below);
    }
    Ok(())
}

/// Takes down an instance of `Observer::new`, or what it takes; what is below it, if it was
/// one of them and is read.
fn maker<'a>(
    dwarf: &gimli::Dwarf<Slice<'a>>,
    unit: &Unit<'a>,
    raw: &mut gimli::EntriesRaw<'_, Slice<'a>>,
    abbreviation: &gimli::Abbreviation,
    above: Option<Context>,
    tables: &mut Tables<'a>,
) -> Result<Option<Context>, LayoutError> {
    let is_function = abbreviation.tag() == dw::DW_TAG_subprogram;
    let named = |specification: &gimli::AttributeSpecification| {
        specification.name() == dw::DW_AT_linkage_name
    };
    let is_argument = abbreviation.tag() == dw::DW_TAG_template_type_parameter
        && matches!(above, Some(Context::Maker));
    if !(is_argument || is_function && abbreviation.attributes().iter().any(named)) {
        return Ok(None);
    }
    let found = Attributes::read(dwarf, unit, raw, abbreviation)?;
    if is_function && super::makes_observers(&text(found.symbol)) {
        tables.makers.push((found.symbol, NOWHERE));
        return Ok(Some(Context::Maker));
    }
    // `new<E, B, M, I>(system: I)`.
    if is_argument
        && found.name == b"I"
        && let Some((_, takes)) = tables.makers.last_mut()
    {
        *takes = found.target.unwrap_or(NOWHERE);
    }
    Ok(Some(Context::Other))
}

/// Whether an entry is read. What stands below code is skipped, but for types.
fn concerns_types(tag: DwTag, above: Option<Context>) -> bool {
    match tag {
        dw::DW_TAG_compile_unit
        | dw::DW_TAG_partial_unit
        | dw::DW_TAG_namespace
        | dw::DW_TAG_structure_type
        | dw::DW_TAG_class_type
        | dw::DW_TAG_union_type
        | dw::DW_TAG_enumeration_type
        | dw::DW_TAG_base_type
        | dw::DW_TAG_pointer_type
        | dw::DW_TAG_array_type
        | dw::DW_TAG_subroutine_type
        | dw::DW_TAG_unspecified_type
        | dw::DW_TAG_typedef
        | dw::DW_TAG_const_type
        | dw::DW_TAG_volatile_type
        | dw::DW_TAG_atomic_type
        | dw::DW_TAG_reference_type => true,
        // Parts of types, and of code too.
        _ => {
            (part_kind(tag).is_some() || tag == dw::DW_TAG_variant_part)
                && matches!(
                    above,
                    Some(Context::Entry(_) | Context::Variants(_) | Context::Variant(_))
                )
        }
    }
}

fn part_kind(tag: DwTag) -> Option<PartKind> {
    Some(match tag {
        dw::DW_TAG_member => PartKind::Member,
        dw::DW_TAG_variant => PartKind::Variant,
        dw::DW_TAG_enumerator => PartKind::Enumerator,
        dw::DW_TAG_template_type_parameter => PartKind::Argument,
        dw::DW_TAG_formal_parameter => PartKind::Parameter,
        dw::DW_TAG_subrange_type => PartKind::Length,
        dw::DW_TAG_inheritance
        | dw::DW_TAG_template_value_parameter
        | dw::DW_TAG_unspecified_parameters => PartKind::Unknown,
        _ => return None,
    })
}

impl<'a> Attributes<'a> {
    /// Reads those of the entry that `raw` is at.
    fn read(
        dwarf: &gimli::Dwarf<Slice<'a>>,
        unit: &Unit<'a>,
        raw: &mut gimli::EntriesRaw<'_, Slice<'a>>,
        abbreviation: &gimli::Abbreviation,
    ) -> Result<Self, LayoutError> {
        let mut found = Self {
            name: &[],
            symbol: &[],
            size: None,
            align: 0,
            encoding: 0,
            target: None,
            offset: 0,
            value: None,
            declaration: false,
            rust: true,
            strange: false,
        };
        for specification in abbreviation.attributes() {
            let attribute = raw.read_attribute(*specification).map_err(malformed)?;
            found.take(dwarf, unit, attribute.name(), attribute.value())?;
        }
        Ok(found)
    }

    fn part(&self, kind: PartKind) -> Part<'a> {
        Part {
            kind,
            name: self.name,
            target: self.target.unwrap_or(NOWHERE),
            offset: self.offset,
            align: self.align,
            value: self.value,
            next: NONE,
        }
    }

    fn take(
        &mut self,
        dwarf: &gimli::Dwarf<Slice<'a>>,
        unit: &gimli::Unit<Slice<'a>>,
        name: gimli::DwAt,
        value: AttributeValue<Slice<'a>>,
    ) -> Result<(), LayoutError> {
        match name {
            dw::DW_AT_name => {
                self.name = dwarf.attr_string(unit, value).map_err(malformed)?.slice();
            }
            dw::DW_AT_linkage_name => {
                self.symbol = dwarf.attr_string(unit, value).map_err(malformed)?.slice();
            }
            dw::DW_AT_byte_size => match value.udata_value() {
                Some(size) => self.size = Some(size),
                None => self.strange = true,
            },
            dw::DW_AT_alignment => match value.udata_value() {
                Some(align) => self.align = align,
                None => self.strange = true,
            },
            dw::DW_AT_data_member_location => match value.udata_value() {
                Some(offset) => self.offset = offset,
                None => self.strange = true,
            },
            // A field of a part of a byte. Rust has none.
            dw::DW_AT_bit_size | dw::DW_AT_bit_offset | dw::DW_AT_data_bit_offset => {
                self.strange = true;
            }
            dw::DW_AT_type => {
                self.target = Some(match value {
                    AttributeValue::UnitRef(offset) => offset
                        .to_debug_info_offset(&unit.header)
                        .map_or(NOWHERE, |offset| offset.0 as u64),
                    AttributeValue::DebugInfoRef(offset) => offset.0 as u64,
                    _ => NOWHERE,
                });
            }
            dw::DW_AT_encoding => {
                if let AttributeValue::Encoding(encoding) = value {
                    self.encoding = encoding.0;
                }
            }
            dw::DW_AT_declaration => self.declaration = true,
            dw::DW_AT_language => {
                self.rust = matches!(value, AttributeValue::Language(language) if language == DwLang(dw::DW_LANG_Rust.0));
            }
            dw::DW_AT_discr_value | dw::DW_AT_const_value | dw::DW_AT_count => {
                match number(&value) {
                    Some(number) => self.value = Some(number),
                    None => self.strange = true,
                }
            }
            dw::DW_AT_discr_list | dw::DW_AT_upper_bound => self.strange = true,
            _ => {}
        }
        Ok(())
    }
}

/// A constant, whichever form it has.
fn number(value: &AttributeValue<Slice<'_>>) -> Option<i128> {
    match value {
        AttributeValue::Sdata(number) => Some(i128::from(*number)),
        AttributeValue::Data1(number) => Some(i128::from(*number)),
        AttributeValue::Data2(number) => Some(i128::from(*number)),
        AttributeValue::Data4(number) => Some(i128::from(*number)),
        AttributeValue::Data8(number) => Some(i128::from(*number)),
        AttributeValue::Udata(number) => Some(i128::from(*number)),
        // The same bits; the type says how they are meant.
        AttributeValue::Data16(number) => Some(*number as i128),
        AttributeValue::Block(bytes) if bytes.slice().len() <= 16 => {
            // Only compared, never shown as a number of its own.
            let mut all = [0; 16];
            for (to, from) in all.iter_mut().zip(bytes.slice()) {
                *to = *from;
            }
            Some(i128::from_le_bytes(all))
        }
        _ => None,
    }
}

/// A name as text.
pub(super) fn text(name: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(name)
}
