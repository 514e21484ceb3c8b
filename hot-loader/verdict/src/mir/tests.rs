//! The reader against texts of the real rustc.

use super::*;
use hot_loader_compile::hash;
use std::collections::{BTreeMap, BTreeSet};
use std::{env, fs, process::Command};

/// Names an impl by its line, or not at all, and knows no modules.
struct Lines(bool);

impl Sources for Lines {
    fn written(&self, place: &Place) -> String {
        match self.0 {
            true => format!("line {}", place.from.0),
            false => "x".to_owned(),
        }
    }

    fn module(&self, _: &str) -> Option<&str> {
        None
    }

    fn is_module(&self, _: &str) -> bool {
        false
    }

    fn names(&self) -> u64 {
        0
    }
}

/// The items by their paths.
fn by_path(mir: &[Item]) -> BTreeMap<&str, Vec<&Item>> {
    let mut found: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in mir {
        found.entry(&item.path).or_default().push(item);
    }
    found
}

/// Compiles a crate, and reads its MIR; an impl is named by its line.
fn mir(name: &str, source: &str) -> Vec<Item> {
    let text = text(name, source);
    read(&text, &Lines(true), &mut Memory::default()).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn text(name: &str, source: &str) -> String {
    let folder = env::temp_dir().join(format!("hot-mir-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("lib.rs"), source).unwrap();
    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .current_dir(&folder)
        .args([
            "--edition=2024",
            "--crate-type=lib",
            "--crate-name=systems",
            "-Awarnings",
        ])
        .args(["--emit=mir=out.mir,metadata=out.rmeta", "lib.rs"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = fs::read_to_string(folder.join("out.mir")).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    text
}

const SOURCE: &str = r#"
pub mod ship {
    pub const SPEED: f32 = 520.0;
    pub static TABLE: [u8; 3] = [1, 2, 3];
    pub struct Ship { pub x: f32, pub name: String }
    pub trait Go { const N: usize; fn go(&self) -> f32; fn stop(&self) -> u8 { 1 } }
    impl Go for Ship { const N: usize = 3; fn go(&self) -> f32 { self.x * SPEED } }
    impl Drop for Ship { fn drop(&mut self) { println!("bye {}", self.name) } }
    impl Ship { pub fn far(&self) -> bool { helper(self.x) > 1.0 } }
    fn helper(x: f32) -> f32 { x + f32::from(TABLE[0]) }
    pub fn update(ship: &mut Ship) { let by = |x: f32| x + SPEED; ship.x = by(ship.x); ship.go(); }
    pub fn generic<T: Go>(of: &T) -> f32 { of.go() }
    pub fn pointer() -> fn(f32) -> f32 { helper }
    pub fn said() -> &'static str { "hello" }
    pub async fn later() { soon().await }
    async fn soon() {}
}
"#;

/// The paths of items that differ, or are in one only.
fn differing(edited: &str) -> Vec<String> {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);

    let read = |which: &str, source: &str| {
        read(
            &text(&format!("{which}{number}"), source),
            &Lines(false),
            &mut Memory::default(),
        )
        .unwrap()
    };
    let (old, new) = (read("old", SOURCE), read("new", edited));
    let content = |mir: &[Item]| -> BTreeMap<String, Vec<(String, Text)>> {
        let mut found: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for item in mir {
            let content = (item.signature.clone(), item.body.clone());
            found.entry(item.path.clone()).or_default().push(content);
        }
        found
    };
    let (old, new) = (content(&old), content(&new));
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differ = paths
        .into_iter()
        .filter(|path| old.get(*path) != new.get(*path));
    differ.cloned().collect()
}

fn edited(from: &str, to: &str) -> String {
    let edited = SOURCE.replacen(from, to, 1);
    assert_ne!(edited, SOURCE);
    edited
}

#[test]
fn what_only_moves_is_equal() {
    assert!(differing(&format!("// A comment.\n\n{SOURCE}")).is_empty());
    assert!(
        differing(&edited(
            "pub fn said",
            "/* A longer one. */ /// Docs\n    pub fn said"
        ))
        .is_empty()
    );
    // Other allocations come before these.
    let more = edited(
        "pub mod ship {",
        "pub fn first() -> String { format!(\"{}\", 1) }\npub mod ship {",
    );
    assert_eq!(differing(&more), ["first"]);
}

#[test]
fn an_edit_shows_where_it_is() {
    for (from, to, shows) in [
        ("520.0", "560.0", &["SPEED"][..]),
        // Who reads a static has its bytes.
        ("[1, 2, 3]", "[1, 2, 4]", &["TABLE", "helper"]),
        ("N: usize = 3", "N: usize = 4", &["ship::<impl x>::N"]),
        ("self.x * SPEED", "self.x", &["ship::<impl x>::go"]),
        ("bye {}", "by {}", &["ship::<impl x>::drop"]),
        ("\"hello\"", "\"hallo\"", &["said"]),
        ("|x: f32| x + SPEED", "|x: f32| x", &["update::{closure#0}"]),
        ("{ 1 }", "{ 2 }", &["Go::stop"]),
        (
            "soon().await",
            "soon().await; soon().await",
            &["later::{closure#0}"],
        ),
        (
            "of: &T) -> f32 { of.go() }",
            "of: &T) -> f32 { 1.0 }",
            &["generic"],
        ),
    ] {
        assert_eq!(differing(&edited(from, to)), shows, "{from} -> {to}");
    }
}

#[test]
fn closures_are_told_by_their_order() {
    let two = "{ let a = |x: f32| x; let b = |x: f32| x; run(a); run(b); } pub fn run(f: impl Fn(f32) -> f32) {}";
    let from = "pub fn said() -> &'static str { \"hello\" }";
    let one = edited(from, &format!("pub fn said() {two}"));
    let other = one.replace("run(a); run(b)", "run(b); run(a)");
    let [one, other] = [("one", &one), ("other", &other)].map(|(name, source)| {
        read(&text(name, source), &Lines(false), &mut Memory::default()).unwrap()
    });
    let body = |mir: &[Item]| by_path(mir)["said"][0].body.clone();
    assert_ne!(body(&one), body(&other));
}

#[test]
fn mentions_tell_calls_from_names() {
    let mir = mir("mentions", SOURCE);
    let items = by_path(&mir);
    let says = |path: &str, owner: Option<&str>, name: &str| -> Vec<bool> {
        let mentions = &items[path][0].mentions;
        let found = mentions.iter().filter(|mention| {
            mention.name == hash::name(name) && mention.owner.name == owner.map(hash::name)
        });
        found.map(|mention| mention.called).collect()
    };
    assert_eq!(says("ship::<impl line 9>::far", None, "helper"), [true]);
    assert_eq!(says("pointer", Some("ship"), "helper"), [false]);
    assert_eq!(says("update", Some("Ship"), "go"), [true]);
    assert_eq!(says("generic", Some("T"), "go"), [true]);
    assert_eq!(
        says("ship::<impl line 7>::go", Some("ship"), "SPEED"),
        [false]
    );
    assert_eq!(says("update", None, "helper"), [] as [bool; 0]);
    let go = items["ship::<impl line 7>::go"][0];
    assert_eq!(
        (go.place.as_ref().unwrap().from.0, go.name(), go.kind),
        (7, "go", Kind::Function)
    );
    assert_eq!(items["update::{closure#0}"][0].outer(), "update");
}

#[test]
fn what_is_not_understood_is_an_error() {
    for text in [
        "wonder ship::x {\n}\n",
        "fn a() -> () {\nbb0\n}\n",
        "}\n",
        "fn a {\n",
        "    x\n",
    ] {
        assert!(
            read(text, &Lines(false), &mut Memory::default()).is_err(),
            "{text}"
        );
    }
}

#[test]
fn a_name_that_is_printed_with_its_module_from_now_on_is_the_same() {
    let boxes = "pub fn boxed() -> Option<String> { None } pub fn rest(x: impl Into<String>) -> String { x.into() }";
    let before = edited("pub async fn later", &format!("{boxes} pub async fn later"));
    let more = "pub fn more() -> Box<u8> { Box::new(1) } ";
    let after = before.replace("pub async fn later", &format!("{more} pub async fn later"));
    let [before, after] = [("before", &before), ("after", &after)].map(|(name, source)| {
        read(&text(name, source), &Lines(true), &mut Memory::default()).unwrap()
    });
    for item in &before {
        let path = item.path.replace("line", "");
        let same = after
            .iter()
            .any(|other| other.path.replace("line", "") == path && other.body == item.body);
        assert!(same, "{path}");
    }
    // But two different modules are told apart.
    let [one, other, bare] = ["a::Thing::new()", "b::Thing::new()", "Thing::new()"].map(|line| {
        let mut reading = Reading::new(&Lines(false));
        reading.line(line);
        reading.end()
    });
    assert_ne!(one, other);
    assert!(one == bare && other == bare);
}

#[test]
fn allocations_are_told_by_who_refers_to_them() {
    let text = |first: u32, second: u32| {
        let block = |id: u32| match id == first {
            true => format!("alloc{id} (size: 1, align: 1) {{\n    41 │ A\n}}\n\n"),
            false => format!("alloc{id} (size: 1, align: 1) {{\n    42 │ B\n}}\n\n"),
        };
        // By their numbers, the largest first.
        let blocks = block(first.max(second)) + &block(first.min(second));
        format!(
            "fn f() -> () {{\n    bb0: {{\n        _1 = const {{alloc{first}: &u8}};\n        _2 = const {{alloc{second}: &u8}};\n    }}\n}}\n\n{blocks}"
        )
    };
    let body = |text: &str| {
        read(text, &Lines(false), &mut Memory::default()).unwrap()[0]
            .body
            .clone()
    };
    assert_eq!(body(&text(3, 7)), body(&text(7, 3)));
    let other = text(3, 7).replace("42 │ B", "43 │ C");
    assert_ne!(body(&text(3, 7)), body(&other));
    // A text is printed where it stands, and nothing names its bytes.
    let inline = |text: String| text.replace("const {alloc", "const {x");
    assert_eq!(
        body(&inline(text(3, 7)).replace("x3", "x").replace("x7", "x")),
        body(&inline(text(7, 3)).replace("x3", "x").replace("x7", "x"))
    );
}

/// Sources that say what they are told to.
struct Told {
    written: &'static str,
    module: Option<&'static str>,
}

impl Sources for Told {
    fn written(&self, _: &Place) -> String {
        self.written.to_owned()
    }

    fn module(&self, name: &str) -> Option<&str> {
        self.module.filter(|_| name == "helped")
    }

    fn is_module(&self, _: &str) -> bool {
        false
    }

    fn names(&self) -> u64 {
        self.module.map_or(0, |module| module.len() as u64)
    }
}

#[test]
fn what_was_read_before_is_read_as_it_would_be_now() {
    let item = |number: u32| {
        format!(
            "fn f{number}(_1: &A) -> () {{\n    bb0: {{\n        _2 = helped() -> bb{number};\n        _3 = <impl at a.rs:1:1: 2:2>::go(_1) -> bb0;\n    }}\n}}\n\n"
        )
    };
    let all: String = (0..4).map(item).collect();
    let of = |written, module| Told { written, module };
    let plain = of("Go for A", None);
    let fresh = |text: &str, sources: &Told| {
        let mir = read(text, sources, &mut Memory::default()).unwrap();
        format!("{:?}", mir)
    };
    let mut memory = Memory::default();
    let mut next = |text: &str, sources: &Told| {
        let mir = read(text, sources, &mut memory);
        assert_eq!(format!("{:?}", mir.unwrap()), fresh(text, sources));
    };
    next(&all, &plain);
    next(&all, &plain);
    // Another text; the same that means something else: by what is written at its place, by
    // the modules of names. Each is read otherwise.
    next(&all.replace("bb2;", "bb9;"), &plain);
    for other in [of("Go for B", None), of("Go for A", Some("far"))] {
        assert_ne!(fresh(&all, &plain), fresh(&all, &other));
        next(&all, &other);
        next(&all, &plain);
    }
    // What was read while half of it was written is no reason to forget the rest.
    next(&(item(0) + &item(1)), &plain);
    let broken = item(0) + "what is this\n";
    assert!(read(&broken, &plain, &mut memory).is_err());
    let known = memory.items.len() + memory.older.len();
    assert!(known >= 2, "{known}");
    assert!(read(&all, &plain, &mut memory).is_ok());
    assert_eq!(
        (memory.items.len(), fresh(&all, &plain).is_empty()),
        (4, false)
    );
}
