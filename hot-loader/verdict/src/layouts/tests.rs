//! Small crates, compiled by the real rustc, before and after an edit. Writes to a temporary
//! folder only.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use super::*;

impl Differences {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty() && self.environments.is_empty()
    }
}

impl Layouts {
    /// The types of the crate and those that mention it, in no particular order; not those
    /// that are in doubt.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        self.nodes
            .values()
            .filter(|node| node.concerned && !node.inner)
            .filter_map(Node::sure)
    }
}

const CRATE: &str = "systems";
const DYLIB: &[&str] = &["--crate-type", "cdylib", "-Cprefer-dynamic"];

/// A folder that goes when the test does.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = std::env::temp_dir().join(format!(
            "layouts-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        ));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Compiles a crate and gives the file.
fn compile_in(folder: &Folder, source: &str, options: &[&str]) -> PathBuf {
    let (from, to) = (folder.0.join("lib.rs"), folder.0.join(CRATE));
    fs::write(&from, source).unwrap();
    let output = Command::new("rustc")
        .args(["--edition=2024", "--crate-name", CRATE, "-Awarnings"])
        .args(["-Cmetadata=same"])
        .args(options)
        .arg(&from)
        .arg("-o")
        .arg(&to)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{source}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    to
}

fn compile(source: &str, options: &[&str]) -> Vec<u8> {
    let folder = Folder::new();
    fs::read(compile_in(&folder, source, options)).unwrap()
}

fn with<'a>(options: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["-Cdebuginfo=2"];
    all.extend_from_slice(DYLIB);
    all.extend_from_slice(options);
    all
}

fn layouts(source: &str) -> Layouts {
    Layouts::read(
        &compile(source, &with(&[])),
        CRATE,
        &mut Spellings::default(),
    )
    .unwrap()
}

/// Every way of compiling that the cases are tried with.
const WAYS: &[&[&str]] = &[
    &["-Copt-level=0"],
    &["-Copt-level=1"],
    &["-Copt-level=0", "-Ccodegen-units=16", "-Clto=off"],
    &["-Copt-level=1", "-Ccodegen-units=1"],
    #[cfg(target_os = "linux")]
    &["-Ccodegen-units=64", "-Csplit-debuginfo=unpacked"],
    #[cfg(target_os = "linux")]
    &["-Csplit-debuginfo=unpacked", "-Cdwarf-version=5"],
];

/// The library of a folder, with the files that hold debug info of it.
fn read_in(folder: &Folder, library: &std::path::Path) -> Layouts {
    let library = fs::read(library).unwrap();
    let mut spellings = Spellings::default();
    let units = units_in(folder, &mut spellings);
    if units.is_empty() {
        return Layouts::read(&library, CRATE, &mut spellings).unwrap();
    }
    Unit::are_all_of(&library, &units, CRATE).unwrap();
    Layouts::of(&units, CRATE).unwrap()
}

fn units_in(folder: &Folder, spellings: &mut Spellings) -> Vec<Unit> {
    let files = fs::read_dir(&folder.0).unwrap().flatten();
    let files = files.map(|file| file.path());
    let split = files.filter(|file| file.extension().is_some_and(|it| it == "dwo"));
    split
        .flat_map(|file| Unit::read(&fs::read(file).unwrap(), CRATE, spellings).unwrap())
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_unit_that_is_missing_or_of_another_build_is_told() {
    let folder = Folder::new();
    let split = ["-Ccodegen-units=8", "-Csplit-debuginfo=unpacked"];
    let source = crate_of(CASES, |case| case.before);
    let library = fs::read(compile_in(&folder, &source, &with(&split))).unwrap();
    let mut spellings = Spellings::default();
    let mut units = units_in(&folder, &mut spellings);
    assert!(units.len() > 1, "{}", units.len());
    Unit::are_all_of(&library, &units, CRATE).unwrap();
    // Of other crates nothing is asked.
    Unit::are_all_of(&library, &[], "other").unwrap();
    // The library by itself says nothing of types.
    assert!(matches!(
        Layouts::read(&library, CRATE, &mut spellings),
        Err(LayoutError::NoTypes(_))
    ));
    let one = units.pop().unwrap();
    assert!(matches!(
        Unit::are_all_of(&library, &units, CRATE),
        Err(LayoutError::Missing(_))
    ));
    // The same units, read again, say the same; another build's are not this one's.
    units.push(one);
    let again = units_in(&folder, &mut spellings);
    let twins = |unit: &Unit| again.iter().filter(|other| unit.says_what(other)).count();
    assert!(units.iter().all(|unit| twins(unit) > 0));
    let other = Folder::new();
    let source = crate_of(CASES, |case| case.after);
    compile_in(&other, &source, &with(&split));
    let others = units_in(&other, &mut spellings);
    assert!(Unit::are_all_of(&library, &others, CRATE).is_err());
    assert!(
        units
            .iter()
            .any(|unit| !others.iter().any(|it| it.says_what(unit)))
    );
}

/// An edit of a module, and what is to be said of types in it.
struct Case {
    module: &'static str,
    before: &'static str,
    after: &'static str,
    /// Types (`@` stands for the module's path), and whether they are unchanged.
    types: &'static [(&'static str, bool)],
}

fn crate_of(cases: &[Case], which: fn(&Case) -> &'static str) -> String {
    let mut source = "#![allow(unused)]\n".to_owned();
    for (number, case) in cases.iter().enumerate() {
        source.push_str(&format!("pub mod {} {{ {} }}\n", case.module, which(case)));
        for (of, (name, _)) in case.types.iter().enumerate() {
            source.push_str(&format!(
                "#[unsafe(no_mangle)] pub fn keep_{number}_{of}(x: &{}) {{ std::hint::black_box(x); }}\n",
                name.replace('@', &format!("crate::{}", case.module))
                    .replace("alloc::", "std::")
                    .replace("collections::hash::map", "collections")
            ));
        }
    }
    source
}

