//! From a set of files to the tree of the module's Rust modules, by the rules by
//! which rustc finds the file of a `mod name;`.
//!
//! Relies on the caller for the files' contents. Must never read a file itself,
//! and must never skip one that rustc would compile: a missing one is an error,
//! unless a `cfg` may have removed it.

use super::SourceFile;
use super::attributes;
use super::depth;
use super::error::SurfaceError;
use super::syntax::{Leaf, leaves};
use hot_loader_compile::paths::normal;
use proc_macro2::{LexError, TokenStream};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Item, ItemMod, Lit, Meta};

/// One Rust module.
pub(super) struct Module {
    /// Its full path, such as `systems::ship`.
    pub(super) path: String,
    /// Index of its file among the given ones.
    pub(super) file: usize,
    /// Its inner attributes (`#![…]`), with the line of the first.
    pub(super) attributes: Vec<Attribute>,
    /// Its items. Those of inline modules are in modules of their own.
    pub(super) items: Vec<Item>,
}

impl Module {
    /// All that it imports.
    pub(super) fn imports(&self) -> impl Iterator<Item = Leaf> {
        self.items.iter().flat_map(|item| match item {
            Item::Use(item) => leaves(&item.tree),
            _ => Vec::new(),
        })
    }
}

/// All modules of the crate, and what was found on the way.
pub(super) struct Tree {
    pub(super) modules: Vec<Module>,
    /// Files that are some module's source.
    pub(super) reached: BTreeSet<usize>,
}

/// Where the modules that a piece of source declares are looked for.
#[derive(Clone)]
struct Place {
    path: String,
    file: usize,
    /// Where `mod name;` looks.
    directory: PathBuf,
    /// What `#[path]` is relative to.
    path_base: PathBuf,
    conditional: bool,
}

pub(super) fn load(
    crate_name: &str,
    root: &Path,
    files: &[SourceFile],
) -> Result<Tree, SurfaceError> {
    let index: HashMap<PathBuf, usize> = files
        .iter()
        .enumerate()
        .map(|(at, file)| (normal(&file.path), at))
        .collect();
    let Some(&root_file) = index.get(&normal(root)) else {
        return Err(SurfaceError::MissingRoot {
            root: root.to_path_buf(),
        });
    };
    let tree = Tree {
        modules: Vec::new(),
        reached: BTreeSet::new(),
    };
    let mut loader = Loader {
        files,
        index,
        tree,
        open: Vec::new(),
    };
    let directory = parent(&files[root_file].path);
    loader.file(Place {
        path: crate_name.replace('-', "_"),
        file: root_file,
        path_base: directory.clone(),
        directory,
        conditional: false,
    })?;
    Ok(loader.tree)
}

struct Loader<'a> {
    files: &'a [SourceFile],
    index: HashMap<PathBuf, usize>,
    tree: Tree,
    /// The files being read, outermost first.
    open: Vec<usize>,
}

