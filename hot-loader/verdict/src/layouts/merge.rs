//! From the entries of a library to what is known under each name: keeps what concerns the
//! crate and all that it reaches, names it, and holds entries of the same name against each
//! other. Must not let one entry stand for another that differs.

use std::sync::Arc;

use crate::HashMap;
use gimli::constants as dw;

use super::{
    Encoding, Field, Kind, LayoutError, Layouts, Node, Type, UNKNOWN_NAME, Variant,
    read::{Entry, NOWHERE, Namespace, Part, PartKind, Place, Tables, text},
    spelling::{self, Says, Spellings},
};

/// The name of what has none that is known.
const UNKNOWN: u32 = 0;
/// What the compiler writes for a function pointer inside of itself.
const RECURSIVE: &[u8] = b"<recur_type>";
/// How deep types without names of their own may nest (arrays of arrays).
const DEEPEST: u32 = 32;
/// How long their names may be, in bytes: a broken file must not make them grow without end.
const LONGEST: usize = 1 << 16;

/// A name, known by its position in a list.
type NameId = u32;

struct Name {
    spelled: Arc<str>,
    says: Says,
    inner: bool,
    concerned: bool,
    own: bool,
}

/// Where in the file a text begins, and its length.
type Written = (usize, usize);

/// What an entry says, with names instead of references.
struct Shape<'a> {
    tag: u16,
    size: Option<u64>,
    align: u64,
    encoding: u8,
    target: Option<NameId>,
    pieces: Vec<Piece<'a>>,
}

struct Piece<'a> {
    kind: PartKind,
    name: &'a [u8],
    target: Option<NameId>,
    offset: u64,
    align: u64,
    value: Option<i128>,
}

struct Merge<'t, 'a> {
    tables: &'t Tables<'a>,
    crate_name: &'t str,
    address_size: u64,
    spellings: &'t mut Spellings,
    /// Of each namespace, whether its path begins with the crate.
    in_crate: Vec<bool>,
    names: Vec<Name>,
    by_name: HashMap<Arc<str>, NameId>,
    /// Names of entries that have one, by the namespace and by where in the file the name is
    /// written: the linker writes each text once, and places are quicker to compare.
    written: HashMap<(u32, Written), NameId>,
    /// Of each entry, its name, once asked for.
    named: Vec<Option<NameId>>,
}

/// Merges the entries that concern the crate.
///
/// # Errors
///
/// If there is none.
pub(super) fn merge(
    tables: &Tables<'_>,
    crate_name: &str,
    address_size: u64,
    spellings: &mut Spellings,
) -> Result<Layouts, LayoutError> {
    let mut merge = Merge {
        tables,
        crate_name,
        address_size,
        spellings,
        in_crate: in_crate(&tables.namespaces, crate_name),
        names: Vec::new(),
        by_name: HashMap::default(),
        written: HashMap::default(),
        named: vec![None; tables.entries.len()],
    };
    merge.intern(UNKNOWN_NAME, Says::default(), true, false);
    let reached = merge.reached();
    let mut shapes: Vec<Vec<Shape<'_>>> = Vec::new();
    // Of each name, the unit in which it was found last, and whether one unit had it twice.
    let mut found: Vec<(u32, bool)> = Vec::new();
    let mut any = false;
    // Most entries say what is known: their pieces need no room of their own.
    let mut room = Vec::new();
    for (at, entry) in tables.entries.iter().enumerate() {
        if !reached.get(at).copied().unwrap_or(false) {
            continue;
        }
        any = true;
        let name = merge.name_of(at, 0);
        let shape = (name != UNKNOWN && !entry.declaration)
            .then(|| merge.shape(entry, std::mem::take(&mut room)));
        // Naming what it mentions may have made names too.
        if shapes.len() < merge.names.len() {
            shapes.resize_with(merge.names.len(), Vec::new);
        }
        found.resize(shapes.len(), (u32::MAX, false));
        let (Some(shape), Some(known), Some(found)) = (
            shape,
            shapes.get_mut(name as usize),
            found.get_mut(name as usize),
        ) else {
            continue;
        };
        // The compiler writes each type once in a unit. What has no name may be there twice.
        found.1 |= found.0 == entry.unit && !entry.name.is_empty();
        found.0 = entry.unit;
        if known.iter().any(|known| shape.is_covered_by(known)) {
            room = shape.pieces;
            room.clear();
        } else {
            known.retain(|known| !known.is_covered_by(&shape));
            known.push(shape);
        }
    }
    if !any {
        return Err(LayoutError::NoTypes(crate_name.to_owned()));
    }
    shapes.resize_with(merge.names.len(), Vec::new);
    found.resize(shapes.len(), (u32::MAX, false));
    Ok(merge.layouts(&shapes, &found))
}