const CASES: &[Case] = &[
    Case {
        module: "field_added",
        before: "pub struct A { pub a: u32 }",
        after: "pub struct A { pub a: u32, pub b: u32 }",
        types: &[("@::A", false), ("alloc::vec::Vec<@::A>", false)],
    },
    Case {
        module: "field_removed",
        before: "pub struct A { pub a: u32, pub b: u8 }",
        after: "pub struct A { pub a: u32 }",
        types: &[("@::A", false)],
    },
    Case {
        module: "empty_field_added",
        before: "pub struct A { pub a: u32 }",
        after: "pub struct A { pub a: u32, pub b: () }",
        types: &[("@::A", false)],
    },
    Case {
        module: "field_renamed",
        before: "pub struct A { pub a: u32 }",
        after: "pub struct A { pub b: u32 }",
        types: &[("@::A", false)],
    },
    Case {
        module: "fields_reordered",
        before: "pub struct A { pub a: u32, pub b: u32 }",
        after: "pub struct A { pub b: u32, pub a: u32 }",
        types: &[("@::A", false)],
    },
    Case {
        module: "field_retyped_at_equal_size",
        before: "pub struct A { pub a: u32 }",
        after: "pub struct A { pub a: f32 }",
        types: &[("@::A", false)],
    },
    Case {
        module: "sign",
        before: "pub struct A(pub u32, pub usize); pub struct B(pub u32);",
        after: "pub struct A(pub u32, pub u64); pub struct B(pub i32);",
        types: &[("@::A", false), ("@::B", false)],
    },
    Case {
        module: "alignment",
        before: "pub struct A(pub u32); #[repr(align(16))] pub struct B(pub [u32; 4]);",
        after: "#[repr(align(4))] pub struct A(pub u32); #[repr(align(8))] pub struct B(pub [u32; 4]);",
        types: &[("@::A", true), ("@::B", false)],
    },
    Case {
        module: "packed",
        before: "#[repr(C)] pub struct A(pub u8, pub u32);",
        after: "#[repr(C, packed)] pub struct A(pub u8, pub u32);",
        types: &[("@::A", false)],
    },
    Case {
        module: "behind",
        before: "pub struct Inner { pub a: u32 } pub struct Same(pub u8);
            pub struct InVec(pub Vec<Inner>); pub struct InBox(pub Box<Inner>);
            pub struct InOption(pub Option<Inner>); pub struct InArray(pub [Inner; 2]);
            pub struct InMap(pub std::collections::HashMap<u8, Inner>);
            pub struct InTuple(pub (u8, Inner)); pub struct InSlice(pub Box<[Inner]>);
            pub struct InArc(pub std::sync::Arc<std::sync::Mutex<Inner>>);
            pub struct InPhantom(pub std::marker::PhantomData<Inner>);
            pub struct InRaw(pub *const Inner); pub struct InFn(pub fn(&Inner) -> u8);
            pub struct InCell(pub std::cell::RefCell<Option<Box<Inner>>>);
            pub struct Far(pub Vec<InTuple>); pub union InUnion { pub a: u8, pub b: std::mem::ManuallyDrop<Inner> }
            pub enum InEnum { A, B(Same, Inner) } pub struct SameVec(pub Vec<Same>);
            pub struct InDyn(pub Box<dyn Fn(Inner)>);",
        after: "pub struct Inner { pub a: f32 } pub struct Same(pub u8);
            pub struct InVec(pub Vec<Inner>); pub struct InBox(pub Box<Inner>);
            pub struct InOption(pub Option<Inner>); pub struct InArray(pub [Inner; 2]);
            pub struct InMap(pub std::collections::HashMap<u8, Inner>);
            pub struct InTuple(pub (u8, Inner)); pub struct InSlice(pub Box<[Inner]>);
            pub struct InArc(pub std::sync::Arc<std::sync::Mutex<Inner>>);
            pub struct InPhantom(pub std::marker::PhantomData<Inner>);
            pub struct InRaw(pub *const Inner); pub struct InFn(pub fn(&Inner) -> u8);
            pub struct InCell(pub std::cell::RefCell<Option<Box<Inner>>>);
            pub struct Far(pub Vec<InTuple>); pub union InUnion { pub a: u8, pub b: std::mem::ManuallyDrop<Inner> }
            pub enum InEnum { A, B(Same, Inner) } pub struct SameVec(pub Vec<Same>);
            pub struct InDyn(pub Box<dyn Fn(Inner)>);",
        types: &[
            ("@::InVec", false),
            ("@::InBox", false),
            ("@::InOption", false),
            ("@::InArray", false),
            ("@::InMap", false),
            ("@::InTuple", false),
            ("@::InSlice", false),
            ("@::InArc", false),
            ("@::InPhantom", false),
            ("@::InRaw", false),
            ("@::InFn", false),
            ("@::InCell", false),
            ("@::Far", false),
            ("@::InUnion", false),
            ("@::InEnum", false),
            ("@::InDyn", false),
            ("@::SameVec", true),
            ("alloc::vec::Vec<@::Same>", true),
            ("alloc::vec::Vec<@::Inner>", false),
            ("[@::Same; 3]", true),
            ("[@::Inner; 3]", false),
            ("(u8, @::Same)", true),
            ("(u8, @::Inner)", false),
        ],
    },
    Case {
        module: "variants",
        before: "pub enum Added { A, B } pub enum Reordered { A, B }
            pub enum Payload { A(u32), B } pub enum Name { A(u32), B }
            pub enum Swapped { A(u32), B(f32) } #[repr(u8)] pub enum Number { A = 1, B = 2 }
            #[repr(i16)] pub enum Big { A = -1, B = 2 } #[repr(u8)] pub enum Width { A, B }
            pub enum Same { A(Option<Box<u8>>), B { x: bool }, C } pub enum Alone { A(u32) }
            #[repr(u8)] pub enum Tagged { A(u8) = 3, B(u8) = 4 }
            #[repr(u128)] pub enum Huge { A = u128::MAX, B = 0 } #[repr(u64)] pub enum Wide { A = u64::MAX }
            pub enum Niche { A(bool), B, C } pub enum Niches { A(Same), B(Same) }",
        after: "pub enum Added { A, B, C } pub enum Reordered { B, A }
            pub enum Payload { A(f32), B } pub enum Name { A { a: u32 }, B }
            pub enum Swapped { A(f32), B(u32) } #[repr(u8)] pub enum Number { A = 1, B = 3 }
            #[repr(i16)] pub enum Big { A = -2, B = 2 } #[repr(u16)] pub enum Width { A, B }
            pub enum Same { A(Option<Box<u8>>), B { x: bool }, C } pub enum Alone { B(u32) }
            #[repr(u8)] pub enum Tagged { A(u8) = 3, B(u8) = 5 }
            #[repr(u128)] pub enum Huge { A = u128::MAX - (1 << 100), B = 0 } #[repr(u64)] pub enum Wide { A = u64::MAX - 1 }
            pub enum Niche { A(bool), C, B } pub enum Niches { A(Same), B(Same) }",
        types: &[
            ("@::Added", false),
            ("@::Reordered", false),
            ("@::Payload", false),
            ("@::Name", false),
            ("@::Swapped", false),
            ("@::Number", false),
            ("@::Big", false),
            ("@::Width", false),
            ("@::Same", true),
            ("@::Alone", false),
            ("@::Tagged", false),
            ("@::Huge", false),
            ("@::Wide", false),
            ("@::Niche", false),
            ("@::Niches", true),
        ],
    },
    Case {
        module: "generics",
        before: "pub struct G<T>(pub T); pub struct Inner(pub u32); pub struct N<const N: usize>(pub [u8; N]);
            pub trait Has { type Is; } impl Has for Inner { type Is = u32; } pub struct P<T: Has>(pub T::Is);
            pub struct Uses(pub G<u8>); pub struct Of(pub N<3>);",
        after: "pub struct G<T>(pub T); pub struct Inner(pub f32); pub struct N<const N: usize>(pub [u8; N]);
            pub trait Has { type Is; } impl Has for Inner { type Is = f32; } pub struct P<T: Has>(pub T::Is);
            pub struct Uses(pub G<i8>); pub struct Of(pub N<4>);",
        types: &[
            ("@::G<@::Inner>", false),
            ("@::G<u64>", true),
            ("@::N<5>", true),
            ("@::P<@::Inner>", false),
            ("@::Uses", false),
            ("@::Of", false),
        ],
    },
    Case {
        module: "projection",
        before: "pub struct Key; pub trait Has { type Is; } impl Has for Key { type Is = u32; }
            pub struct P<T: Has>(pub T::Is);",
        after: "pub struct Key; pub trait Has { type Is; } impl Has for Key { type Is = f32; }
            pub struct P<T: Has>(pub T::Is);",
        types: &[("@::P<@::Key>", false), ("@::Key", true)],
    },
    Case {
        module: "body",
        before: "pub struct A(pub u32); impl A { pub fn f(&self) -> u32 { self.0 + 1 } }",
        after: "// A comment.
            pub struct A(pub u32);\n\n impl A { pub fn f(&self) -> u32 { self.0 + 2 } pub fn g() {} } pub struct Other(u8);",
        types: &[("@::A", true)],
    },
    Case {
        module: "alias",
        before: "pub type Is = u32; pub struct A(pub Is); pub type Was = u32; pub struct B(pub Was);",
        after: "pub type Is = f32; pub struct A(pub Is); pub struct B(pub u32);",
        types: &[("@::A", false), ("@::B", true)],
    },
    Case {
        module: "length",
        before: "const N: usize = 2; pub struct A(pub Box<[u8; N]>);",
        after: "const N: usize = 3; pub struct A(pub Box<[u8; N]>);",
        types: &[("@::A", false)],
    },
    Case {
        module: "recursive",
        before: "pub struct Node(pub Option<Box<Node>>, pub u8); pub struct Ring(pub Vec<Ring>, pub u32);
            pub struct X(pub Option<Box<Y>>); pub struct Y(pub Option<Box<X>>, pub Z); pub struct Z(pub u32);",
        after: "pub struct Node(pub Option<Box<Node>>, pub u8); pub struct Ring(pub Vec<Ring>, pub f32);
            pub struct X(pub Option<Box<Y>>); pub struct Y(pub Option<Box<X>>, pub Z); pub struct Z(pub f32);",
        types: &[("@::Node", true), ("@::Ring", false), ("@::X", false), ("@::Y", false)],
    },
    Case {
        module: "moved",
        before: "pub mod one { pub struct A(pub u32); } pub mod two { pub struct A(pub f32); }
            pub struct B(pub one::A);",
        after: "pub mod one { pub struct A(pub u32); } pub mod two { pub struct A(pub f32); }
            pub struct B(pub two::A);",
        types: &[("@::one::A", true), ("@::two::A", true), ("@::B", false)],
    },
    Case {
        module: "traits",
        before: "pub trait Act { fn a(&self); fn b(&self); } pub struct A(pub Box<dyn Act>);
            pub struct B(pub Box<dyn std::any::Any>);",
        after: "pub trait Act { fn b(&self); fn a(&self); } pub struct A(pub Box<dyn Act>);
            pub struct B(pub Box<dyn std::any::Any>);",
        types: &[("@::A", false), ("@::B", true)],
    },
];

