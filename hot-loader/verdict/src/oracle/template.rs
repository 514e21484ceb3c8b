//! The small language that fragments are written in: Rust with places where it varies.
//!
//! `‹a¦b¦c›` is one of the alternatives. A mark behind `‹` says what changing it means:
//! `~` is harmless, `!` is a change of a contract that debug info does not show, none leaves
//! it to the compiler; `%` puts all alternatives in some order. They nest. `$T` is some type,
//! `$P` one that is a number, `@` the fragment's module, `§` its number. A line `//// name`
//! begins another file of the fragment. Must not know what the answers are used for.

/// Small numbers, the same for the same seed.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            random.next();
        }
        random
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 16
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub(super) fn shuffle<T>(&mut self, of: &mut [T]) {
        for at in (1..of.len()).rev() {
            of.swap(at, self.below(at + 1));
        }
    }
}

/// What changing a place means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    /// Nothing but code, names of new things, comments.
    Harmless,
    /// Something that types stand for and debug info does not show.
    Contract,
    /// Whatever the compiler says of it.
    Ask,
}

enum Node {
    Text(String),
    Type { id: usize, number: bool },
    Slot(Slot),
}

struct Slot {
    id: usize,
    mark: Mark,
    order: bool,
    alternatives: Vec<Vec<Node>>,
}

/// A fragment that varies.
pub(super) struct Template {
    nodes: Vec<Node>,
    /// How many places it has.
    pub(super) places: usize,
}

/// One place of those that a rendering shows.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) id: usize,
    pub(super) mark: Mark,
    /// How many values are worth trying.
    pub(super) values: u32,
}

/// A text, and the places that stand in it.
pub(super) struct Rendered {
    pub(super) text: String,
    pub(super) places: Vec<Place>,
}

impl Template {
    pub(super) fn parse(source: &str) -> Self {
        let mut places = 0;
        let mut chars = source.chars().peekable();
        let nodes = sequence(&mut chars, &mut places, 0);
        Self { nodes, places }
    }

    /// The text for these values, one for each place.
    pub(super) fn render(&self, values: &[u32], module: usize) -> Rendered {
        let mut rendered = Rendered {
            text: String::new(),
            places: Vec::new(),
        };
        render(&self.nodes, values, module, &mut rendered);
        rendered.text = rendered
            .text
            .replace('@', &format!("m{module}"))
            .replace('§', &module.to_string());
        rendered
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn sequence(chars: &mut Chars<'_>, places: &mut usize, depth: usize) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut text = String::new();
    while let Some(&char) = chars.peek() {
        if depth > 0 && matches!(char, '¦' | '›') {
            break;
        }
        chars.next();
        match char {
            '‹' => {
                nodes.push(Node::Text(std::mem::take(&mut text)));
                nodes.push(Node::Slot(slot(chars, places, depth)));
            }
            '$' if matches!(chars.peek(), Some('T' | 'P')) => {
                nodes.push(Node::Text(std::mem::take(&mut text)));
                let number = chars.next() == Some('P');
                nodes.push(Node::Type {
                    id: *places,
                    number,
                });
                *places += 1;
            }
            char => text.push(char),
        }
    }
    nodes.push(Node::Text(text));
    nodes
}

fn slot(chars: &mut Chars<'_>, places: &mut usize, depth: usize) -> Slot {
    let mut taken = |wanted: char| chars.next_if_eq(&wanted).is_some();
    let mark = match (taken('~'), taken('!')) {
        (true, _) => Mark::Harmless,
        (_, true) => Mark::Contract,
        _ => Mark::Ask,
    };
    let order = taken('%');
    let id = *places;
    *places += 1;
    let mut alternatives = vec![sequence(chars, places, depth + 1)];
    while chars.next() == Some('¦') {
        alternatives.push(sequence(chars, places, depth + 1));
    }
    Slot {
        id,
        mark,
        order,
        alternatives,
    }
}

fn render(nodes: &[Node], values: &[u32], module: usize, into: &mut Rendered) {
    for node in nodes {
        match node {
            Node::Text(text) => into.text.push_str(text),
            Node::Type { id, number } => {
                into.places.push(Place {
                    id: *id,
                    mark: Mark::Ask,
                    values: 997,
                });
                let mut random = Random::new(u64::from(values[*id]) + 1);
                let depth = if *number { 0 } else { 2 };
                into.text.push_str(&some_type(&mut random, depth, module));
            }
            Node::Slot(slot) => {
                let count = u32::try_from(slot.alternatives.len()).unwrap();
                let (mark, id) = (slot.mark, slot.id);
                let values_of = if slot.order { 24 } else { count };
                into.places.push(Place {
                    id,
                    mark,
                    values: values_of,
                });
                let value = values[id];
                if slot.order {
                    let mut order: Vec<_> = slot.alternatives.iter().collect();
                    Random::new(u64::from(value % 24)).shuffle(&mut order);
                    for alternative in order {
                        render(alternative, values, module, into);
                    }
                } else {
                    let at = usize::try_from(value % count).unwrap();
                    render(&slot.alternatives[at], values, module, into);
                }
            }
        }
    }
}

/// Types of numbers, which any text can be taken to.
pub(super) const NUMBERS: &[&str] = &[
    "u8", "i8", "u16", "i16", "u32", "i32", "f32", "u64", "i64", "f64", "usize", "u128",
];

fn some_type(random: &mut Random, depth: usize, module: usize) -> String {
    if depth == 0 || random.below(3) == 0 {
        return match random.below(8) {
            0 if depth > 0 => format!("crate::m{module}::Leaf"),
            1 if depth > 0 => "bool".to_owned(),
            2 if depth > 0 => "String".to_owned(),
            _ => (*random.pick(NUMBERS)).to_owned(),
        };
    }
    let inner = some_type(random, depth - 1, module);
    match random.below(14) {
        0 => format!("Vec<{inner}>"),
        1 => format!("Option<{inner}>"),
        2 => format!("Box<{inner}>"),
        3 => format!("({inner}, {})", some_type(random, depth - 1, module)),
        4 => format!("[{inner}; {}]", 1 + random.below(4)),
        5 => format!("[{inner}; crate::m{module}::LEN]"),
        6 => format!("&'static {inner}"),
        7 => format!("*const {inner}"),
        8 => format!("fn({inner}) -> {}", some_type(random, depth - 1, module)),
        9 => format!("std::marker::PhantomData<{inner}>"),
        10 => format!("std::rc::Rc<{inner}>"),
        11 => format!("std::cell::Cell<{inner}>"),
        12 => format!("Option<Box<{inner}>>"),
        _ => format!("Result<{inner}, crate::m{module}::Leaf>"),
    }
}