fn in_crate(namespaces: &[Namespace<'_>], crate_name: &str) -> Vec<bool> {
    let mut all: Vec<bool> = Vec::with_capacity(namespaces.len());
    for (at, namespace) in namespaces.iter().enumerate() {
        // A namespace stands behind the one it is in.
        let is = at != 0
            && (all.get(namespace.parent as usize).copied().unwrap_or(false)
                || namespace.parent == 0 && namespace.name == crate_name.as_bytes());
        all.push(is);
    }
    all
}

impl<'a> Merge<'_, 'a> {
    /// Of each entry, whether it concerns the crate, or something that does mentions it.
    fn reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.tables.entries.len()];
        let mut open: Vec<usize> = Vec::new();
        let mut known: HashMap<Written, bool> = HashMap::default();
        let mut mentions = |name: &[u8]| {
            *known
                .entry(written(name))
                .or_insert_with(|| mentions(name, self.crate_name))
        };
        for (at, entry) in self.tables.entries.iter().enumerate() {
            let concerned = match entry.place {
                Place::Namespace(namespace) => {
                    self.in_crate
                        .get(namespace as usize)
                        .copied()
                        .unwrap_or(false)
                        || mentions(entry.name)
                }
                Place::Entry(_) => false,
                Place::Unknown => mentions(entry.name),
            };
            if concerned && let Some(reached) = reached.get_mut(at) {
                *reached = true;
                open.push(at);
            }
        }
        while let Some(entry) = open.pop().and_then(|at| self.tables.entries.get(at)) {
            let targets = entry
                .target
                .into_iter()
                .chain(self.tables.parts_of(entry).map(|part| part.target));
            for target in targets {
                if target != NOWHERE
                    && let Some(at) = self.tables.at(target)
                    && let Some(reached) = reached.get_mut(at)
                    && !std::mem::replace(reached, true)
                {
                    open.push(at);
                }
            }
        }
        reached
    }

    fn intern(
        &mut self,
        name: impl AsRef<str> + Into<Arc<str>>,
        says: Says,
        inner: bool,
        own: bool,
    ) -> NameId {
        if let Some(known) = self.by_name.get(name.as_ref()) {
            return *known;
        }
        let Ok(id) = NameId::try_from(self.names.len()) else {
            return UNKNOWN;
        };
        let spelled: Arc<str> = name.into();
        self.names.push(Name {
            spelled: spelled.clone(),
            says,
            inner,
            concerned: spelling::mentions_crate(&spelled, self.crate_name),
            own,
        });
        self.by_name.insert(spelled, id);
        id
    }

    fn name_at(&mut self, offset: u64, depth: u32) -> NameId {
        match self.tables.at(offset) {
            Some(at) if offset != NOWHERE => self.name_of(at, depth),
            _ => UNKNOWN,
        }
    }

    fn name_of(&mut self, at: usize, depth: u32) -> NameId {
        if let Some(Some(known)) = self.named.get(at) {
            return *known;
        }
        let Some(entry) = self.tables.entries.get(at) else {
            return UNKNOWN;
        };
        if depth > DEEPEST {
            return UNKNOWN;
        }
        let name = self.make_name(entry, depth + 1);
        if let Some(named) = self.named.get_mut(at) {
            *named = Some(name);
        }
        name
    }

    fn make_name(&mut self, entry: &Entry<'a>, depth: u32) -> NameId {
        match entry.place {
            Place::Entry(owner) => {
                let owner = self.name_of(owner as usize, depth);
                if owner == UNKNOWN {
                    return UNKNOWN;
                }
                let own = self.name(owner).is_some_and(|name| name.own);
                let name = format!("{}::{{variant {}}}", self.spelled(owner), text(entry.name));
                self.intern(name, Says::default(), true, own)
            }
            _ if entry.name == RECURSIVE => UNKNOWN,
            Place::Namespace(namespace) if !entry.name.is_empty() => {
                if let Some(known) = self.written.get(&(namespace, written(entry.name))) {
                    return *known;
                }
                let mut path = self.path(namespace);
                path.push_str(&text(entry.name));
                let own = self
                    .in_crate
                    .get(namespace as usize)
                    .copied()
                    .unwrap_or(false);
                let id = match self.spellings.canonical(&path) {
                    Some((name, says)) => self.intern(name, says, false, own),
                    // Kept as it is: nobody asks for it by that name, but it is compared.
                    None => {
                        let says = Says {
                            code: path.contains("dyn ") || path.contains("fn("),
                            environment: path.contains("_env#"),
                        };
                        self.intern(path, says, true, own)
                    }
                };
                self.written.insert((namespace, written(entry.name)), id);
                id
            }
            Place::Unknown if !entry.name.is_empty() => UNKNOWN,
            Place::Namespace(_) | Place::Unknown => self.without_name(entry, depth),
        }
    }

    /// Names what the debug info gives no name: arrays, parts of wide pointers, signatures.
    fn without_name(&mut self, entry: &Entry<'a>, depth: u32) -> NameId {
        let of = match entry.target {
            Some(target) => match self.name_at(target, depth) {
                UNKNOWN => return UNKNOWN,
                id => self.spelled(id),
            },
            None => "()".into(),
        };
        let name = match entry.tag {
            dw::DW_TAG_array_type => match self.length(entry) {
                Some(Some(length)) => format!("[{of}; {length}]"),
                Some(None) => format!("[{of}]"),
                None => return UNKNOWN,
            },
            dw::DW_TAG_pointer_type => format!("*{of}"),
            dw::DW_TAG_subroutine_type => {
                let tables = self.tables;
                let mut parameters = Vec::new();
                for part in tables.parts_of(entry) {
                    match self.name_at(part.target, depth) {
                        UNKNOWN => return UNKNOWN,
                        id => parameters.push(self.spelled(id).to_string()),
                    }
                }
                // Not a function pointer, which is the pointer to this.
                let name = format!("{{code of fn({}) -> {of}}}", parameters.join(", "));
                let says = Says {
                    code: true,
                    ..Says::default()
                };
                if name.len() > LONGEST {
                    return UNKNOWN;
                }
                return self.intern(name, says, true, false);
            }
            _ => return UNKNOWN,
        };
        if name.len() > LONGEST {
            return UNKNOWN;
        }
        match self.spellings.canonical(&name) {
            // A pointer without a name is not the type that Rust would spell so.
            Some((name, says)) => {
                self.intern(name, says, entry.tag == dw::DW_TAG_pointer_type, false)
            }
            None => self.intern(
                name,
                Says {
                    code: true,
                    environment: false,
                },
                true,
                false,
            ),
        }
    }

    /// An array's length; the inner option is none if it has none.
    fn length(&self, entry: &Entry<'a>) -> Option<Option<u64>> {
        let mut parts = self.tables.parts_of(entry);
        let part = parts.next()?;
        if part.kind != PartKind::Length || parts.next().is_some() {
            return None;
        }
        match part.value {
            // What has no fixed length has -1, or nothing.
            None | Some(-1) => Some(None),
            Some(length) => u64::try_from(length)
                .ok()
                .map(|length| (length != u64::MAX).then_some(length)),
        }
    }

    fn path(&self, mut namespace: u32) -> String {
        let mut segments = Vec::new();
        while namespace != 0 {
            let Some(found) = self.tables.namespaces.get(namespace as usize) else {
                break;
            };
            segments.push(text(found.name));
            namespace = found.parent;
        }
        let mut path = String::new();
        for segment in segments.iter().rev() {
            path.push_str(segment);
            path.push_str("::");
        }
        path
    }

    fn name(&self, id: NameId) -> Option<&Name> {
        self.names.get(id as usize)
    }

    fn spelled(&self, id: NameId) -> Arc<str> {
        match self.name(id) {
            Some(name) => name.spelled.clone(),
            None => UNKNOWN_NAME.into(),
        }
    }

    /// What an entry says; `pieces` is empty room for it.
    fn shape(&mut self, entry: &Entry<'a>, mut pieces: Vec<Piece<'a>>) -> Shape<'a> {
        let tables = self.tables;
        pieces.extend(tables.parts_of(entry).map(|part| self.piece(part)));
        Shape {
            tag: entry.tag.0,
            size: entry.size,
            align: entry.align,
            encoding: entry.encoding,
            target: entry.target.map(|target| self.name_at(target, 0)),
            pieces,
        }
    }

    fn piece(&mut self, part: &Part<'a>) -> Piece<'a> {
        let target = match part.kind {
            PartKind::Member
            | PartKind::Held
            | PartKind::Discriminant
            | PartKind::Argument
            | PartKind::Parameter => Some(self.name_at(part.target, 0)),
            // A length's type is the debug info's own.
            PartKind::Variant | PartKind::Enumerator | PartKind::Length | PartKind::Unknown => None,
        };
        Piece {
            kind: part.kind,
            name: part.name,
            target,
            offset: part.offset,
            align: part.align,
            value: part.value,
        }
    }

    fn layouts(&self, shapes: &[Vec<Shape<'a>>], found: &[(u32, bool)]) -> Layouts {
        let mut nodes: Vec<Node> = Vec::with_capacity(self.names.len());
        for ((name, shapes), (_, twice)) in self.names.iter().zip(shapes).zip(found) {
            let mut mentions: Vec<u32> = shapes.iter().flat_map(Shape::mentions).collect();
            mentions.sort_unstable();
            mentions.dedup();
            let doubt = shapes.is_empty()
                || shapes.iter().any(Shape::is_strange)
                || mentions.contains(&UNKNOWN);
            let mut types = shapes.iter().map(|shape| self.to_type(name, shape));
            nodes.push(Node {
                known: types.next().unwrap_or_else(|| Type {
                    name: name.spelled.clone(),
                    size: 0,
                    align: 0,
                    kind: Kind::Unknown,
                    arguments: Vec::new(),
                }),
                others: types.collect(),
                mentions,
                // Two versions of another crate may both have a type of this name, of which
                // nothing but what is written counts here.
                doubt: doubt || *twice && name.own,
                inner: name.inner,
                own: name.own,
                concerned: name.concerned,
                says: name.says,
            });
        }
        self.fill_variants(&mut nodes);
        self.fill_arrays(&mut nodes);
        Layouts {
            nodes,
            by_name: self.by_name.clone(),
            makers: HashMap::default(),
        }
    }

    fn to_type(&self, name: &Name, shape: &Shape<'a>) -> Type {
        let kind = self.kind(shape);
        let size = match (shape.size, &kind) {
            (Some(size), _) => size,
            (None, Kind::Pointer(_)) => self.address_size,
            (None, _) => 0,
        };
        let align = match (&kind, shape.align) {
            (Kind::Base(_) | Kind::Pointer(_), 0) => size.clamp(1, 16),
            (_, align) => align,
        };
        Type {
            name: name.spelled.clone(),
            size,
            align,
            kind,
            arguments: shape
                .of_kind(PartKind::Argument)
                .map(|piece| self.spelled(piece.target.unwrap_or(UNKNOWN)))
                .collect(),
        }
    }

    fn kind(&self, shape: &Shape<'a>) -> Kind {
        let target = || match shape.target {
            Some(target) => self.spelled(target),
            None => "()".into(),
        };
        match gimli::DwTag(shape.tag) {
            dw::DW_TAG_structure_type
                if shape.of_kind(PartKind::Variant).next().is_some()
                    || shape.of_kind(PartKind::Discriminant).next().is_some() =>
            {
                self.enumeration(shape)
            }
            dw::DW_TAG_structure_type => Kind::Struct(self.fields(shape)),
            dw::DW_TAG_union_type => Kind::Union(self.fields(shape)),
            dw::DW_TAG_enumeration_type => Kind::Enum {
                discriminant: shape.target.map(|number| Field {
                    name: String::new(),
                    offset: 0,
                    type_name: self.spelled(number),
                    align: 0,
                }),
                variants: shape
                    .of_kind(PartKind::Enumerator)
                    .map(|piece| Variant {
                        name: text(piece.name).into_owned(),
                        value: piece.value,
                        fields: Vec::new(),
                    })
                    .collect(),
            },
            dw::DW_TAG_base_type => Kind::Base(encoding(shape.encoding)),
            dw::DW_TAG_pointer_type => Kind::Pointer(target()),
            dw::DW_TAG_array_type => {
                let length = shape.of_kind(PartKind::Length).next();
                Kind::Array(
                    target(),
                    length
                        .and_then(|piece| piece.value)
                        .and_then(|length| u64::try_from(length).ok()),
                )
            }
            dw::DW_TAG_subroutine_type => Kind::Function(
                shape
                    .of_kind(PartKind::Parameter)
                    .map(|piece| self.spelled(piece.target.unwrap_or(UNKNOWN)))
                    .collect(),
                shape.target.map(|target| self.spelled(target)),
            ),
            _ => Kind::Unknown,
        }
    }

    fn field(&self, piece: &Piece<'a>) -> Field {
        Field {
            name: text(piece.name).into_owned(),
            offset: piece.offset,
            type_name: self.spelled(piece.target.unwrap_or(UNKNOWN)),
            align: piece.align,
        }
    }

    fn fields(&self, shape: &Shape<'a>) -> Vec<Field> {
        shape
            .of_kind(PartKind::Member)
            .map(|piece| self.field(piece))
            .collect()
    }

    /// An enum; what its variants hold stands elsewhere, see `fill_variants`.
    fn enumeration(&self, shape: &Shape<'a>) -> Kind {
        if shape.of_kind(PartKind::Member).next().is_some() {
            return Kind::Unknown;
        }
        let mut variants: Vec<Variant> = Vec::new();
        for piece in &shape.pieces {
            match piece.kind {
                PartKind::Variant => variants.push(Variant {
                    name: String::new(),
                    value: piece.value,
                    fields: Vec::new(),
                }),
                PartKind::Held => {
                    if let Some(variant) = variants.last_mut() {
                        variant.name = text(piece.name).into_owned();
                        variant.fields.push(self.field(piece));
                    }
                }
                _ => {}
            }
        }
        Kind::Enum {
            discriminant: shape
                .of_kind(PartKind::Discriminant)
                .next()
                .map(|piece| self.field(piece)),
            variants,
        }
    }

    /// Replaces what a variant holds, which has a type of its own in the debug info, by that
    /// type's fields. An enum is in doubt if what it holds is.
    fn fill_variants(&self, nodes: &mut [Node]) {
        for at in 0..nodes.len() {
            let Some(node) = nodes.get_mut(at) else {
                continue;
            };
            let mut types = vec![std::mem::replace(&mut node.known.kind, Kind::Unknown)];
            types.extend(
                node.others
                    .iter_mut()
                    .map(|other| std::mem::replace(&mut other.kind, Kind::Unknown)),
            );
            let mut doubt = false;
            for kind in &mut types {
                let Kind::Enum { variants, .. } = kind else {
                    continue;
                };
                for variant in variants {
                    let held = std::mem::take(&mut variant.fields);
                    for held in held {
                        match self.held(nodes, &held) {
                            Some(fields) => variant.fields.extend(fields),
                            None => doubt = true,
                        }
                    }
                }
            }
            let Some(node) = nodes.get_mut(at) else {
                continue;
            };
            node.doubt |= doubt;
            let mut types = types.into_iter();
            if let Some(kind) = types.next() {
                node.known.kind = kind;
            }
            for (other, kind) in node.others.iter_mut().zip(types) {
                other.kind = kind;
            }
        }
    }

    /// The fields of what a variant holds, counted from the start of the enum.
    fn held(&self, nodes: &[Node], held: &Field) -> Option<Vec<Field>> {
        let node = nodes.get(*self.by_name.get(&held.type_name)? as usize)?;
        let Kind::Struct(fields) = &node.known.kind else {
            return None;
        };
        if node.doubt || !node.others.is_empty() {
            return None;
        }
        fields
            .iter()
            .map(|field| {
                Some(Field {
                    offset: field.offset.checked_add(held.offset)?,
                    ..field.clone()
                })
            })
            .collect()
    }

    /// Sizes of arrays, which the debug info leaves to be worked out.
    fn fill_arrays(&self, nodes: &mut [Node]) {
        for at in 0..nodes.len() {
            let Some(node) = nodes.get(at) else {
                continue;
            };
            if !matches!(node.known.kind, Kind::Array(..)) || node.doubt {
                continue;
            }
            let measured = self.measure(nodes, &node.known, 0);
            let Some(node) = nodes.get_mut(at) else {
                continue;
            };
            match measured {
                Some((size, align)) => {
                    node.known.size = size;
                    node.known.align = align;
                }
                None => node.doubt = true,
            }
        }
    }

    /// Size and alignment, of an array from its elements.
    fn measure(&self, nodes: &[Node], known: &Type, depth: u32) -> Option<(u64, u64)> {
        let Kind::Array(of, length) = &known.kind else {
            return Some((known.size, known.align));
        };
        if depth > DEEPEST {
            return None;
        }
        let of = nodes.get(*self.by_name.get(of)? as usize)?;
        if of.doubt || !of.others.is_empty() {
            return None;
        }
        let (size, align) = self.measure(nodes, &of.known, depth + 1)?;
        Some((size.checked_mul(length.unwrap_or(0))?, align))
    }
}

impl<'a> Shape<'a> {
    fn of_kind(&self, kind: PartKind) -> impl Iterator<Item = &Piece<'a>> {
        self.pieces.iter().filter(move |piece| piece.kind == kind)
    }

    /// Whether another says all that this says, and perhaps more: the compiler writes some
    /// recursive types without saying what they are of.
    fn is_covered_by(&self, other: &Self) -> bool {
        let covers = |ours: Option<NameId>, theirs: Option<NameId>| {
            ours == theirs || ours == Some(UNKNOWN) && theirs.is_some()
        };
        covers(self.target, other.target)
            && self.tag == other.tag
            && self.size == other.size
            && self.align == other.align
            && self.encoding == other.encoding
            && self.pieces.len() == other.pieces.len()
            && self.pieces.iter().zip(&other.pieces).all(|(ours, theirs)| {
                covers(ours.target, theirs.target)
                    && ours.kind == theirs.kind
                    && same_text(ours.name, theirs.name)
                    && ours.offset == theirs.offset
                    && ours.align == theirs.align
                    && ours.value == theirs.value
            })
    }

    fn mentions(&self) -> impl Iterator<Item = NameId> {
        self.target
            .into_iter()
            .chain(self.pieces.iter().filter_map(|piece| piece.target))
    }

    /// Whether something in it is not understood.
    fn is_strange(&self) -> bool {
        let sized = match gimli::DwTag(self.tag) {
            dw::DW_TAG_structure_type
            | dw::DW_TAG_union_type
            | dw::DW_TAG_enumeration_type
            | dw::DW_TAG_base_type => self.size.is_some(),
            dw::DW_TAG_pointer_type | dw::DW_TAG_array_type | dw::DW_TAG_subroutine_type => true,
            _ => false,
        };
        let variants = self.of_kind(PartKind::Variant).next().is_some()
            || self.of_kind(PartKind::Discriminant).next().is_some();
        !sized
            || self.of_kind(PartKind::Unknown).next().is_some()
            || variants && self.of_kind(PartKind::Member).next().is_some()
            || self.of_kind(PartKind::Discriminant).nth(1).is_some()
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

fn mentions(name: &[u8], crate_name: &str) -> bool {
    name.len() > crate_name.len() + 2 && spelling::mentions_crate(&text(name), crate_name)
}

fn written(name: &[u8]) -> Written {
    (name.as_ptr().addr(), name.len())
}

/// Whether two texts are equal, which they mostly are by being the same one.
fn same_text(our: &[u8], their: &[u8]) -> bool {
    written(our) == written(their) || our == their
}