#[test]
fn an_edit_changes_the_types_that_it_touches_and_no_others() {
    let (before, after) = (
        crate_of(CASES, |case| case.before),
        crate_of(CASES, |case| case.after),
    );
    for way in WAYS {
        let [old, new] = [&before, &after].map(|source| {
            let folder = Folder::new();
            read_in(&folder, &compile_in(&folder, source, &with(way)))
        });
        assert!(old.differences(&old).is_empty());
        for case in CASES {
            for (name, unchanged) in case.types {
                let name = name.replace('@', &format!("{CRATE}::{}", case.module));
                assert!(old.get(&name).is_some(), "{name} is not there, {way:?}");
                assert!(new.get(&name).is_some(), "{name} is not there, {way:?}");
                for (from, to) in [(&old, &new), (&new, &old)] {
                    assert_eq!(from.unchanged(to, &name), *unchanged, "{name}, {way:?}");
                }
                // But for what doubt alone makes changed.
                let code = old.holds_code(&name).is_some();
                assert!(old.unchanged(&old, &name) || code, "{name}, {way:?}");
            }
        }
        let differences = old.differences(&new);
        assert_eq!(differences.environments, BTreeSet::new());
        for case in CASES {
            for (name, unchanged) in case.types {
                let name = name.replace('@', &format!("{CRATE}::{}", case.module));
                // What a trait's methods are, and what a `dyn` type's name mentions, does not
                // show; a type of another crate is explained by the module's.
                let shows = old
                    .holds_code(&name)
                    .is_none_or(|code| !code.held().contains("dyn "));
                if name.starts_with(CRATE) && shows {
                    let differs = differences.types.contains(&name);
                    assert_eq!(differs, !unchanged, "{name}, {way:?}");
                }
            }
        }
        assert!(
            !differences
                .types
                .iter()
                .any(|name| name.starts_with("alloc::"))
        );
    }
}

