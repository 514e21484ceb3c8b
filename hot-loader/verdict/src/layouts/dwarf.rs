//! The entries of a unit's debug info that concern types, as they stand there. Interprets
//! nothing: names, offsets and values as they are written, borrowed from the file. Must not
//! panic on any file, nor follow a reference.

use std::borrow::Cow;

use gimli::{
    AttributeValue, DwAt, DwAte, DwTag, DwarfFileType, EndianSlice, RunTimeEndian, Section as _,
    constants as dw,
};
use object::{CompressionFormat, Object as _, ObjectSection as _};

use super::{LayoutError, makes_observers};

/// The offset of what is missing, or cannot be followed.
const NOWHERE: u64 = u64::MAX;
type Slice<'a> = EndianSlice<'a, RunTimeEndian>;
type Dwarf<'a> = gimli::Dwarf<Slice<'a>>;

/// One entry: a unit, a namespace, a type, a part of a type, or a function that makes
/// observers, whose name is its symbol.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub tag: DwTag,
    pub is_type: bool,
    /// How many entries it is in.
    pub depth: usize,
    /// How far before it the entry it is in stands; 0 if that one was not read.
    up: usize,
    pub name: &'a [u8],
    pub size: Option<u64>,
    pub align: u64,
    pub encoding: DwAte,
    /// Where its type is: of a pointer or array what it is of, of a function what it returns.
    /// Of a variant part the type of the discriminant, of a variant what it holds: the one
    /// member of each is told with it.
    pub target: Option<u64>,
    pub member_offset: u64,
    /// A discriminant's value, or an array's length: a little-endian number. (An `i128` would
    /// make all entries larger, which are many.)
    pub value: Option<[u8; 16]>,
    pub declaration: bool,
    /// Something in it is not understood; a unit is not Rust's.
    pub strange: bool,
}

/// All that was read of a unit.
#[derive(Default)]
pub(super) struct Entries<'a> {
    /// In the order of their offsets; each behind the one it is in.
    pub all: Vec<Entry<'a>>,
    /// Where each is in the section, by itself: quick to search.
    offsets: Vec<u64>,
    pub address_size: u64,
    /// Ties a unit in a file of its own to the library.
    pub id: Option<u64>,
}

/// The debug info of a library, or of a file that holds that of one unit
/// (`-C split-debuginfo=unpacked`).
///
/// # Errors
///
/// If it is no object file, or has no debug info or compressed debug info.
pub(super) fn parse(file: &[u8]) -> Result<Dwarf<'_>, LayoutError> {
    let object = object::File::parse(file)?;
    let endian = match object.is_little_endian() {
        true => RunTimeEndian::Little,
        false => RunTimeEndian::Big,
    };
    let load = |name: Option<&str>| {
        let Some(section) = name.and_then(|name| object.section_by_name(name)) else {
            return Ok(EndianSlice::new(&[], endian));
        };
        let data = section.compressed_data();
        let data = data.map_err(|error| LayoutError::Malformed(error.to_string()))?;
        match data.format {
            CompressionFormat::None => Ok(EndianSlice::new(data.data, endian)),
            _ => Err(LayoutError::Compressed),
        }
    };
    let mut dwarf = Dwarf::load(|id| load(id.dwo_name()))?;
    dwarf.file_type = DwarfFileType::Dwo;
    if dwarf.debug_info.reader().is_empty() {
        dwarf = Dwarf::load(|id| load(Some(id.name())))?;
    }
    if dwarf.debug_info.reader().is_empty() {
        return Err(LayoutError::NoDebugInfo);
    }
    Ok(dwarf)
}

/// The ids of the units of a crate, in its library, that have files of their own.
///
/// # Errors
///
/// As of [`parse`], or if its debug info breaks off or is not what it should be.
pub(super) fn ids(file: &[u8], crate_name: &str) -> Result<Vec<u64>, LayoutError> {
    let (mut ids, dwarf) = (Vec::new(), parse(file)?);
    for header in dwarf.units() {
        let unit = dwarf.unit(header?)?;
        let (Some(id), Some(file)) = (unit.dwo_id, unit.dwo_name()?) else {
            continue;
        };
        // rustc names it after the crate. Others are in it that do not know of the module.
        let file = dwarf.attr_string(&unit, file)?;
        let file = text(file.slice()).into_owned();
        let name = file.rsplit(['/', '\\']).next().unwrap_or(&file);
        let of_crate = name.split('.').next().unwrap_or(name);
        ids.extend((of_crate == crate_name).then_some(id.0));
    }
    Ok(ids)
}

