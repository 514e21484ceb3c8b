//! Sources that are nested without end: refused by name where walking them would
//! overflow the stack, and walked where it would not.

use super::{Surface, SurfaceError, file, surface_of_files};
use crate::surface::STACK;
use std::thread;

/// What is deep, `n` times over.
type Shape = (&'static str, fn(usize) -> String);

fn around(open: &str, inside: &str, close: &str, n: usize) -> String {
    format!("{}{inside}{}", open.repeat(n), close.repeat(n))
}

fn body(expression: &str) -> String {
    format!("pub fn deep() -> u32 {{ {expression} }}")
}

const SHAPES: &[Shape] = &[
    ("parentheses", |n| body(&around("(", "1", ")", n))),
    ("arrays", |n| body(&around("[", "1", "]", n))),
    ("calls", |n| body(&around("f(", "1", ")", n))),
    ("blocks", |n| body(&around("{", "1", "}", n))),
    ("branches", |n| body(&around("if a {", "1", "}", n))),
    ("matches", |n| body(&around("match a { _ => ", "1", "}", n))),
    ("functions", |n| around("fn f() {", "", "}", n)),
    ("modules", |n| around("mod m {", "", "}", n)),
    ("blocks of unsafe", |n| {
        body(&around("unsafe {", "1", "}", n))
    }),
    ("negations", |n| body(&format!("{}1", "!".repeat(n)))),
    ("references", |n| body(&format!("{}1", "&".repeat(n)))),
    ("returns", |n| body(&"return ".repeat(n))),
    ("closures", |n| body(&format!("{}1", "|| ".repeat(n)))),
    ("closures that take two", |n| {
        body(&format!("{}1", "|a, b| ".repeat(n)))
    }),
    ("closures that are operands", |n| {
        body(&format!("a{}", " | |x, y| a".repeat(n)))
    }),
    ("loops over loops", |n| {
        body(&format!("{}b", "for A {} in ".repeat(n)))
    }),
    ("sums", |n| body(&format!("1{}", " + 1".repeat(n)))),
    ("assignments", |n| body(&format!("{}1", "a = ".repeat(n)))),
    ("methods", |n| body(&format!("a{}", ".b()".repeat(n)))),
    ("blocks that are added", |n| {
        body(&format!("x = a {{}}{}", " + a {}".repeat(n)))
    }),
    ("casts", |n| body(&format!("1{}", " as u8".repeat(n)))),
    ("alternatives", |n| {
        body(&format!("if a {{}}{}", " else if a {}".repeat(n)))
    }),
    ("types", |n| {
        format!("pub struct S(pub {});", around("A<", "u8", ">", n))
    }),
    ("types with two arguments", |n| {
        format!("pub struct S(pub {});", around("A<u8, ", "u8", ">", n))
    }),
    ("types of references", |n| {
        format!("pub type T = {}u8;", "&'static ".repeat(n))
    }),
    ("types of functions", |n| {
        format!("pub type T = {}u8;", "fn() -> ".repeat(n))
    }),
    ("patterns", |n| {
        body(&format!("let {}a = 1;", "&".repeat(n)))
    }),
    ("trees of use", |n| {
        format!("use {};", around("a::{", "b", "}", n))
    }),
    ("macros", |n| around("m! {", "", "}", n)),
    ("attributes", |n| {
        format!("#[a({})] fn f() {{}}", around("b(", "", ")", n))
    }),
];

/// On a thread with an eighth of the stack of the one that does it in a game: `syn` is
/// optimised here, and may not be there.
fn surface(text: String) -> Result<Surface, SurfaceError> {
    let walk = move || surface_of_files(&[file("/game/systems/src/lib.rs", &text)]);
    let thread = thread::Builder::new().stack_size(STACK / 8).spawn(walk);
    thread.unwrap().join().unwrap()
}

#[test]
fn what_has_no_end_is_refused_by_name() {
    for (shape, text) in SHAPES {
        let refused = surface(format!("\n{}", text(100_000))).map(drop);
        assert!(
            matches!(refused, Err(SurfaceError::Deep { line: 2, .. })),
            "{shape}: {refused:?}"
        );
    }
}

/// If the bound is too high for any shape, this overflows the stack.
#[test]
fn the_deepest_that_is_walked_has_room() {
    for (shape, text) in SHAPES {
        let (mut walked, mut refused) = (50, 100_000);
        while refused - walked > 1 {
            let middle = usize::midpoint(walked, refused);
            match surface(text(middle)) {
                Err(SurfaceError::Deep { .. }) => refused = middle,
                _ => walked = middle,
            }
        }
        assert!(walked >= 100, "{shape}: {walked}");
        eprintln!("{shape}: {walked}");
    }
}

#[test]
fn what_is_long_is_not_deep() {
    for (what, text) in [
        (
            "docs",
            format!("{}pub fn f() {{}}\n", "/// A line.\n".repeat(9_000)),
        ),
        ("docs of a module", "//! A line.\n".repeat(9_000)),
        (
            "flags",
            body(&format!("[{}]", "A | B, C | D,".repeat(5_000))),
        ),
        ("items", "pub fn f() { if a < b { c() } }\n".repeat(5_000)),
        (
            "statements",
            body(&"let a = b < c; d(a, |e| e + 1);\n".repeat(10_000)),
        ),
        (
            "blocks",
            body(&"if a < b && c > d { e } else { f }\n".repeat(10_000)),
        ),
        (
            "arms",
            body(&format!(
                "match a {{ {} }}",
                "A::B | A::C if d < e => f(|| g),\n".repeat(10_000)
            )),
        ),
        (
            "elements",
            body(&format!("[{}]", "A { b: 1, c: Some(2) },".repeat(10_000))),
        ),
        (
            "constants",
            format!("const A: &[u8] = &[{}];", "1, ".repeat(50_000)),
        ),
        (
            "variants",
            format!("enum A {{ {} }}", "B(HashMap<u8, Vec<u8>>), ".repeat(5_000)),
        ),
        (
            "plugins",
            body(&format!(
                "app{};",
                ".add_systems(Update, (a, b).chain())".repeat(1_000)
            )),
        ),
    ] {
        let walked = surface(text).map(drop);
        assert_eq!(walked, Ok(()), "{what}");
    }
}