/// Prints what the compiler says of types at run time.
const SELF_TOLD: &str = r#"
use std::{any::type_name, mem::{align_of, size_of}};
pub mod ship { #[derive(Default)] pub struct Ship { pub speed: f32, pub hull: u8, pub next: Option<Box<Ship>> } }
pub struct G<T, U>(pub T, pub U);
pub struct Life<'a, T>(pub &'a T);
pub enum E { A(u32), B { x: bool, y: u64 }, C }
#[repr(u8)] pub enum C { A = 1, B = 7 }
pub union U { a: u32, b: [u8; 6] }
pub struct Zst;
#[repr(C, packed(2))] pub struct P { pub a: u8, pub b: u64 }
#[repr(align(32))] pub struct Al(pub u8);
pub struct N<const N: usize, const B: bool, const I: i32>(pub [u16; N]);
pub trait Act { fn a(&self); }
macro_rules! tell { ($($t:ty $({ $($f:tt),* })?),* $(,)?) => { $(
    { let x = std::mem::MaybeUninit::<$t>::uninit(); keep(&x); }
    print!("{}\t{}\t{}", type_name::<$t>(), size_of::<$t>(), align_of::<$t>());
    $( $( print!("\t{}={}", stringify!($f), std::mem::offset_of!($t, $f)); )* )?
    println!();
)* } }
#[inline(never)] fn keep<T>(x: &std::mem::MaybeUninit<T>) { std::hint::black_box(x.as_ptr()); }
fn main() { tell!(
    ship::Ship { speed, hull, next }, Zst, E, C, U, P { a, b }, Al { 0 }, N<3, true, -5> { 0 },
    G<u8, u32> { 0, 1 }, G<(u8,), ship::Ship> { 0, 1 }, G<(), (u8, Zst)>, G<&'static str, &'static [Zst]>,
    G<fn(u32, &Zst) -> u8, unsafe extern "C" fn(i32, ...)>, G<*const u8, *mut Zst>,
    G<[Zst; 3], [[u8; 2]; 4]>, G<char, &'static mut Zst>, G<u128, i128>, G<Option<fn()>, bool>,
    Vec<Zst>, Option<ship::Ship>, Box<Zst>, std::sync::Arc<Zst>, std::rc::Rc<std::cell::RefCell<Zst>>,
    std::collections::HashMap<u32, Vec<Zst>>, std::collections::HashSet<Zst>,
    std::collections::BTreeMap<Zst, u8>, std::collections::VecDeque<Zst>,
    std::collections::HashMap<u32, Zst, std::hash::BuildHasherDefault<std::hash::DefaultHasher>>,
    Result<Zst, std::io::Error>, std::ops::ControlFlow<Zst>, Life<'static, u8>,
    Box<dyn Act>, Box<dyn Act + Send + Sync>, &'static dyn Act, &'static (dyn Act + Send),
    G<Box<dyn Fn(u32) -> Zst + Send>, Box<dyn Fn(&Zst)>>, G<Box<dyn FnMut()>, Box<dyn Iterator<Item = Zst>>>,
    G<for<'a> fn(&'a u8) -> &'a u8, Box<dyn for<'a> Fn(&'a u8, u8) -> &'a u8>>,
    std::marker::PhantomData<Zst>, std::num::NonZeroU32, (Zst, u8), [Zst; 2], [Zst; 0], G<[u8; 0], [Zst; 0]>, Option<Option<Zst>>, Result<Zst, std::convert::Infallible>, std::pin::Pin<Box<Zst>>,
); }
"#;

#[test]
fn types_are_found_by_the_names_that_they_have_at_run_time() {
    for opt in ["-Copt-level=0", "-Copt-level=1"] {
        let folder = Folder::new();
        let program = compile_in(&folder, SELF_TOLD, &["-Cdebuginfo=2", opt]);
        let told = Command::new(&program).output().unwrap().stdout;
        let layouts = Layouts::read(
            &fs::read(&program).unwrap(),
            CRATE,
            &mut Spellings::default(),
        )
        .unwrap();
        let told = String::from_utf8(told).unwrap();
        assert!(told.lines().count() > 40);
        for line in told.lines() {
            let mut parts = line.split('\t');
            let mut next = || parts.next().unwrap();
            let (name, size, align) = (next(), next(), next());
            // What mentions the module no more than any other type is not kept.
            if !name.contains("systems::") {
                continue;
            }
            let Some(found) = layouts.get(name) else {
                panic!("{name} is not found, {opt}");
            };
            assert_eq!(found.size.to_string(), size, "{name}");
            assert_eq!(found.align.to_string(), align, "{name}");
            for field in parts {
                let (field, offset) = field.split_once('=').unwrap();
                let Kind::Struct(fields) = &found.kind else {
                    panic!("{name} is no struct");
                };
                let tuple = format!("__{field}");
                let found = fields
                    .iter()
                    .find(|f| f.name == field || f.name == tuple)
                    .unwrap();
                assert_eq!(found.offset.to_string(), offset, "{name}");
                assert!(layouts.get(&found.type_name).is_some(), "{found:?}");
            }
            assert_eq!(&*layouts.get(&found.name).unwrap().name, &*found.name);
        }
    }
}

#[test]
fn variants_and_fields_are_read() {
    let layouts = layouts(
        "pub enum E { A(u32, Option<Box<u8>>), B { x: bool } , C }
         #[repr(i8)] pub enum C { M = -1, P = 7 }
         #[unsafe(no_mangle)] pub fn keep(e: &E, c: &C) { std::hint::black_box((e, c)); }",
    );
    let Kind::Enum {
        discriminant,
        variants,
    } = &layouts.get("systems::E").unwrap().kind
    else {
        panic!("no enum");
    };
    assert!(discriminant.is_some());
    let names: Vec<_> = variants
        .iter()
        .map(|v| (v.name.as_str(), v.fields.len()))
        .collect();
    assert_eq!(names, [("A", 2), ("B", 1), ("C", 0)]);
    assert_eq!(&*variants[0].fields[0].type_name, "u32");
    assert!(layouts.get(&variants[0].fields[1].type_name).is_some());
    let Kind::Enum { variants, .. } = &layouts.get("systems::C").unwrap().kind else {
        panic!("no enum");
    };
    let values: Vec<_> = variants.iter().map(|v| v.value).collect();
    assert_eq!(values, [Some(-1), Some(7)]);
}

