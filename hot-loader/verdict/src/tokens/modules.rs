//! From a set of files to the items of a crate, by the rules by which rustc finds the file
//! of a `mod name;`.
//!
//! Relies on the caller for the files' contents. Must never read a file itself, and must
//! never skip one that rustc would compile: a missing one is an error, unless a `cfg` may
//! have removed it.

use super::inner;
use super::split::{self, Kind, Piece};
use super::words::{self, Attr, Words, inside, string};
use super::{Error, Item, Source, SourceFile};
use hot_loader_compile::hash::Fnv;
use hot_loader_compile::paths::normal;
use proc_macro2::{LexError, Span, TokenStream, TokenTree};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The deepest that brackets are read, and modules in modules, each of which needs the
/// stack of two: what walks tokens recurses, and a stack that overflows ends the game.
const DEEPEST: usize = 200;

/// Where the modules that a piece of source declares are looked for.
#[derive(Clone)]
struct Place {
    module: String,
    file: usize,
    /// Where `mod name;` looks.
    directory: PathBuf,
    /// What `#[path]` is relative to.
    base: PathBuf,
    conditional: bool,
    depth: usize,
}

struct Loader<'a> {
    files: &'a [SourceFile],
    index: HashMap<PathBuf, usize>,
    source: Source,
    /// The files being read, outermost first.
    open: Vec<usize>,
}

/// All items of a crate.
pub(super) fn load(name: &str, root: &Path, files: &[SourceFile]) -> Result<Source, Error> {
    let paths = files.iter().map(|file| normal(&file.path));
    let index: HashMap<PathBuf, usize> = paths.zip(0..).collect();
    let Some(&file) = index.get(&normal(root)) else {
        return Err(Error::MissingRoot(root.to_path_buf()));
    };
    let mut loader = Loader {
        files,
        index,
        source: Source::default(),
        open: Vec::new(),
    };
    let name = name.replace('-', "_");
    let directory = parent(&files[file].path);
    let attributes = loader.file(Place {
        module: name.clone(),
        file,
        base: directory.clone(),
        directory,
        conditional: false,
        depth: 0,
    })?;
    let mut source = loader.source;
    source.name = name;
    source.attributes = attributes;
    source.files = files.to_vec();
    for file in &mut source.files {
        file.path = normal(&file.path);
    }
    for item in &mut source.items {
        let mut hash = Fnv::default();
        for attribute in &item.attributes {
            item.names.extend(words::names_in(&attribute.text));
            hash = hash.text(&attribute.name).text(&attribute.text);
        }
        item.hash = hash.text("").text(&item.head).finish();
    }
    Ok(source)
}

