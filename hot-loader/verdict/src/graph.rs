//! Who refers to whom in a crate: the mentions of its MIR, joined with its items.
//!
//! Joins too many rather than too few, since a mention names a path as it is printed and
//! not the one item that it means. Pure.

use crate::{
    HashMap,
    header::Header,
    mir::{Item, Kind, Mention, Place, last_segment},
    tokens::{self, Source},
};
use hot_loader_compile::hash::{Name, name};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;

/// Where an item of the MIR stands.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// The trait and the type of the impl that it is a member of, or of the trait.
    pub header: Header,
    /// The item of the sources where that impl is written, or is made.
    pub at: Option<usize>,
    /// It is a member of a trait: its default.
    pub in_trait: bool,
}

impl Home {
    /// The module of that impl; empty where none is known.
    pub fn module<'a>(&self, source: &'a Source) -> &'a str {
        self.at.map_or("", |at| &source.items[at].module)
    }
}

/// A crate's items and what joins them.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Those of its MIR.
    pub items: Vec<Item>,
    /// Where each stands.
    pub homes: Vec<Home>,
    /// The type of the impl that each is a member of, if it is certain.
    pub owners: Vec<Option<Name>>,
    /// By the last segment.
    by_name: HashMap<Name, Vec<usize>>,
    /// Closures, promoted values and the like of each that is whole.
    parts: Vec<Vec<usize>>,
    /// The names of the crate's types.
    types: HashSet<Name>,
    /// The names of type parameters.
    parameters: HashSet<Name>,
    /// Functions that the engine makes systems of.
    systems: HashSet<usize>,
}

impl Graph {
    /// Joins the items of the MIR that was made of `source`.
    pub fn of(items: Vec<Item>, source: &Source) -> Self {
        let named = |kind| source.named(kind).map(|(name, _)| name);
        let traits: HashSet<&str> = named(tokens::Kind::Trait).collect();
        let mut known: HashMap<&Place, Home> = HashMap::default();
        let homes = items.iter().map(|item| match &item.place {
            Some(place) => {
                let home = known.entry(place).or_insert_with(|| placed(place, source));
                home.clone()
            }
            None => unplaced(item, &traits),
        });
        let homes: Vec<Home> = homes.collect();
        let types: HashSet<Name> = named(tokens::Kind::Type).map(name).collect();
        let others = other_names(source);
        // An alias, a parameter, what a macro makes: it may be any.
        let owners = homes.iter().map(|home| {
            let owner = home.header.owner.as_deref().map(name);
            owner.filter(|owner| types.contains(owner) && !others.contains(owner))
        });
        let owners = owners.collect();
        let mut by_name: HashMap<Name, Vec<usize>> = HashMap::default();
        let mut whole: HashMap<(&str, Option<&Place>), usize> = HashMap::default();
        let is_whole = |item: &Item| item.outer().len() == item.path.len();
        let (wholes, rest): (Vec<usize>, Vec<usize>) =
            (0..items.len()).partition(|at| is_whole(&items[*at]));
        for at in wholes {
            let item = &items[at];
            by_name.entry(name(item.name())).or_default().push(at);
            whole.insert((&item.path, item.place.as_ref()), at);
        }
        let mut parts = vec![Vec::new(); items.len()];
        for at in rest {
            let item = &items[at];
            if let Some(of) = whole.get(&(item.outer(), item.place.as_ref())) {
                parts[*of].push(at);
            }
        }
        let mut graph = Self {
            owners,
            homes,
            items,
            by_name,
            parts,
            types,
            parameters: source.items.iter().flat_map(parameters).collect(),
            systems: HashSet::new(),
        };
        let made = |mention: &Mention, at: usize| {
            let is_function = graph.items[at].kind == Kind::Function;
            mention.system && !mention.called && is_function
        };
        let all = 0..graph.items.len();
        graph.systems = all.flat_map(|at| graph.mentioned(at, made)).collect();
        graph
    }

    /// The items that `of` refers to, its own closures among them.
    pub fn next(&self, of: usize, wanted: impl Fn(&Mention, usize) -> bool) -> BTreeSet<usize> {
        let mentioned = self.mentioned(of, wanted);
        mentioned.chain(self.parts[of].iter().copied()).collect()
    }

    /// What may run if the item `of` does: not what is only made a system there.
    pub fn run_by(&self, of: usize) -> BTreeSet<usize> {
        self.next(of, |mention, at| {
            mention.called || !self.systems.contains(&at)
        })
    }