const CODE: &str = "
    use std::{marker::PhantomData, sync::Arc};
    pub trait Act { fn a(&self); }
    pub struct Data(pub Vec<Option<Box<(u8, String)>>>, pub std::collections::HashMap<u32, Plain>);
    #[derive(Clone, Copy)] pub struct Plain(pub u32, pub [f32; 3], pub (bool, char), pub Option<Small>);
    #[derive(Clone, Copy)] pub enum Small { A, B(u8), C { x: i16 } }
    pub struct FnPointer(pub u8, pub fn(u32)); pub struct Deep(pub Vec<Option<Arc<FnPointer>>>);
    pub struct Dyn(pub Box<dyn Act>); pub struct Std(pub Vec<Box<dyn std::any::Any>>);
    pub struct Callback(pub Arc<dyn Fn(u32) + Send + Sync>); pub struct Ref(pub &'static dyn Act);
    pub struct Holder<F>(pub F); pub struct Marked<T>(pub u32, pub PhantomData<fn() -> T>);
    pub struct Foreign(pub std::io::Error); pub struct Text(pub &'static str);
    pub union Un { pub a: u8, pub b: u32 } pub struct HasUnion(pub Un);
    pub struct Raw(pub *mut u8); pub struct Empty; pub enum Unsafe { A(unsafe extern \"C\" fn()), B }
    pub struct Atomic(pub std::sync::atomic::AtomicU32, pub std::num::NonZeroU8, pub std::time::Duration);
    pub struct Ring(pub Option<Box<Ring>>);
    pub struct Wide(pub Vector, pub Option<Vector>, pub usize, pub u128); #[derive(Clone, Copy)] #[repr(C)] pub struct Vector(pub [f32; 4]);
    pub struct Never(pub Option<std::convert::Infallible>, pub Result<u8, std::num::TryFromIntError>);
    #[unsafe(no_mangle)] pub fn keep(a: &Data, b: &Plain, c: &FnPointer, d: &Deep, e: &Dyn, f: &Std, g: &Callback,
        h: &Ref, i: &Marked<u8>, j: &Foreign, k: &Text, l: &HasUnion, m: &Raw, n: &Empty, o: &Unsafe, p: &Atomic, q: &Ring, r: &Wide, s: &Never) {
        std::hint::black_box((r, s));
        std::hint::black_box((a, b, c, d, e, f, g, h, i)); std::hint::black_box((j, k, l, m, n, o, p, q));
        let (x, y) = (3u32, 4u32);
        let holder = Holder(move |z: u32| x + y + z); std::hint::black_box(&holder);
        let future = wait(3); std::hint::black_box(&future);
        let more = Holder(wait(3)); std::hint::black_box(&more);
    }
    pub async fn wait(x: u32) -> u32 { std::future::ready(()).await; x }
";

#[test]
fn code_and_pointers_are_found() {
    let layouts = layouts(CODE);
    for (name, code, plain) in [
        ("Data", None, false),
        ("Plain", None, true),
        ("Small", None, true),
        ("FnPointer", Some("fn(u32)"), false),
        ("Deep", Some("fn(u32)"), false),
        ("Dyn", Some("dyn systems::Act"), false),
        ("Std", Some("dyn core::any::Any"), false),
        ("Callback", Some("dyn core::ops::function::Fn"), false),
        ("Ref", Some("dyn systems::Act"), false),
        (
            "Holder<systems::keep::{closure_env#0}>",
            Some("closure_env"),
            false,
        ),
        (
            "Holder<systems::wait::{async_fn_env#0}>",
            Some("async_fn_env"),
            false,
        ),
        ("Marked<u8>", None, true),
        ("Foreign", None, false),
        ("Text", None, false),
        ("HasUnion", None, false),
        ("Raw", None, false),
        ("Empty", None, true),
        ("Unsafe", Some("unsafe extern \"C\" fn()"), false),
        ("Atomic", None, true),
        ("Ring", None, false),
        ("Wide", None, true),
        ("Never", None, true),
        ("Nowhere", Some("systems::Nowhere"), false),
        (
            "Holder<systems::keep::{{closure}}>",
            Some("systems::Holder<"),
            false,
        ),
    ] {
        let name = format!("systems::{name}");
        let found = layouts.holds_code(&name);
        assert_eq!(found.is_some(), code.is_some(), "{name}: {found:?}");
        // What the debug info does not show.
        let unknown = code.is_some_and(|code| code.starts_with("systems::"));
        assert_eq!(matches!(found, Some(Code::Unknown(_))), unknown, "{name}");
        let found = found.map(|code| code.held()).unwrap_or_default();
        let code = code.unwrap_or_default();
        assert!(found.contains(code), "{name}: {found}");
        assert_eq!(layouts.plain(&name), plain, "{name}");
    }
}

/// What differs between two crates: the types, and the functions of the environments.
fn differing(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let differences = layouts(before).differences(&layouts(after));
    let functions = differences.environments.into_iter();
    (differences.types, functions.collect())
}

#[test]
fn environments_are_told_apart_from_types() {
    let none: [&str; 0] = [];
    let closure = |body: &str| {
        format!(
            "pub struct S(u8); pub struct Holder<F>(F);
             #[unsafe(no_mangle)] pub fn other(x: u64) {{ let c = move || x; std::hint::black_box(&c); }}
             #[unsafe(no_mangle)] pub fn go(x: u32, y: u32, s: &S) {{ {body} std::hint::black_box((&c, s)); }}"
        )
    };
    let one = closure("let c = move || x;");
    for (body, functions) in [
        ("let c = move || x + 1;", vec![]),
        ("let c = move || x + y;", vec!["systems::go"]),
        (
            "let d = move || y; std::hint::black_box(&d); let c = move || x;",
            vec!["systems::go"],
        ),
    ] {
        assert_eq!(
            differing(&one, &closure(body)),
            (vec![], functions.iter().map(|f| (*f).to_owned()).collect())
        );
    }
    let held = |captured: &str| closure(&format!("let c = Holder(move || {captured});"));
    let (types, functions) = differing(&held("x"), &held("x + y"));
    assert_eq!((types, functions), (vec![], vec!["systems::go".to_owned()]));

    let nested = |captured: &str| {
        closure(&format!(
            "let c = move || {{ let d = move || {captured}; std::hint::black_box(&d); d() + y }}; c();"
        ))
    };
    let (types, functions) = differing(&nested("x"), &nested("x + y"));
    assert_eq!((types, functions), (vec![], vec!["systems::go".to_owned()]));

    let future = |body: &str| {
        format!(
            "pub async fn wait(x: u32) -> u32 {{ {body} }}
             #[unsafe(no_mangle)] pub fn go() {{ let f = wait(3); std::hint::black_box(&f); }}"
        )
    };
    let ready = "std::future::ready(()).await;";
    let before = future(&format!("let a = x; {ready} a"));
    let same = future(&format!("let a = x + 1; {ready} a"));
    let across = future(&format!("let a = x; let b = [x; 3]; {ready} a + b[1]"));
    assert_eq!(differing(&before, &same).1, none);
    assert_eq!(
        differing(&before, &across),
        (vec![], vec!["systems::wait".to_owned()])
    );

    let inside = |captured: &str| {
        format!(
            "pub struct A(u32, u32); impl A {{ #[inline(never)] pub fn f(&self) {{ let (x, y) = (self.0, self.1);
             let c = move || {captured}; std::hint::black_box(&c); }} }}
             #[unsafe(no_mangle)] pub fn go(a: &A) {{ a.f() }}"
        )
    };
    let (types, functions) = differing(&inside("x"), &inside("x + y"));
    assert_eq!(
        (types, functions),
        (vec![], vec!["systems::{impl#0}::f".to_owned()])
    );
}