impl Loader<'_> {
    /// Reads a file's items; gives its inner attributes.
    fn file(&mut self, place: Place) -> Result<Vec<Attr>, Error> {
        let file = &self.files[place.file];
        if self.open.contains(&place.file) {
            return Err(Error::CircularModule(file.path.clone()));
        }
        let tokens = lexed(&file.path, &file.bytes, place.depth)?;
        self.open.push(place.file);
        self.source.read.insert(place.file);
        let attributes = self.module(&tokens, place)?;
        self.open.pop();
        Ok(attributes)
    }

    /// Reads a module's items; gives its inner attributes.
    fn module(&mut self, tokens: &[TokenTree], mut place: Place) -> Result<Vec<Attr>, Error> {
        let (inner, pieces) = split::pieces(tokens, false);
        let attributes = words::attributes(inner);
        place.conditional |= is_conditional(&attributes);
        for piece in &pieces {
            self.piece(piece, &place)?;
        }
        Ok(attributes)
    }

    fn piece(&mut self, piece: &Piece<'_>, place: &Place) -> Result<(), Error> {
        let Some(mut item) = item(piece, place, None) else {
            return Ok(());
        };
        let inside_it = Place {
            conditional: place.conditional || is_conditional(&item.attributes),
            depth: place.depth + 2,
            ..place.clone()
        };
        let at = self.source.items.len();
        let included = included(&item);
        if included.is_some() {
            // Its items follow, so that it hides none.
            item.kind = Kind::Other;
        }
        self.source.items.push(item);
        match (piece.kind, piece.rest) {
            (Kind::Impl | Kind::Trait, [TokenTree::Group(group)]) => {
                self.members(&inside(group), at, place);
            }
            (Kind::Mod, content) => self.declared(content, at, inside_it)?,
            _ => {
                if let Some(path) = included {
                    let file = parent(&self.files[place.file].path).join(&path);
                    self.follow(at, &path, inside_it, &[(file.clone(), parent(&file))])?;
                }
            }
        }
        Ok(())
    }

    /// Reads the members of the impl or trait at `at`.
    fn members(&mut self, tokens: &[TokenTree], at: usize, place: &Place) {
        let (inner, pieces) = split::pieces(tokens, true);
        let mut head = Words::default();
        head.add("{", false);
        for piece in &pieces {
            if let Some(member) = item(piece, place, Some(at)) {
                head.read(piece.attributes, false);
                head.read(piece.vis, false);
                head.read(piece.head, false);
                head.add(";", false);
                self.source.items.push(member);
            }
        }
        head.add("}", false);
        let item = &mut self.source.items[at];
        item.attributes.extend(words::attributes(inner));
        if item.kind == Kind::Trait {
            // What a trait demands is said by its members.
            item.head = format!("{} {}", item.head, head.text);
            item.names.append(&mut head.names);
            item.calls.append(&mut head.calls);
        }
    }

    /// Reads the module whose declaration is the item at `at`. `place` is where that stands.
    fn declared(
        &mut self,
        content: &[TokenTree],
        at: usize,
        mut place: Place,
    ) -> Result<(), Error> {
        let item = &self.source.items[at];
        let name = item.name.clone().unwrap_or_default();
        let (exact, possible) = path_attributes(&item.attributes);
        place.module = format!("{}::{name}", place.module);
        let own = place.directory.join(&name);
        if let [TokenTree::Group(group)] = content {
            // An inline module is a directory, of its own name or of its `#[path]`.
            place.directory = exact.map_or(own, |exact| place.base.join(exact));
            place.base = place.directory.clone();
            let inner = self.module(&inside(group), place)?;
            self.source.items[at].attributes.extend(inner);
            return Ok(());
        }
        let at_path = |path: &String| {
            let path = place.base.join(path);
            let directory = parent(&path);
            (path, directory)
        };
        let mut candidates: Vec<_> = match &exact {
            Some(exact) => vec![at_path(exact)],
            None => possible.iter().map(at_path).collect(),
        };
        if exact.is_none() {
            candidates.push((place.directory.join(format!("{name}.rs")), own.clone()));
            candidates.push((own.join("mod.rs"), own));
        }
        candidates.dedup();
        self.follow(at, &name, place, &candidates)
    }

    /// Reads the files that the item at `at` stands for. `candidates` are where they can be,
    /// each with the directory of its modules.
    fn follow(
        &mut self,
        at: usize,
        name: &str,
        place: Place,
        candidates: &[(PathBuf, PathBuf)],
    ) -> Result<(), Error> {
        let mut found = place.conditional;
        for (path, directory) in candidates {
            if let Some(&file) = self.index.get(&normal(path)) {
                found = true;
                let inner = self.file(Place {
                    file,
                    directory: directory.clone(),
                    base: parent(path),
                    ..place.clone()
                })?;
                self.source.items[at].attributes.extend(inner);
            }
        }
        if found {
            return Ok(());
        }
        Err(Error::MissingModule {
            file: self.files[place.file].path.clone(),
            line: self.source.items[at].to.0,
            module: name.to_owned(),
            tried: candidates.iter().map(|(path, _)| normal(path)).collect(),
        })
    }
}