    fn mentioned(
        &self,
        of: usize,
        wanted: impl Fn(&Mention, usize) -> bool,
    ) -> impl Iterator<Item = usize> {
        // What stands before `::` is no function and no value.
        let mentions = self.items[of].mentions.iter();
        let mentions = mentions.filter(|mention| !mention.within);
        let all = mentions.flat_map(|mention| {
            let named = self.by_name.get(&mention.name).into_iter().flatten();
            named.map(move |at| (mention, *at))
        });
        all.filter(move |(mention, at)| wanted(mention, *at) && self.may_mean(mention, *at))
            .map(|(_, at)| at)
    }

    fn may_mean(&self, mention: &Mention, at: usize) -> bool {
        let Some(owner) = mention.owner.name else {
            return true;
        };
        let home = &self.homes[at];
        let is_type = !mention.owner.is_open && !self.parameters.contains(&owner);
        match self.owners[at] {
            Some(of) => !is_type || owner == of,
            None if home.in_trait || home.at.is_some() => true,
            // A free function or constant, in a module.
            None => !self.types.contains(&owner),
        }
    }

    /// What the compiler evaluates for a constant, or a function's constants. Those of a
    /// type that is not known there are left out.
    pub fn values_of(&self, at: usize) -> BTreeSet<usize> {
        let is_value = |at: usize| self.items[at].kind == Kind::Value;
        let next = |at: usize| {
            self.next(at, |mention, next| {
                let owner = self.owners[next];
                let is_certain = owner.is_none() || owner == mention.owner.name;
                is_certain && (is_value(next) || is_value(at) && mention.called)
            })
        };
        reach([at], next)
    }
}

/// These, and all that `next` leads to from them.
pub fn reach<N: IntoIterator<Item = usize>>(
    from: impl IntoIterator<Item = usize>,
    next: impl Fn(usize) -> N,
) -> BTreeSet<usize> {
    let mut found: BTreeSet<usize> = from.into_iter().collect();
    let mut open: Vec<usize> = found.iter().copied().collect();
    while let Some(at) = open.pop() {
        open.extend(next(at).into_iter().filter(|next| found.insert(*next)));
    }
    found
}

/// `Go::stop`: a default of a trait; or a free function.
fn unplaced(item: &Item, traits: &HashSet<&str>) -> Home {
    let owner = item.outer().rsplit("::").nth(1);
    let of_trait = owner.filter(|owner| traits.contains(owner));
    Home {
        in_trait: of_trait.is_some(),
        header: Header {
            of_trait: of_trait.map(str::to_owned),
            owner: None,
        },
        at: None,
    }
}

/// A member of an impl that is written here, or made here by a derive or another macro.
fn placed(place: &Place, source: &Source) -> Home {
    let file = Path::new(&place.file);
    let at = source.at(file, place.from.0, place.from.1);
    let text = source.text(file, place.from, place.to).unwrap_or_default();
    let within = at.map(|at| &source.items[at]);
    let derived = within.filter(|item| item.kind == tokens::Kind::Type);
    let header = Header::of(text).unwrap_or_else(|| Header {
        of_trait: Some(match derived {
            Some(_) => text.split_whitespace().collect(),
            None => last_segment(text).to_owned(),
        }),
        owner: derived.and_then(|item| item.name.clone()),
    });
    Home {
        header,
        at,
        in_trait: false,
    }
}

/// The type parameters that an item declares; of a macro all that look like some.
fn parameters(item: &tokens::Item) -> Vec<Name> {
    let words: Vec<&str> = item.head.split(' ').collect();
    let is_macro = matches!(
        item.kind,
        tokens::Kind::MacroRules | tokens::Kind::MacroCall
    );
    let mut depth = 0usize;
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let after = at.checked_sub(1).map(|at| words[at]);
        match *word {
            "<" => depth += 1,
            ">" | ">>" => depth = depth.saturating_sub(word.len()),
            // Those of an item stand before all else.
            "(" | "{" | "for" | "=" | "where" if depth == 0 && !is_macro => break,
            word if is_macro || depth == 1 && matches!(after, Some("<" | ",")) => {
                found.push(name(word));
            }
            _ => {}
        }
        // `impl < T > Go < T > for …`: the second is none.
        if depth == 0 && *word == ">" && !is_macro {
            break;
        }
    }
    found
}

/// Names that the crate gives to what has another one, and those of type parameters.
pub fn other_names(source: &Source) -> HashSet<Name> {
    let renames = source.items.iter().flat_map(|item| &item.uses);
    let renames = renames.filter(|(bound, path)| last_segment(path) != bound);
    let aliases = source.named(tokens::Kind::Alias);
    renames
        .map(|(bound, _)| name(bound))
        .chain(aliases.map(|(alias, _)| name(alias)))
        .chain(source.items.iter().flat_map(parameters))
        .collect()
}