#[test]
fn differences_name_the_modules_types_and_a_foreign_one_only_by_itself() {
    let source = |inner: &str, assoc: &str| {
        format!(
            "pub struct Inner({inner}); pub struct Outer(Vec<Inner>); pub struct Not(u8); pub struct Key;
             impl Iterator for Key {{ type Item = {assoc}; fn next(&mut self) -> Option<{assoc}> {{ None }} }}
             #[unsafe(no_mangle)] pub fn go(o: &Outer, n: &Not, k: &std::iter::Peekable<Key>) {{ std::hint::black_box((o, n, k)); }}"
        )
    };
    let (types, _) = differing(&source("u32", "u32"), &source("f32", "u32"));
    assert_eq!(types, ["systems::Inner", "systems::Outer"]);
    let (types, _) = differing(&source("u32", "u32"), &source("u32", "f32"));
    assert!(
        types
            .iter()
            .any(|name| name.contains("Peekable<systems::Key>")),
        "{types:?}"
    );
    assert!(
        !types.iter().any(|name| name.starts_with("systems")),
        "{types:?}"
    );
}

#[test]
fn a_method_more_shows_and_a_reordered_one_does_not() {
    let source = |methods: &str, more: &str| {
        format!(
            "pub trait Act {{ {methods} }} pub struct S(u8); impl Act for S {{ fn a(&self) {{}} fn b(&self) {{}} {more} }}
             pub struct Holds(Box<dyn Act>); #[unsafe(no_mangle)] pub fn go(h: &Holds, s: &S) {{
             let d: &dyn Act = s; d.a(); std::hint::black_box((h, d)); }}"
        )
    };
    let before = source("fn a(&self); fn b(&self);", "");
    let (types, _) = differing(&before, &source("fn b(&self); fn a(&self);", ""));
    assert_eq!(types, [""; 0]);
    let (types, _) = differing(
        &before,
        &source("fn a(&self); fn b(&self); fn c(&self);", "fn c(&self) {}"),
    );
    assert!(types.contains(&"systems::Holds".to_owned()), "{types:?}");
    assert!(
        types.iter().any(|name| name.ends_with("{vtable_type}")),
        "{types:?}"
    );
}

#[test]
fn a_name_of_several_types_is_in_doubt() {
    let source = |second: &str| {
        format!(
            "pub struct Same(u8);
             #[unsafe(no_mangle)] pub fn go(s: &Same) {{ {{ struct L(u32); std::hint::black_box(&L(1)); }}
             {{ struct L({second}); std::hint::black_box(&L(1 as {second})); }}
             struct Once(u8); std::hint::black_box(&Once(1)); std::hint::black_box(s); }}"
        )
    };
    let [different, same] = ["u64", "u32"].map(|second| layouts(&source(second)));
    for layouts in [&different, &same] {
        assert!(layouts.get("systems::go::L").is_none());
        assert!(!layouts.unchanged(layouts, "systems::go::L"));
        assert!(!layouts.plain("systems::go::L"));
        assert!(layouts.holds_code("systems::go::L").is_some());
        assert!(layouts.unchanged(layouts, "systems::go::Once"));
        assert!(layouts.differences(layouts).is_empty());
    }
    assert_eq!(different.differences(&same).types, ["systems::go::L"]);
}

#[test]
fn moved_to_another_module_is_another_type() {
    let source = |module: &str| {
        format!(
            "pub mod {module} {{ pub struct A(pub u32); }}
             #[unsafe(no_mangle)] pub fn go(a: &{module}::A) {{ std::hint::black_box(a); }}"
        )
    };
    let (old, new) = (layouts(&source("one")), layouts(&source("two")));
    assert!(!old.unchanged(&new, "systems::one::A"));
    assert!(!old.unchanged(&new, "systems::two::A"));
    assert!(old.differences(&new).types.is_empty());
}

#[test]
fn other_ways_to_link_are_read_too() {
    let source = "pub struct A(pub Vec<u32>); #[unsafe(no_mangle)] pub fn go(a: &A) { std::hint::black_box(a); }";
    let plain = layouts(source);
    for options in [
        &["--crate-type", "cdylib", "-Cdebuginfo=2"][..],
        &["--crate-type", "cdylib", "-Cdebuginfo=2", "-Clto=off"],
        &[
            "--crate-type",
            "cdylib",
            "-Cdebuginfo=2",
            "-Clto=fat",
            "-Copt-level=1",
            "-Cembed-bitcode=yes",
        ],
        &[
            "--crate-type",
            "cdylib",
            "-Cdebuginfo=2",
            "-Cprefer-dynamic",
            "-Zdwarf-version=5",
        ],
        &[
            "--crate-type",
            "dylib",
            "-Cdebuginfo=2",
            "-Cprefer-dynamic",
            "-Csymbol-mangling-version=v0",
        ],
    ] {
        // rustc on stable refuses `-Z`; the stable spelling came later.
        let options: Vec<_> = options
            .iter()
            .map(|o| {
                if *o == "-Zdwarf-version=5" {
                    "-Cdwarf-version=5"
                } else {
                    o
                }
            })
            .collect();
        let other =
            Layouts::read(&compile(source, &options), CRATE, &mut Spellings::default()).unwrap();
        assert!(plain.unchanged(&other, "systems::A"), "{options:?}");
        assert!(other.unchanged(&plain, "systems::A"), "{options:?}");
        assert!(plain.differences(&other).is_empty(), "{options:?}");
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    let source = "pub struct A(pub Vec<u32>); #[unsafe(no_mangle)] pub fn go(a: &A) { std::hint::black_box(a); }";
    let read = |options: &[&str]| {
        let mut all = DYLIB.to_vec();
        all.extend_from_slice(options);
        Layouts::read(&compile(source, &all), CRATE, &mut Spellings::default()).map(|_| ())
    };
    assert!(matches!(
        read(&["-Cdebuginfo=0", "-Cstrip=symbols"]),
        Err(LayoutError::NoDebugInfo)
    ));
    assert!(matches!(
        read(&["-Cdebuginfo=line-tables-only"]),
        Err(LayoutError::NoTypes(_))
    ));
    let compressed = read(&[
        "-Cdebuginfo=2",
        "-Clink-arg=-Wl,--compress-debug-sections=zlib",
    ]);
    assert!(
        matches!(compressed, Err(LayoutError::Compressed)),
        "{compressed:?}"
    );
    let split = read(&["-Cdebuginfo=2", "-Csplit-debuginfo=unpacked"]);
    assert!(matches!(split, Err(LayoutError::NoTypes(_))), "{split:?}");
    assert!(matches!(
        Layouts::read(b"", CRATE, &mut Spellings::default()),
        Err(LayoutError::NotALibrary(_))
    ));
    let file = compile(source, &with(&[]));
    assert!(matches!(
        Layouts::read(&file, "others", &mut Spellings::default()),
        Err(LayoutError::NoTypes(_))
    ));
}

#[test]
fn a_broken_file_is_an_error_or_understood_but_never_a_panic() {
    let file = compile(CODE, &with(&[]));
    let whole = Layouts::read(&file, CRATE, &mut Spellings::default()).unwrap();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize % below
    };
    for _ in 0..150 {
        let short = &file[..next(file.len())];
        let _ = Layouts::read(short, CRATE, &mut Spellings::default());
    }
    for round in 0..400 {
        let mut broken = file.clone();
        for _ in 0..=round % 12 {
            let at = next(broken.len());
            broken[at] ^= 1 << next(8);
        }
        if let Ok(layouts) = Layouts::read(&broken, CRATE, &mut Spellings::default()) {
            let _ = whole.differences(&layouts);
            let names: Vec<_> = layouts.types().map(|t| t.name.clone()).collect();
            for name in names {
                let _ = (layouts.plain(&name), layouts.holds_code(&name));
                let _ = layouts.unchanged(&whole, &name);
            }
        }
    }
}