impl<'a> Entries<'a> {
    /// The position of the type that the entry at this position refers to.
    pub(super) fn target(&self, at: usize) -> Option<usize> {
        let target = self.offsets.binary_search(&self.all[at].target?).ok()?;
        self.all[target].is_type.then_some(target)
    }

    /// The position of the entry that the one at this position is in, if it was read.
    pub(super) fn parent(&self, at: usize) -> Option<usize> {
        let up = self.all[at].up;
        (up > 0).then(|| at - up)
    }

    /// What belongs to the entry at this position, and to no type in it; in order, with the
    /// positions.
    pub(super) fn parts(&self, at: usize) -> impl Iterator<Item = (usize, &Entry<'a>)> {
        let depth = self.all[at].depth;
        let below = self.all.iter().enumerate().skip(at + 1);
        let mut within = usize::MAX;
        below
            .take_while(move |(_, entry)| entry.depth > depth)
            .filter(move |(_, entry)| {
                let is_within = entry.depth > within;
                let is_apart = entry.is_type || entry.tag == dw::DW_TAG_subprogram;
                if !is_within {
                    within = if is_apart { entry.depth } else { usize::MAX };
                }
                !is_within && !is_apart
            })
    }
}

/// What stands in the unit of this header.
///
/// # Errors
///
/// If it breaks off, or is not what it should be.
pub(super) fn read_unit<'a>(
    dwarf: &Dwarf<'a>,
    header: gimli::UnitHeader<Slice<'a>>,
) -> Result<Entries<'a>, LayoutError> {
    let unit = dwarf.unit(header)?;
    let mut entries = Entries {
        address_size: unit.encoding().address_size.into(),
        id: unit.dwo_id.map(|id| id.0),
        ..Entries::default()
    };
    let Entries { all, offsets, .. } = &mut entries;
    let mut raw = unit.entries_raw(None)?;
    // Of each entry that the next one is in, its position, if it was read.
    let mut open: Vec<Option<usize>> = Vec::new();
    while !raw.is_empty() {
        let depth = usize::try_from(raw.next_depth()).unwrap_or(0);
        let offset = raw.next_offset().to_debug_info_offset(&unit.header);
        let Some(abbreviation) = raw.read_abbreviation()? else {
            continue;
        };
        open.resize(depth, None);
        let parent = open.last().copied().flatten();
        let above = parent.map(|at| all[at].tag);
        open.push(None);
        if !is_read(abbreviation, above) {
            raw.skip_attributes(abbreviation.attributes())?;
            continue;
        }
        let at = all.len();
        let mut entry = Entry {
            tag: abbreviation.tag(),
            is_type: is_type(abbreviation.tag()),
            depth,
            up: parent.map_or(0, |parent| at - parent),
            name: &[],
            size: None,
            align: 0,
            encoding: DwAte(0),
            target: None,
            member_offset: 0,
            value: None,
            declaration: false,
            strange: false,
        };
        for specification in abbreviation.attributes() {
            let attribute = raw.read_attribute(*specification)?;
            entry.take(dwarf, &unit, attribute.name(), attribute.value())?;
        }
        if matches!(
            entry.tag,
            dw::DW_TAG_member | dw::DW_TAG_template_type_parameter | dw::DW_TAG_formal_parameter
        ) {
            entry.target.get_or_insert(NOWHERE);
        }
        match (entry.tag, above) {
            (dw::DW_TAG_compile_unit, _) if entry.strange => break,
            (dw::DW_TAG_subprogram, _) if !makes_observers(&text(entry.name)) => continue,
            (dw::DW_TAG_member, Some(dw::DW_TAG_variant_part | dw::DW_TAG_variant)) => {
                if let Some(owner) = parent.map(|parent| &mut all[parent]) {
                    owner.hold(&entry);
                }
                continue;
            }
            _ => {}
        }
        all.push(entry);
        offsets.push(offset.map_or(NOWHERE, |offset| offset.0 as u64));
        open.pop();
        open.push(Some(at));
    }
    Ok(entries)
}