impl Loader<'_> {
    fn file(&mut self, mut place: Place) -> Result<(), SurfaceError> {
        let file = &self.files[place.file];
        if self.open.contains(&place.file) {
            return Err(SurfaceError::CircularModule {
                file: file.path.clone(),
            });
        }
        let parsed = parse(file)?;
        self.open.push(place.file);
        self.tree.reached.insert(place.file);
        place.conditional |= attributes::is_conditional(&parsed.attrs);
        self.module(parsed.attrs, parsed.items, &place)?;
        self.open.pop();
        Ok(())
    }

    fn module(
        &mut self,
        attributes: Vec<Attribute>,
        items: Vec<Item>,
        place: &Place,
    ) -> Result<(), SurfaceError> {
        let at = self.tree.modules.len();
        self.tree.modules.push(Module {
            path: place.path.clone(),
            file: place.file,
            attributes,
            items: Vec::new(),
        });
        let mut kept = Vec::with_capacity(items.len());
        for mut item in items {
            if attributes::is_test_only(attributes_of(&item)) {
                continue;
            }
            if let Item::Mod(item) = &mut item {
                self.declared(item, place)?;
            }
            kept.push(item);
        }
        self.tree.modules[at].items = kept;
        Ok(())
    }

    fn declared(&mut self, item: &mut ItemMod, place: &Place) -> Result<(), SurfaceError> {
        let name = item.ident.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name).to_owned();
        let path = format!("{}::{name}", place.path);
        let (exact, possible) = path_attributes(&item.attrs);
        let conditional = place.conditional || attributes::is_conditional(&item.attrs);

        if let Some((_, items)) = &mut item.content {
            let items = std::mem::take(items);
            // An inline module is a directory, of its own name or of its `#[path]`.
            let directory = match &exact {
                Some(exact) => place.path_base.join(exact),
                None => place.directory.join(&name),
            };
            let inside = Place {
                path,
                file: place.file,
                path_base: directory.clone(),
                directory,
                conditional,
            };
            let (inner, outer) = std::mem::take(&mut item.attrs)
                .into_iter()
                .partition(|attribute| matches!(attribute.style, syn::AttrStyle::Inner(_)));
            item.attrs = outer;
            return self.module(inner, items, &inside);
        }

        let at_path = |path: &String| (place.path_base.join(path), None);
        let mut candidates: Vec<(PathBuf, Option<PathBuf>)> = match &exact {
            Some(exact) => vec![at_path(exact)],
            None => {
                let mut candidates: Vec<_> = possible.iter().map(at_path).collect();
                let own = place.directory.join(&name);
                candidates.push((
                    place.directory.join(format!("{name}.rs")),
                    Some(own.clone()),
                ));
                candidates.push((own.join("mod.rs"), None));
                candidates
            }
        };
        candidates.dedup();
        let mut found = false;
        for (candidate, directory) in &candidates {
            if let Some(&file) = self.index.get(&normal(candidate)) {
                found = true;
                let path_base = parent(candidate);
                let directory = directory.clone().unwrap_or_else(|| path_base.clone());
                let path = path.clone();
                self.file(Place {
                    path,
                    file,
                    directory,
                    path_base,
                    conditional,
                })?;
            }
        }
        let tried: Vec<PathBuf> = candidates.iter().map(|(path, _)| normal(path)).collect();
        if found || conditional {
            Ok(())
        } else {
            Err(SurfaceError::MissingModule {
                file: self.files[place.file].path.clone(),
                line: item.span().start().line,
                module: name,
                tried,
            })
        }
    }
}

/// A Rust file's items.
fn parse(file: &SourceFile) -> Result<syn::File, SurfaceError> {
    let unread = |error: syn::Error| {
        let start = error.span().start();
        SurfaceError::Parse {
            file: file.path.clone(),
            line: start.line,
            column: start.column + 1,
            message: error.to_string(),
        }
    };
    let text = without_shebang(text(file)?);
    let tokens: TokenStream = text
        .parse()
        .map_err(|error: LexError| unread(error.into()))?;
    if let Some(line) = depth::first_too_deep(tokens.clone()) {
        return Err(SurfaceError::Deep {
            file: file.path.clone(),
            line,
        });
    }
    syn::parse2(tokens).map_err(unread)
}

/// The Rust in a file that may begin with a byte order mark, and with a line for a shell.
fn without_shebang(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_attribute = |rest: &str| rest.trim_start().starts_with('[');
    match text.strip_prefix("#!") {
        Some(rest) if !is_attribute(rest) => text.find('\n').map_or("", |end| &text[end..]),
        _ => text,
    }
}

/// A Rust file's text.
pub(super) fn text(file: &SourceFile) -> Result<&str, SurfaceError> {
    std::str::from_utf8(&file.bytes).map_err(|_| SurfaceError::NotUtf8 {
        file: file.path.clone(),
    })
}

/// The `#[path = "…"]` of a module, and those that a `cfg_attr` may give it.
fn path_attributes(attributes: &[Attribute]) -> (Option<String>, Vec<String>) {
    let mut exact = None;
    let mut possible = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident("path") {
            exact = path_value(&attribute.meta);
        } else if attribute.path().is_ident("cfg_attr")
            && let Meta::List(list) = &attribute.meta
            && let Ok(metas) = list.parse_args_with(
                syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated,
            )
        {
            possible.extend(metas.iter().skip(1).filter_map(path_value));
        }
    }
    (exact, possible)
}

fn path_value(meta: &Meta) -> Option<String> {
    match meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(path) => Some(path.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// An item's outer attributes.
pub(super) fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