#[test]
fn names_have_one_spelling() {
    for (name, spelled) in [
        (
            "alloc::vec::Vec<u8, alloc::alloc::Global>",
            "alloc::vec::Vec<u8>",
        ),
        (
            "a::Vec<u8, alloc::alloc::Global>",
            "a::Vec<u8, alloc::alloc::Global>",
        ),
        (
            "bevy_platform::collections::hash_map::HashMap<a::B, u8, bevy_platform::hash::FixedHasher>",
            "bevy_platform::collections::hash_map::HashMap<a::B, u8>",
        ),
        ("bevy_time::time::Time<()>", "bevy_time::time::Time"),
        ("bevy_time::time::Time<a::B>", "bevy_time::time::Time<a::B>"),
        ("(u8)", "(u8,)"),
        ("(u8,)", "(u8,)"),
        ("()", "()"),
        (
            "alloc::boxed::Box<(dyn a::B + c::D), alloc::alloc::Global>",
            "alloc::boxed::Box<dyn a::B + c::D>",
        ),
        ("&(dyn a::B + c::D)", "&dyn a::B + c::D"),
        (
            "dyn core::ops::function::Fn(u32) -> a::B",
            "dyn core::ops::function::Fn<(u32,), Output=a::B>",
        ),
        (
            "dyn core::ops::function::Fn<(u32), Output=a::B>",
            "dyn core::ops::function::Fn<(u32,), Output=a::B>",
        ),
        (
            "dyn core::ops::function::FnOnce(&'_ u8)",
            "dyn core::ops::function::FnOnce<(&u8,), Output=()>",
        ),
        ("dyn a::Iterator<Item = b::C>", "dyn a::Iterator<Item=b::C>"),
        ("for<'a> fn(&'a u8) -> &'a u8", "fn(&u8) -> &u8"),
        ("fn() -> ()", "fn()"),
        ("a::B<'_, u8>", "a::B<u8>"),
        ("a::B<'_>", "a::B"),
        ("a::B<'x', -3, true>", "a::B<'x', -3, true>"),
        (
            "a::{impl#0}::f::{closure_env#0}<u8>",
            "a::{impl#0}::f::{closure_env#0}<u8>",
        ),
        (
            "<a::B as c::D<u8>>::{vtable_type}",
            "<a::B as c::D<u8>>::{vtable_type}",
        ),
        ("[ [u8;3] ; 4 ]", "[[u8; 3]; 4]"),
        ("&mut *const [a::B]", "&mut *const [a::B]"),
    ] {
        let canonical = spelling::canonical(name).map(|(name, _)| name);
        assert_eq!(canonical.as_deref(), Some(spelled), "{name}");
        let again = spelling::canonical(spelled).map(|(name, _)| name);
        assert_eq!(again.as_deref(), Some(spelled), "{name}");
    }
    let deep = "&".repeat(100_000) + "u8";
    for broken in [
        "",
        "a::",
        "a<",
        "a<u8",
        "(",
        "[u8; ",
        "&",
        "a<>>",
        "a b",
        "{",
        "fn(",
        "dyn ",
        "<a as ",
        "extern",
        "extern \"",
        "'",
        "a<'",
        deep.as_str(),
    ] {
        assert_eq!(spelling::canonical(broken), None, "{broken:.20}");
    }
}

#[test]
fn an_environment_is_known_by_the_end_of_its_name() {
    for (name, environment, is_environment) in [
        ("a::f::{closure_env#0}", true, true),
        ("a::f::{closure_env#0}<u8, b::C<u8>>", true, true),
        ("<a::B<u8> as c::D>::f::{async_fn_env#0}<u8>", true, true),
        ("a::f::{closure_env#0}::g::{async_block_env#1}", true, true),
        ("&a::f::{closure_env#0}", true, false),
        ("(a::f::{closure_env#0}, u8)", true, false),
        ("a::B<a::f::{closure_env#0}>", true, false),
        ("a::{impl#0}::f::B", false, false),
    ] {
        let (_, says) = spelling::canonical(name).unwrap();
        assert_eq!(says.environment, environment, "{name}");
        assert_eq!(says.is_environment, is_environment, "{name}");
    }
}

#[test]
fn what_a_newer_library_leaves_out_is_kept_and_nothing_else() {
    let of = |ships: &str, more: &str| {
        layouts(&format!(
            "pub struct Ship {{ {ships} }} {more}
             #[unsafe(no_mangle)] pub fn keep(ship: &Ship) {{ std::hint::black_box(ship); }}"
        ))
    };
    let rock = |kind: &str| {
        format!(
            "pub struct Pebble(pub {kind}); pub struct Rock {{ pub of: Pebble }}
             #[unsafe(no_mangle)] pub fn roll(rock: &Rock) {{
                 let go = |n: u8| n + 1; std::hint::black_box((rock, go));
             }}"
        )
    };
    let plain = of("pub x: f32", "");
    let rocky = of("pub x: f32", &rock("u32"));
    assert!(plain.besides(&[&rocky]).is_none());
    assert!(rocky.besides(&[&rocky]).is_none());
    let kept = rocky.besides(&[&plain]).unwrap();
    assert!(kept.get("systems::Rock").is_some());
    assert!(kept.get("systems::Ship").is_none());
    assert!(kept.types().all(|kept| !kept.name.contains("{closure")));
    // It is as good for comparing as all of it was.
    let again = of("pub x: f32", &rock("u64"));
    let differ = ["systems::Pebble", "systems::Rock"];
    assert_eq!(rocky.differences(&again).types, differ);
    assert_eq!(kept.differences(&again).types, differ);
    assert!(kept.differences(&rocky).is_empty());
    assert!(kept.besides(&[&plain, &rocky]).is_none());
    // What differs is not said by the newer.
    let wider = of("pub x: f64", "");
    assert!(wider.besides(&[&plain]).is_some());
}