/// What a piece of source says, but for its members; `None` if only tests see it.
fn item(piece: &Piece<'_>, place: &Place, parent: Option<usize>) -> Option<Item> {
    let mut head = Words::of(piece.head);
    let attributes = words::attributes(piece.attributes);
    // A game never runs in a test build.
    let is_test = |attribute: &Attr| matches!(attribute.text.as_str(), "test" | "cfg ( test )");
    if attributes.iter().any(is_test) {
        return None;
    }
    let has_body = matches!(piece.kind, Kind::Fn | Kind::Const | Kind::Static);
    let body = Words::of(if has_body { piece.rest } else { &[] });
    if piece.kind != Kind::Fn {
        head.names.extend(&body.names);
    }
    head.calls.extend(body.calls.iter().cloned());
    let mut uses = Vec::new();
    if piece.kind == Kind::Use {
        split::leaves(&piece.head[1..], &place.module, &[], &mut uses);
    }
    // Behind the last bound of a `where` a comma is formatting.
    let bounds = head.text.strip_suffix(" ,").unwrap_or(&head.text);
    let spans = [piece.whole.first(), piece.whole.last()];
    let [from, to] = spans.map(|token| token.map_or_else(Span::call_site, TokenTree::span));
    Some(Item {
        kind: piece.kind,
        module: place.module.clone(),
        name: piece.name.clone(),
        parent,
        attributes,
        head: bounds.to_owned(),
        hash: 0,
        body: (has_body && !piece.rest.is_empty()).then(|| body.hash()),
        declares: body.declares,
        inner: inner::items(if has_body { piece.rest } else { &[] }),
        calls: head.calls,
        vis: Words::of(piece.vis).text,
        names: head.names,
        body_names: body.names,
        uses,
        file: place.file,
        from: start(from),
        to: (to.end().line, to.end().column + 1),
    })
}

/// A Rust file's tokens, none of which is too deep. The file itself is at a `depth`.
fn lexed(path: &Path, bytes: &[u8], depth: usize) -> Result<Vec<TokenTree>, Error> {
    let path = || path.to_path_buf();
    let text = std::str::from_utf8(bytes).map_err(|_| Error::NotUtf8(path()))?;
    let tokens: TokenStream = without_shebang(text).parse().map_err(|error: LexError| {
        let (line, column) = start(error.span());
        Error::Parse {
            file: path(),
            line,
            column,
            message: error.to_string(),
        }
    })?;
    let mut open = vec![tokens.clone().into_iter()];
    while let Some(level) = open.last_mut() {
        match level.next() {
            None => _ = open.pop(),
            Some(token) if open.len() + depth > DEEPEST => {
                let (file, line) = (path(), start(token.span()).0);
                return Err(Error::Deep { file, line });
            }
            Some(TokenTree::Group(group)) => open.push(group.stream().into_iter()),
            Some(_) => {}
        }
    }
    Ok(tokens.into_iter().collect())
}

/// A Rust file's tokens as text, in one spelling.
pub(super) fn spelled(bytes: &[u8]) -> Result<String, Error> {
    let tokens = lexed(Path::new(""), bytes, 0)?;
    Ok(tokens.into_iter().collect::<TokenStream>().to_string())
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

/// The `#[path = "…"]` of a module, and those that a `cfg_attr` may give it.
fn path_attributes(attributes: &[Attr]) -> (Option<String>, Vec<String>) {
    let value = |text: &str| string(text.strip_prefix("path = ")?.trim_end_matches(" )"));
    let named = |name| attributes.iter().filter(move |it| it.name == name);
    let exact = named("path").find_map(|attribute| value(&attribute.text));
    let possible = named("cfg_attr").flat_map(|attribute| attribute.text.split(" , ").skip(1));
    (exact, possible.filter_map(value).collect())
}

/// The path in `include!("path")`.
fn included(item: &Item) -> Option<String> {
    let is_include = item.kind == Kind::MacroCall && item.name.as_deref() == Some("include");
    let (_, arguments) = item.head.split_once(" ! ").filter(|_| is_include)?;
    let arguments = arguments.get(2..arguments.len().checked_sub(2)?)?;
    string(arguments.strip_suffix(" ,").unwrap_or(arguments))
}

/// Whether an item may be compiled out.
fn is_conditional(attributes: &[Attr]) -> bool {
    let mut names = attributes.iter().map(|attribute| attribute.name.as_str());
    names.any(|name| matches!(name, "cfg" | "cfg_attr"))
}

/// As rustc counts: lines and columns from 1.
fn start(span: Span) -> (usize, usize) {
    (span.start().line, span.start().column + 1)
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map(Path::to_path_buf).unwrap_or_default()
}