/// Whether an entry is read that stands in one with the tag `above`. What stands below code
/// is skipped, but for types.
fn is_read(abbreviation: &gimli::Abbreviation, above: Option<DwTag>) -> bool {
    match abbreviation.tag() {
        dw::DW_TAG_compile_unit | dw::DW_TAG_partial_unit | dw::DW_TAG_namespace => true,
        dw::DW_TAG_subprogram => {
            let mut attributes = abbreviation.attributes().iter();
            attributes.any(|it| it.name() == dw::DW_AT_linkage_name)
        }
        tag => {
            let of_type = |above| {
                is_type(above) || matches!(above, dw::DW_TAG_variant_part | dw::DW_TAG_variant)
            };
            let is_argument = tag == dw::DW_TAG_template_type_parameter;
            is_type(tag)
                || above.is_some_and(|it| of_type(it) || is_argument && it == dw::DW_TAG_subprogram)
        }
    }
}

/// Those that rustc writes. A reference to any other leads nowhere.
const fn is_type(tag: DwTag) -> bool {
    matches!(
        tag,
        dw::DW_TAG_structure_type
            | dw::DW_TAG_union_type
            | dw::DW_TAG_enumeration_type
            | dw::DW_TAG_base_type
            | dw::DW_TAG_pointer_type
            | dw::DW_TAG_array_type
            | dw::DW_TAG_subroutine_type
    )
}

impl<'a> Entry<'a> {
    pub(super) fn number(&self) -> Option<i128> {
        self.value.map(i128::from_le_bytes)
    }

    /// Takes in the one member of a variant, or of a variant part.
    fn hold(&mut self, member: &Self) {
        self.strange |= member.strange || self.target.is_some();
        self.name = member.name;
        self.target = member.target;
        self.member_offset = member.member_offset;
        self.align = member.align;
    }

    fn take(
        &mut self,
        dwarf: &Dwarf<'a>,
        unit: &gimli::Unit<Slice<'a>>,
        name: DwAt,
        value: AttributeValue<Slice<'a>>,
    ) -> Result<(), LayoutError> {
        match name {
            dw::DW_AT_name if self.tag != dw::DW_TAG_subprogram => {
                self.name = dwarf.attr_string(unit, value)?.slice();
            }
            dw::DW_AT_linkage_name => self.name = dwarf.attr_string(unit, value)?.slice(),
            dw::DW_AT_byte_size => self.size = self.understood(value.udata_value()),
            dw::DW_AT_alignment => {
                self.align = self.understood(value.udata_value()).unwrap_or(0);
            }
            dw::DW_AT_data_member_location => {
                self.member_offset = self.understood(value.udata_value()).unwrap_or(0);
            }
            // A length's type is the debug info's own.
            dw::DW_AT_type if self.tag != dw::DW_TAG_subrange_type => {
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
                    self.encoding = encoding;
                }
            }
            dw::DW_AT_declaration => self.declaration = true,
            dw::DW_AT_language => {
                self.strange = !matches!(value, AttributeValue::Language(dw::DW_LANG_Rust));
            }
            dw::DW_AT_discr_value | dw::DW_AT_const_value | dw::DW_AT_count => {
                self.value = self.understood(number(&value));
            }
            // Of a part of a byte, a range, a list: Rust has none.
            dw::DW_AT_bit_size
            | dw::DW_AT_bit_offset
            | dw::DW_AT_data_bit_offset
            | dw::DW_AT_discr_list
            | dw::DW_AT_upper_bound => self.strange = true,
            _ => {}
        }
        Ok(())
    }

    fn understood<T>(&mut self, value: Option<T>) -> Option<T> {
        self.strange |= value.is_none();
        value
    }
}

/// A constant, whichever form it has. Only compared, never shown as a number of its own.
fn number(value: &AttributeValue<Slice<'_>>) -> Option<[u8; 16]> {
    let number = match value {
        AttributeValue::Sdata(number) => i128::from(*number),
        // The same bits; the type says how they are meant.
        AttributeValue::Data16(number) => *number as i128,
        AttributeValue::Block(bytes) => {
            let mut all = [0; 16];
            all.get_mut(..bytes.len())?.copy_from_slice(bytes.slice());
            return Some(all);
        }
        value => i128::from(value.udata_value()?),
    };
    Some(number.to_le_bytes())
}

/// A name as text.
pub(super) fn text(name: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(name)
}