#[test]
fn observers_can_be_made_of_what_has_no_value() {
    let source = "
        pub mod bevy_ecs { pub mod observer { pub mod distributed_storage {
            pub struct Observer(pub usize);
            impl Observer {
                pub fn new<E, B, M, I>(system: I) -> Self {
                    std::hint::black_box(&system);
                    Self(size_of::<(E, B, M)>())
                }
            }
        } } }
        use bevy_ecs::observer::distributed_storage::Observer;
        pub struct Click;
        fn on_click(_: &Click) {}
        fn new<I>(system: I) -> usize { Observer::new::<Click, (), fn(), I>(system).0 }
        #[unsafe(no_mangle)] pub fn spawn(number: usize) -> usize {
            let nested = || new(|_: &Click| println!(\"0 in 0\"));
            new(on_click) + new(|_: &Click| println!(\"1\"))
                + new(move |_: &Click| println!(\"{number}\")) + nested()
        }
    ";
    let library = compile(source, &with(&["-Copt-level=0"]));
    let layouts = Layouts::read(&library, CRATE, &mut Spellings::default()).unwrap();
    let mut makers: Vec<_> = layouts.makers.values().collect();
    makers.sort_by_key(|maker| &maker.place);
    let found = makers.iter().map(|m| (m.takes, &m.place[..]));
    let expected: [(Takes, &[u32]); 3] = [
        (Takes::Function, &[]),
        (Takes::Nothing, &[0, 0]),
        (Takes::Nothing, &[1]),
    ];
    assert_eq!(found.collect::<Vec<_>>(), expected);
    assert!(layouts.makers.keys().all(|symbol| makes_observers(symbol)));
}

const NAMED: &str = "
    pub enum Inner { X, Y(u8) }
    pub struct Old { pub a: u32, pub b: Option<Inner>, pub c: Vec<Inner> }
    pub struct Over<T>(pub T);
    #[unsafe(no_mangle)] pub fn keep(x: &Over<Old>, y: &(Old, Inner)) { std::hint::black_box((x, y)); }
";

#[test]
fn a_renamed_type_is_the_same_by_its_new_name() {
    let old = layouts(NAMED);
    let moved = NAMED.replace("Old", "New").replace(
        "pub enum Inner { X, Y(u8) }",
        "pub mod parts { pub enum Inner { X, Y(u8) } } use parts::Inner;",
    );
    let new = layouts(&moved);
    let mut renames = crate::names::Renames::default();
    renames.add("systems::Old", "systems::New");
    renames.add("systems::Inner", "systems::parts::Inner");
    let today = old.renamed(&|name| renames.apply(name));
    for name in [
        "systems::New",
        "systems::parts::Inner",
        "systems::Over<systems::New>",
        "(systems::New, systems::parts::Inner)",
    ] {
        assert!(today.unchanged(&new, name), "{name}");
        assert!(!old.unchanged(&new, name), "{name}");
        assert_eq!(today.digest(name), new.digest(name), "{name}");
        assert!(new.digest(name).is_some(), "{name}");
    }
    assert_ne!(
        today.digest("systems::New"),
        today.digest("systems::parts::Inner")
    );
    let own: Vec<_> = new
        .own_within(["systems::Over<systems::New>"])
        .into_iter()
        .collect();
    assert_eq!(
        own,
        [
            "systems::New",
            "systems::Over<systems::New>",
            "systems::parts::Inner"
        ]
    );
    // Another definition under the same names.
    let other = layouts(&moved.replace("Y(u8)", "Y(u16)"));
    assert!(!today.unchanged(&other, "systems::New"));
    assert_ne!(today.digest("systems::New"), other.digest("systems::New"));
    // Two that become one are in doubt.
    let mut both = crate::names::Renames::default();
    both.add("systems::Old", "systems::Inner");
    let both = old.renamed(&|name| both.apply(name));
    assert!(both.get("systems::Inner").is_none());
    assert!(!both.unchanged(&both, "systems::Over<systems::Inner>"));
    assert!(both.holds_code("systems::Over<systems::Inner>").is_some());
    assert!(old.holds_code("systems::Over<systems::Old>").is_none());
}

#[test]
fn zeros_are_values_of_plain_types_only() {
    let layouts = layouts(
        "
        pub struct Plain { pub a: f32, pub b: [u8; 3], pub c: bool, pub d: Option<u32> }
        pub struct Nested(pub Plain, pub char);
        pub struct Never(pub u8, pub std::num::NonZeroU32);
        pub enum Kind { A, B }
        pub struct Has(pub Kind);
        pub struct Owns(pub Vec<u8>);
        pub struct Points(pub &'static str);
        #[unsafe(no_mangle)] pub fn keep(
            x: &(Nested, Never), y: &(Has, Owns, Points), z: &Option<std::num::NonZeroU32>
        ) { std::hint::black_box((x, y, z)); }
        ",
    );
    for (name, zero) in [
        ("systems::Plain", true),
        ("systems::Nested", true),
        ("systems::Never", false),
        ("systems::Has", false),
        ("systems::Owns", false),
        ("systems::Points", false),
        (
            "core::option::Option<core::num::nonzero::NonZero<u32>>",
            true,
        ),
        ("core::num::nonzero::NonZero<u32>", false),
        ("Nowhere", false),
    ] {
        assert_eq!(layouts.may_be_zero(name), zero, "{name}");
    }
}

#[test]
fn a_function_whose_closures_capture_nothing_is_known_as_one() {
    let layouts = layouts(
        "
        pub struct Game;
        pub trait Plugin { fn build(&self, number: u32); fn other(&self) {} }
        fn add<F: Fn() -> u32>(f: F) { std::hint::black_box(&f); }
        impl Plugin for Game {
            fn build(&self, number: u32) { add(|| 1); add(|| 2); }
        }
        pub fn mixed(number: u32) { add(|| 1); add(move || number); }
        #[unsafe(no_mangle)] pub fn keep(game: &Game) { game.build(1); mixed(2); }
        ",
    );
    let bare = layouts.capturing_nothing();
    assert!(bare.contains("build"));
    assert!(!bare.contains("mixed"));
    assert!(!bare.contains("keep"), "it has none");
}

#[test]
fn types_that_differ_in_lifetimes_alone_are_one() {
    let text = |more: &str| {
        format!(
            "pub struct A; pub struct Of<T>(pub T);\n\
             #[inline(never)] pub fn see<T>(of: Option<&Of<T>>) {{ std::hint::black_box(of); }}\n\
             #[unsafe(no_mangle)] pub fn go(one: &Of<for<'a> fn(&'a A)>, other: &Of<fn(&'static A)>) {{\n\
                 see(Some(one)); {more}\n\
             }}"
        )
    };
    let [old, new] = ["", "see(Some(other));"].map(|more| layouts(&text(more)));
    for (from, to) in [(&old, &new), (&new, &old)] {
        assert_eq!(from.differences(to), Differences::default());
        let option = "core::option::Option<&systems::Of<fn(&systems::A)>>";
        assert!(from.get(option).is_some());
    }
}
