//! The fragments that fixture crates are put together from, in the language of `template`.
//!
//! Each is a module of its own that relies on `HEADER` and std only, with an item a line
//! where it can be. Must not contain a place whose mark promises more than is true.

/// What every fragment begins with.
pub(super) const HEADER: &str = "\
#[derive(Clone, Copy)] pub struct Leaf { pub leaf: $P }
pub const LEN: usize = ‹2¦3›;
";

pub(super) const FRAGMENTS: &[(&str, &str)] = &[
    ("fields", FIELDS),
    ("enums", ENUMS),
    ("unions", UNIONS),
    ("generics", GENERICS),
    ("constants", CONSTANTS),
    ("associated", ASSOCIATED),
    ("traits", TRAITS),
    ("drops", DROPS),
    ("components", COMPONENTS),
    ("contracts", CONTRACTS),
    ("locals", LOCALS),
    ("closures", CLOSURES),
    ("impls", IMPLS),
    ("macros", MACROS),
    ("macro_scopes", MACRO_SCOPES),
    ("described", DESCRIBED),
    ("counted", COUNTED),
    ("tokens", TOKENS),
    ("spelling", SPELLING),
    ("globs", GLOBS),
    ("imports", IMPORTS),
    ("prelude", PRELUDE),
    ("trait_imports", TRAIT_IMPORTS),
    ("conditions", CONDITIONS),
    ("files", FILES),
    ("lines", LINES),
    ("here", HERE),
    ("callers", CALLERS),
    ("futures", FUTURES),
    ("anonymous", ANONYMOUS),
    ("included", INCLUDED),
    ("bodies", BODIES),
    ("game", GAME),
    ("more_bodies", MORE_BODIES),
];

const FIELDS: &str = "\
pub struct Ship { ‹%pub x: $T,¦pub y: $T,¦pub z: $T,› ‹¦pub w: $T,› pub ‹hull¦armor›: Leaf }
pub struct Pair(pub $T, pub (u8, $T)‹¦, pub u16›);
pub struct Fleet { pub ships: Vec<Ship>, pub best: Option<Box<Pair>>, pub all: [Pair; ‹2¦3¦1 + 1›] }
‹¦#[repr(C)]¦#[repr(align(16))]¦#[repr(packed)]› pub struct Raw { pub a: u8, pub b: u32 }
pub struct Empty‹;¦{}¦();¦(pub ());›
pub struct Link<'a> { pub to: &'a ‹¦mut ›Leaf, pub next: Option<&'a Link<'a>> }
pub fn touch(fleet: &Fleet, raw: &Raw, empty: &Empty, link: &Link) -> usize { ‹~fleet.ships.len()¦fleet.all.len() + 1¦{ let n = 3; n + 1 }› }
";

const ENUMS: &str = "\
pub enum Plain { ‹%A,¦B,¦C,› ‹¦D,› }
‹¦#[repr(u8)]¦#[repr(i16)]¦#[repr(C)]› pub enum Numbered { A = ‹1¦2¦0 + 1›, B, C = ‹7¦9¦(LEN * 10) as _› }
pub enum Loaded { None, One($T), Two { x: $T, ‹y: $T¦z: u8› }, ‹Boxed(Box<Loaded>)¦Boxed(Vec<Loaded>)› }
pub enum Never {}
pub const AT: usize = Plain::B as usize + ‹1¦2›;
pub struct Sized { pub by: [u8; AT], pub to: [u8; Numbered::B as usize] }
impl Loaded { pub fn name(&self) -> &'static str { match self { Self::None => ‹~\"none\"¦\"nothing\"›, _ => \"some\" } } }
pub fn touch(a: Plain, b: Numbered, c: &Loaded, d: Option<Never>, e: Sized, f: Option<Plain>) -> f32 { ‹~1.0¦2.5› }
";

const UNIONS: &str = "\
#[derive(Clone, Copy)] pub union Bits { pub a: $P, pub b: $P, ‹¦pub c: [u8; LEN],› }
#[repr(C)] pub union Raw { ‹%pub a: u32,¦pub b: f32,¦pub c: Leaf,› }
pub union Held { pub a: std::mem::ManuallyDrop<$T>, pub b: () }
pub struct Holder { pub bits: Bits, pub raw: ‹Raw¦Bits›, pub held: Option<Box<Held>> }
pub fn read(holder: &Holder) -> u8 { (‹~unsafe { std::mem::size_of_val(&holder.raw) }¦3¦{ let _ = holder; 4 }›) as u8 }
pub fn touch(holder: &Holder) {}
"
;

const GENERICS: &str = "\
pub struct Keep<T = $T>(pub Vec<T>, pub ‹usize¦u32›);
pub struct Grid<T, const W: usize = ‹2¦3¦LEN›> { pub cells: [T; W] }
pub struct Tagged<T, Tag = ‹Leaf¦u8›> { pub value: T, pub tag: std::marker::PhantomData<Tag> }
pub trait Shape { type Out; const SIDES: usize; }
impl Shape for Leaf { type Out = $T; const SIDES: usize = ‹3¦4›; }
impl<T> Shape for Vec<T> { type Out = ‹T¦Option<T>›; const SIDES: usize = ‹5¦6›; }
pub type Alias<T> = Keep<‹T¦Option<T>¦Vec<T>›>;
pub type Chain = Alias<Leaf>;
pub struct Projected<S: Shape>(pub S::Out);
pub struct World { pub keep: Keep, pub grid: Grid<$P>, pub tagged: Tagged<u8>, pub alias: Chain, pub projected: Projected<Leaf>, pub out: <Vec<u8> as Shape>::Out }
pub struct Sides { pub a: [u8; <Leaf as Shape>::SIDES], pub b: [u8; <Vec<u8> as Shape>::SIDES] }
pub fn touch(world: &World, sides: &Sides) -> usize { ‹~world.keep.0.len()¦7› }
";

const CONSTANTS: &str = "\
const BASE: usize = ‹2¦3¦1 + 1›;
const NAMES: &[&str] = &[\"a\", ‹¦\"b\",› \"c\"];
static TABLE: [u8; 3] = [‹1¦2›, 2, 3];
const fn twice(n: usize) -> usize { n * ‹2¦3¦(1 + 1)› }
const fn count(to: usize) -> usize { let mut n = 0; let mut at = 0; while at < to { n += ‹1¦2›; at += 1; } n }
const fn first() -> usize { TABLE[0] as usize }
const fn largest(a: usize, b: usize) -> usize { if a ‹>¦<› b { a } else { b } }
const DERIVED: usize = twice(BASE) + ‹1¦0›;
const PAIR: (usize, u8) = (‹1¦2›, 3);
const UNUSED: f32 = ‹~1.5¦2.5¦0.25›;
pub struct A([u8; DERIVED], [u8; NAMES.len()], [u8; first()]);
pub struct B { pub a: [u8; count(4)], pub b: [u8; largest(LEN, 4)], pub c: [u8; std::mem::size_of::<Leaf>()] }
pub struct C(pub [u8; PAIR.0], pub [u8; { const INNER: usize = ‹1¦2›; INNER + BASE }]);
pub struct D<const N: usize>; 
pub struct E { pub d: D<{ BASE + 1 }>, pub e: D<BASE>, pub f: D<{ \"text‹¦s›\".len() }> }
pub mod far { pub const N: usize = super::super::@::BASE + ‹1¦2›; pub const F: f64 = ‹~1.0¦2.0›; }
pub struct F([u8; far::N], [u16; self::far::N]);
pub fn speed() -> f32 { UNUSED * ‹~2.0¦3.0› + far::F as f32 }
pub fn touch(a: &A, b: &B, c: &C, e: &E, f: &F) {}
";

const ASSOCIATED: &str = "\
pub trait Has { const K: usize = ‹1¦2›; const J: usize = Self::K + ‹1¦2›; }
pub struct Own;
pub struct Other;
impl Has for Own { ‹¦const K: usize = 4;¦const K: usize = 2;› }
impl Has for Other { const J: usize = ‹3¦4›; }
impl Own { ‹¦pub const K: usize = 9;› pub const M: usize = ‹1¦2›; pub const fn size(&self) -> usize { ‹5¦6› } }
impl<T> Has for Option<T> { const K: usize = ‹2¦3›; }
pub struct Of<T>(T);
impl Of<u8> { pub const Z: usize = ‹1¦2›; }
impl Of<u16> { pub const Z: usize = ‹3¦2›; }
pub type Which = ‹u8¦u16›;
pub struct A { pub k: [u8; Own::K], pub j: [u8; <Other as Has>::J], pub m: [u8; Own::M], pub n: [u8; Own.size()] }
pub struct B { pub o: [u8; <Option<u8> as Has>::K], pub z: [u8; Of::<Which>::Z] }
pub struct C; 
impl C { const N: usize = ‹1¦2› + Own::M; pub fn get() -> [u8; Self::N] { [‹~0¦1›; Self::N] } }
pub struct D([u8; Self::N]);
impl D { const N: usize = C::N; const FREE: f32 = ‹~1.0¦2.0›; pub fn free() -> f32 { Self::FREE } }
pub fn touch(a: &A, b: &B, d: &D) {}
";

const TRAITS: &str = "\
pub trait Base { fn base(&self) -> u8 { ‹~1¦2› } }
pub trait Extra { fn extra(&self) -> u8 { ‹~1¦2› } }
pub trait Act: ‹!Base + Extra¦Extra + Base› { ‹!%fn a(&self) -> u8;¦fn b(&self) -> u8;¦fn c(&self) -> u8 { ‹~self.a()¦self.b()¦3› }› ‹¦fn d(&self) -> u8 { 4 }› ‹!¦fn s(&self) -> u8 where Self: Sized { 5 }› ‹!¦fn g<T>(&self, x: T) -> u8 where Self: Sized { 5 }› }
pub trait Counted { ‹!const N: usize = 1;¦const N: usize = 2;› }
pub trait Typed { type Out; fn out(&self) -> Option<Self::Out>; }
pub mod old { pub trait Over { fn a(&self) {} fn b(&self) {} } }
pub mod new { pub trait Over { fn b(&self) {} fn a(&self) {} } }
‹!use old::Over;¦use new::Over;›
pub trait Under: Over { fn go(&self) {} }
impl Base for Leaf {}
impl Extra for Leaf {}
impl Act for Leaf { ‹~%fn a(&self) -> u8 { ‹~1¦2› }¦fn b(&self) -> u8 { 2 }› }
impl Typed for Leaf { type Out = ‹!u8¦u16›; fn out(&self) -> Option<Self::Out> { ‹~None¦Some(1)› } }
impl Over for Leaf {}
impl Under for Leaf {}
pub struct User { pub act: Box<dyn Act>, pub typed: Box<dyn Typed<Out = u8>>, pub under: Option<Box<dyn Under‹¦ + Send›>>, pub call: Box<dyn Fn($P) -> u8> }
pub fn touch(user: &User) -> u8 { user.act.a() + ‹~1¦2› }
pub fn make() -> Box<dyn Act> { Box::new(Leaf { leaf: 1 as _ }) }
";

const DROPS: &str = "\
pub struct Held { pub x: Vec<u8> }
‹!¦impl Drop for Held { fn drop(&mut self) { ‹!self.x.clear()¦self.x.push(1)› } }›
pub struct Free { pub x: u8 }
‹!¦impl std::ops::Drop for Free { fn drop(&mut self) { helper() } }¦impl ::core::ops::Drop for Free { fn drop(&mut self) { helper(); helper() } }›
fn helper() { ‹~› let x = 1; }
pub struct Any<T>(pub T);
‹!¦impl<T> Drop for Any<T> { fn drop(&mut self) {} }›
pub struct Named;
pub mod renamed { use std::ops::Drop as Finish; ‹!¦impl Finish for super::Named { fn drop(&mut self) {} }› }
pub struct Ruled;
macro_rules! ends { ($($t:ty),*) => { $(impl Drop for $t { fn drop(&mut self) { ‹!let _ = 1;¦let _ = 2;› } })* } }
ends!(‹!¦Ruled›);
pub struct Inside;
pub fn inside() { ‹!¦impl Drop for Inside { fn drop(&mut self) {} }› }
pub struct Maybe;
‹!#[cfg(all())]¦#[cfg(any())]› impl Drop for Maybe { fn drop(&mut self) {} }
‹!¦#[derive(Clone, Copy)]› pub struct Copied(pub u8);
pub fn touch(a: &Held, b: &Free, c: &Any<u8>, d: &Maybe) -> u8 { ‹~1¦2› }
//// keep/@.rs
use crate::@::*;
pub struct Facts([u8; std::mem::needs_drop::<Free>() as usize], [u8; std::mem::needs_drop::<Any<u8>>() as usize], [u8; std::mem::needs_drop::<Named>() as usize], [u8; std::mem::needs_drop::<Ruled>() as usize], [u8; std::mem::needs_drop::<Inside>() as usize], [u8; std::mem::needs_drop::<Maybe>() as usize]);
pub fn facts(facts: &Facts) {}
";

const COMPONENTS: &str = "\
#[derive(Clone, Copy)] pub enum Storage { Table, Sparse }
pub trait Component { const STORAGE: Storage = ‹!Storage::Table¦Storage::Sparse›; const MUTABLE: bool = true; fn on_add() {} }
pub struct Ship { pub x: $T }
impl Component for Ship { const STORAGE: Storage = Storage::‹!Table¦Sparse›; fn on_add() { ‹!let x = 1;¦let x = 2;› } }
pub struct Rock;
impl Component for Rock { ‹!¦const MUTABLE: bool = false;› }
const KIND: Storage = Storage::‹!Table¦Sparse›;
pub struct Far;
impl Component for Far { const STORAGE: Storage = KIND; }
macro_rules! component { ($t:ident, $s:ident) => { pub struct $t; impl Component for $t { const STORAGE: Storage = Storage::$s; } } }
component!(Made, ‹!Table¦Sparse›);
pub fn systems(ships: &[Ship]) -> usize { ‹~ships.len()¦ships.len() + 1¦0› }
pub fn touch(ship: &Ship) {}
//// keep/@.rs
use crate::@::*;
pub struct Facts([u8; <Ship as Component>::STORAGE as usize], [u8; <Rock as Component>::MUTABLE as usize], [u8; <Far as Component>::STORAGE as usize], [u8; <Made as Component>::STORAGE as usize], [u8; <Rock as Component>::STORAGE as usize]);
pub fn facts(facts: &Facts) {}
";

const CONTRACTS: &str = "\
pub unsafe trait Param { type State; fn access() -> u8; fn init() -> u8 { ‹!1¦2› } }
pub struct Query { pub x: u8 }
unsafe impl Param for Query { type State = ‹!u8¦u16›; fn access() -> u8 { ‹!1¦2› } }
pub struct Sent(pub *const u8);
‹!¦unsafe impl Send for Sent {}›
‹!¦unsafe impl Sync for Sent {}›
impl std::ops::Deref for Query { type Target = u8; fn deref(&self) -> &u8 { ‹~&self.x¦{ let x = &self.x; x }› } }
impl std::fmt::Display for Query { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { ‹~Ok(())¦f.write_str(\"x\")› } }
impl Iterator for Query { type Item = ‹!u8¦u16›; fn next(&mut self) -> Option<Self::Item> { ‹~None¦Some(1)› } }
pub struct Kept { pub state: <Query as Param>::State, pub items: std::iter::Peekable<Query> }
pub fn touch(query: &Query, kept: &Kept) -> u8 { ‹~1¦2› }
";

const LOCALS: &str = "\
pub fn one() -> usize { struct L($T); fn keep(l: &L) {} ‹~1¦2› }
pub fn blocks() { ‹%{ struct L($P); fn keep(l: &L) {} }¦{ struct L($P); fn keep(l: &L) {} }› ‹¦{ struct L; fn keep(l: &L) {} }› }
pub fn branch(x: bool) -> u8 { if x { enum E { A, ‹B,¦C,¦› D($P) } fn keep(e: &E) {} ‹~1¦2› } else { ‹~3¦4› } }
pub fn nested() { ‹¦fn zero() {}› fn inner() { struct L { x: $P } fn keep(l: &L) {} ‹~let x = 1;¦let x = 2;› } inner() }
pub fn named() { use super::@::Leaf as X; const N: usize = ‹1¦2›; type T = $P; struct L([T; N], X); fn keep(l: &L) {} }
pub fn outside() { const M: usize = LEN + ‹1¦2›; struct L([u8; M], [u8; LEN]); fn keep(l: &L) {} }
pub const VALUE: usize = { struct L($P); const fn keep(l: &L) -> usize { ‹1¦2› } keep(&L(1 as _)) };
pub static STILL: usize = { #[repr(C)] struct L($P, u8); const fn keep(l: &L) -> usize { 1 } keep(&L(1 as _, 2)) + ‹~1¦2› };
pub struct ByValue([u8; VALUE]);
pub trait Go { fn go(&self) { struct L($P); fn keep(l: &L) {} } }
impl Go for Leaf {}
pub fn generic<T>(x: T) { struct L<T>(T, $P); fn keep(l: &L<u8>) {} }
pub fn touch(x: &ByValue) { generic(1u8); Leaf { leaf: 1 as _ }.go() }
pub fn shadow() { ‹¦struct Leaf(u8);› struct L(Leaf); fn keep(l: &L) {} }
pub fn late() { struct L(Near); ‹type Near = u8;¦struct Near(u16);¦use crate::@::Leaf as Near;› fn keep(l: &L) {} }
";

const CLOSURES: &str = "\
pub fn plain(xs: &[u32]) -> u32 { let by = ‹~2¦3›; xs.iter().map(|x| x ‹~*¦+› by).sum() }
pub fn holder() { ‹¦let g = |x: u8| x; g(1);› let f = |x: u8| { struct L($P); fn keep(l: &L) {} x }; f(1); }
pub async fn wait(x: $P) -> u8 { ‹~let y = 1;¦let y = [0u8; 7];› std::future::ready(()).await; let z = &y; 1 }
pub async fn local(x: u8) -> u8 { ‹¦let f = || 1; f();› struct L(u8, $P); fn keep(l: &L) {} std::future::ready(()).await; x }
pub fn boxed() -> Box<dyn Fn() -> u8> { let x = ‹~1¦2›; Box::new(move || x) }
pub fn opaque() -> impl Fn(u8) -> u8 { ‹~|x| x¦|x| x + 1› }
pub fn twice() { let a = move || ‹~1¦2›; let b = || { enum M { A, B ‹¦, C› } fn keep(m: &M) {} }; a(); b() }
pub fn constant() -> usize { const { struct L($P); const fn keep(l: &L) -> usize { ‹~1¦2› } keep(&L(1 as _)) } }
pub struct Task { pub run: Box<dyn FnOnce(Leaf) -> $P>, pub state: ‹u8¦Option<u8>›, pub done: std::pin::Pin<Box<dyn Future<Output = $P>>> }
pub fn touch(task: &Task) {}
";

const IMPLS: &str = "\
pub struct A;
pub struct B;
pub trait Go { fn go(&self); fn other(&self) { ‹~let x = 1;¦let x = 2;› } }
‹!¦impl Clone for A { fn clone(&self) -> A { A } }›
‹!%impl Go for A { fn go(&self) { struct L($P); fn keep(l: &L) {} } }
¦impl Go for B { fn go(&self) { struct L($P); fn keep(l: &L) {} } }
›
‹#[derive(Debug)]¦#[derive(Debug, Clone)]¦› pub struct C(u8);
impl A { pub fn make(&self) -> u8 { enum L { X($P), Y } fn keep(l: &L) {} ‹~1¦2› } }
impl B { ‹~pub fn free(&self) -> u8 { ‹~1¦2› }¦› }
impl A { pub fn again(&self) { struct L($P); fn keep(l: &L) {} } }
pub mod inner { use super::A; ‹¦impl A { pub fn more(&self) {} }› impl A { pub fn last(&self) { struct L($P); fn keep(l: &L) {} } } }
pub fn touch(a: &A, b: &B) {}
";

const MACROS: &str = "\
macro_rules! declare { ($n:ident, $t:ty) => { pub struct $n { pub x: $t, pub y: ‹u8¦u32› } } }
macro_rules! many { ($($n:ident),*) => { pub struct Many { $(pub $n: u8),* } } }
macro_rules! length { () => { ‹2¦3› } }
macro_rules! kind { ($t:ty) => { Option<‹$t¦Box<$t>›> } }
macro_rules! value { ($x:expr) => { $x + ‹0¦1› } }
macro_rules! forward { ($($t:tt)*) => { $($t)* } }
macro_rules! inner { ($n:ident) => { pub fn $n() { struct L(‹u8¦u16›); fn keep(l: &L) {} } } }
macro_rules! twice { ($n:ident) => { declare!($n, $P); impl $n { pub const SIDES: usize = ‹2¦3›; pub fn side(&self) -> u8 { ‹~1¦2› } } } }
declare!(First, $T);
many!(a, b‹¦, c›);
inner!(hidden);
twice!(Second);
forward! { pub struct Third { pub x: $P ‹¦, pub y: u8› } }
pub struct A([u8; length!()], kind!(u8), [u8; value!(2)], [u8; Second::SIDES]);
pub fn body() -> usize { forward! { struct L($P); fn keep(l: &L) {} } length!() + ‹~1¦2› }
pub fn log(x: u8) { assert!(x > ‹~1¦2›, \"no {}\", x); let v = vec![‹~1¦2›, 2]; }
pub fn touch(a: &A, b: &First, c: &Second, d: &Third, e: &Many) {}
";

const MACRO_SCOPES: &str = "\
macro_rules! size { () => { ‹1¦2› } }
‹%pub struct A([u8; size!()]);
¦macro_rules! size { () => { 3 } }
¦pub struct B([u8; size!()]);
›
#[macro_use] pub mod rules { ‹macro_rules! size { () => { ‹4¦5› } }¦› macro_rules! fresh { () => { ‹6¦7› } } }
pub struct C([u8; size!()], [u8; fresh!()]);
pub mod below { pub struct D([u8; size!()]); ‹macro_rules! size { () => { 9 } }¦› pub struct E([u8; size!()]); }
macro_rules! make { ($m:ident) => { macro_rules! $m { () => { ‹1¦2› } } } }
make!(made);
pub struct F([u8; made!()]);
mod hidden { macro_rules! exported { () => { ‹1¦2› } } pub(crate) use exported; }
mod hiding { macro_rules! exported { () => { 3 } } pub(crate) use exported; }
use ‹hidden¦hiding›::exported;
pub struct G([u8; exported!()]);
pub fn touch(a: &A, b: &B, c: &C, d: &below::D, e: &below::E, f: &F, g: &G) -> u8 { ‹~1¦2› }
";

const DESCRIBED: &str = "\
macro_rules! described { ($(#[doc = $d:literal])* pub struct $n:ident;) => { pub struct $n(pub [u8; 0 $(+ $d.len())*]); } }
described! { ‹¦/// word\n¦/// more words\n¦#[doc = \"x\"]› pub struct Described; }
pub fn touch(a: &Described) -> u8 { ‹~1¦2› }
";

const COUNTED: &str = "\
macro_rules! counted { ($(#[$m:meta])* pub struct $n:ident;) => { pub struct $n(pub [u8; [$(stringify!($m)),*].len()]); } }
counted! { #[cfg(all())] ‹¦#[allow(dead_code)]¦#[inline] #[must_use]¦/** x */› pub struct Counted; }
pub fn touch(a: &Counted) -> u8 { ‹~1¦2› }
";

const TOKENS: &str = "\
macro_rules! seen { ($v:vis struct $n:ident;) => { pub struct $n(pub [u8; stringify!($v).len()]); } }
macro_rules! commas { ($($x:expr),* ; $($t:tt)*) => { pub struct Commas(pub [u8; [$(stringify!($t)),*].len()]); } }
macro_rules! count { ($($t:tt)*) => { 0 $(+ { let _ = stringify!($t); 1 })* } }
seen! { ‹¦pub¦pub(crate)› struct Seen; }
commas! { 1, 2; a, b‹¦,› }
pub struct Tokens([u8; count!(‹a b¦a b,¦/* c */ a¦a < - b¦a <- b¦pub a¦#[inline] a›)]);
pub fn touch(a: &Seen, b: &Commas, c: &Tokens) -> u8 { ‹~1¦2› }
";

const SPELLING: &str = "\
pub struct Text([u8; stringify!(‹a + b¦a+b¦a  +  b¦a +b¦a./**/b›).len()]);
pub struct Raw([u8; stringify!(‹a¦r#a›).len()], [u8; concat!(\"a\", ‹1¦10¦1.50›).len()]);
pub struct Words([u8; module_path!().len()], [u8; \"‹a¦\\x61¦ab›\".len()], [u8; b\"‹a¦bc›\".len()], [u8; '‹a¦b›' as usize]);
pub const NAME: &str = stringify!(struct ‹Leaf¦r#Leaf›;);
pub struct Named([u8; NAME.len()]);
pub fn touch(a: &Text, b: &Raw, c: &Words, d: &Named) -> u8 { ‹~1¦2› }
";

const GLOBS: &str = "\
pub mod a { pub struct Inner(pub $P); pub const N: usize = ‹1¦2›; pub type Al = $P; pub const fn n() -> usize { ‹3¦4› } }
pub mod b { pub struct Inner(pub $P, pub u8); pub const N: usize = ‹3¦2›; pub type Al = $P; pub const fn n() -> usize { ‹5¦4› } }
pub mod hub { ‹pub use super::a::*;¦pub use super::b::*;¦pub use super::a::{Inner, N, Al, n};¦pub use super::a::*; pub use super::b::Inner;¦pub use super::b::*; pub use super::a::{n, N};› }
pub mod user {
‹use super::hub::*;¦use super::a::*;¦use super::b::*;¦use super::{hub::*, hub as hop};¦use super::*; use super::hub::*;›
‹¦pub struct Inner(pub $P);›
‹¦pub const N: usize = ‹5¦6›;›
‹¦pub type Al = $P;›
‹¦const fn n() -> usize { ‹7¦8› }›
pub struct U { pub inner: Inner, pub n: [u8; N], pub al: Al, pub f: [u16; n()], pub far: super::hub::Inner }
pub fn inside() { ‹¦use super::b::*;¦use super::a::{N, Inner};¦const N: usize = 9;› struct L(Inner, [u8; N]); fn keep(l: &L) {} }
}
pub mod deep { pub mod er { use super::*; pub struct V(pub [u8; Q]); pub fn touch(v: &V) {} } ‹use super::a::N as Q;¦use super::b::N as Q;¦const Q: usize = 1;¦pub(self) use super::hub::N as Q;› }
pub fn touch(u: &user::U) -> u8 { ‹~1¦2› }
";

const IMPORTS: &str = "\
pub mod a { pub mod c { pub struct Inner(pub $P); pub const N: usize = ‹1¦2›; } pub struct Outer(pub c::Inner); pub enum E { X, Y } pub type Size = u8; }
pub mod b { pub mod c { pub struct Inner(pub $P); pub const N: usize = ‹2¦3›; } pub struct Outer(pub c::Inner, u8); pub enum E { Y, X } pub type Size = u16; }
use ‹a¦b›::c;
use ‹a::Outer¦b::Outer¦self::b::Outer¦a::c::Inner as Outer›;
use ‹a::{E, Size}¦b::{E, Size}¦{a::E, b::Size}›;
use ‹a::c::N as M¦b::c::N as M¦super::@::b::c::N as M¦super::@::LEN as M›;
pub use ‹a¦b›::c::Inner as Shown;
pub struct U { pub c: c::Inner, pub n: [u8; c::N], pub outer: Outer, pub e: [u8; E::X as usize], pub m: [u8; M], pub size: Size }
pub mod user { use super::{self as up, Shown}; ‹use up::Outer as Mine;¦use super::b::Outer as Mine;¦type Mine = super::a::Outer;¦pub struct Mine;› pub struct W(pub Mine, pub Shown, pub up::Size, pub super::super::@::c::Inner); }
pub fn touch(u: &U, w: &user::W) -> u8 { use std::fmt::‹~Debug¦Display›; ‹~1¦2› }
";

const PRELUDE: &str = "\
‹¦pub struct Vec<T>(pub T);¦use std::collections::VecDeque as Vec;¦type Vec<T> = Option<T>;›
‹¦pub enum Option<T> { None, Some(T), Both(T, T) }¦use std::result::Result as Opt;¦type Option<T> = (T, T);›
‹¦pub struct Box<T>(pub T);¦use std::rc::Rc as Box;›
‹¦#[allow(non_camel_case_types)] type u8 = u16;¦#[derive(Clone, Copy)] struct u8(bool);›
‹¦const fn size_of<T>() -> usize { 3 }¦use std::mem::align_of as size_of;›
‹¦pub mod std { pub mod rc { pub struct Rc<T>(pub T); } pub mod marker { pub struct PhantomData<T>(pub T); } pub mod cell { pub struct Cell<T>(pub T); } }›
pub struct A { pub v: Vec<i8>, pub o: Option<i16>, pub b: Box<i32>, pub s: [i8; size_of::<i32>()] }
pub struct B(pub std::rc::Rc<i8>);
pub struct C(pub u8);
pub mod inner { ‹¦pub struct String(pub i8);¦pub use std::path::PathBuf as String;› pub struct D(pub String); }
pub fn touch(a: &A, b: &B, c: &C, d: &inner::D) {}
";

const TRAIT_IMPORTS: &str = "\
pub struct S;
pub mod a { pub trait Has { const K: usize = ‹1¦2›; } impl Has for super::S {} }
pub mod b { pub trait Has { const K: usize = ‹3¦4›; } impl Has for super::S {} pub trait Late { const K: usize = 7; } }
‹use a::Has as _;¦use b::Has as _;¦use a::*;¦use b::*;¦use b::Has;¦use a::Has as Other;›
pub struct U(pub [u8; S::K]);
pub mod inner { use super::S; use super::‹a¦b›::Has; pub struct V(pub [u8; <S as Has>::K], pub [u8; S::K]); }
pub mod far { ‹impl super::S { pub const K: usize = 8; }¦impl super::S { pub fn free(&self) -> u8 { ‹~1¦2› } }› }
pub trait Pick { type To; }
impl Pick for S { type To = ‹Leaf¦S¦crate::@::a_type::T›; }
pub mod a_type { pub type T = $P; }
pub struct W(pub <S as Pick>::To, pub Vec<<S as Pick>::To>);
pub fn touch(u: &U, v: &inner::V, w: &W) -> u8 { ‹~1¦2› }
";

const CONDITIONS: &str = "\
#[cfg(‹all()¦any()›)] pub struct A(pub u8);
#[cfg(not(‹all()¦any()›))] pub struct B(pub u8);
pub struct C { #[cfg(‹all()¦any()¦debug_assertions¦target_os = \"linux\"›)] pub x: u16, pub y: u8 }
#[cfg_attr(‹all()¦any()›, repr(C))] pub struct D { pub a: u8, pub b: u32, pub c: u8 }
#[cfg(‹all()¦unix›)] mod os { pub const N: usize = ‹1¦2›; }
pub struct E([u8; os::N], [u8; if cfg!(‹all()¦any()›) { 1 } else { 2 }]);
pub enum F { X, #[cfg(‹all()¦any()›)] Y, Z }
‹#[cfg(all())] const M: usize = 1; #[cfg(any())] const M: usize = 2;¦#[cfg(any())] const M: usize = 1; #[cfg(all())] const M: usize = 2;›
pub struct G([u8; M]);
pub fn code() -> u8 { #[cfg(‹~all()¦any()›)] { return 1; } ‹~2¦3› }
#[cfg(test)] mod tests { struct T‹~(u8)¦(u16)›; }
pub fn touch(c: &C, d: &D, e: &E, f: &F, g: &G) {}
";

const FILES: &str = "\
pub mod sub;
#[path = \"@/‹one¦two›.rs\"] pub mod chosen;
include!(\"@/included.rs\");
pub const DATA: &str = include_str!(\"@/data.txt\");
pub struct A(pub sub::S, pub chosen::Z, pub [u8; DATA.len()], pub [u8; include_bytes!(\"@/data.txt\").len()], pub Part);
pub fn touch(a: &A) -> u8 { sub::deep::go() + ‹~1¦2› }
//// @/sub.rs
‹~¦// A comment.
¦//! Docs.
›pub mod deep;
pub struct S { pub x: $T, pub n: [u8; deep::N] }
pub fn free() -> u8 { ‹~1¦2› }
//// @/sub/deep.rs
pub const N: usize = ‹1¦2›;
use super::super::LEN as M;
pub struct T(pub [u8; M], pub $P);
pub fn go() -> u8 { ‹~1¦2› }
pub fn touch(t: &T) {}
//// @/one.rs
pub struct Z(pub $P);
//// @/two.rs
pub struct Z(pub $P, pub $P);
//// @/included.rs
pub struct Part(pub $P);
pub fn part() -> u8 { ‹~1¦2› }
//// @/data.txt
some text‹¦ more›
";

const LINES: &str = "\
‹¦// A comment.
¦
›pub struct Line([u8; line!() as usize]);
pub struct Column([u8; {‹¦ ›column!() as usize}]);
macro_rules! placed { ($n:ident) => { pub struct $n([u8; line!() as usize]); } }
‹¦
›placed!(Placed);
pub fn touch(a: &Line, b: &Column, c: &Placed) -> u8 { ‹~1¦2› }
";

const HERE: &str = "\
macro_rules! here { () => { line!() } }
‹¦// Another one.
¦
›pub struct There([u8; here!() as usize]);
‹¦
›pub const AT: usize = here!() as usize;
pub struct Through([u8; AT]);
pub fn touch(a: &There, b: &Through) -> u8 { ‹~1¦2› }
";

const CALLERS: &str = "\
const fn caller() -> usize { std::panic::Location::caller().line() as usize }
‹¦
›pub struct Called([u8; caller()]);
‹¦#[track_caller]› const fn tracked() -> usize { std::panic::Location::caller().line() as usize }
‹¦
›pub struct Tracked([u8; tracked()]);
pub fn touch(a: &Called, b: &Tracked) -> u8 { ‹~1¦2› }
";

const FUTURES: &str = "\
pub const fn gives<R>(f: fn(u8) -> R) -> usize { std::mem::size_of::<R>() }
pub async fn wait(x: u8) -> u8 { let y = [x; ‹3¦4›]; std::future::ready(()).await; y[0] }
pub fn opaque(x: u8) -> impl Fn() -> u8 { let y = ‹x¦[x; 5]¦(x, x)›; move || { let z = &y; 1 } }
pub struct A([u8; gives(wait)]);
pub struct B([u8; gives(opaque)]);
pub fn touch(a: &A, b: &B) {}
";

const ANONYMOUS: &str = "\
pub fn lengths() { ‹¦let c = [0u8; 4 + 1];¦let c: [u8; LEN] = [0; LEN];› let a = [0u8; { struct L(u8); const fn keep(l: &L) -> usize { 1 } keep(&L(1)) }]; let b = [0u8; { struct L(u16); const fn keep(l: &L) -> usize { 2 } keep(&L(1)) }]; }
pub fn arguments() { ‹¦take::<{ 1 + 1 }>();› take::<{ struct L(u8); const fn keep(l: &L) -> usize { 1 } keep(&L(1)) }>(); take::<{ struct L(u16); const fn keep(l: &L) -> usize { 1 } keep(&L(1)) }>(); }
pub fn take<const N: usize>() -> usize { N }
‹¦const _: () = assert!(true);›
const _: () = { pub struct L($P); impl super::@::Shown for L { fn shown(&self) {} } };
const _: () = { pub struct L($P); impl super::@::Shown for L { fn shown(&self) {} } };
pub trait Shown { fn shown(&self); }
pub fn touch() {}
";

const INCLUDED: &str = "\
pub struct A;
pub trait Go { fn go(&self) {} }
include!(\"@/first.rs\");
include!(\"@/second.rs\");
‹#[cfg(all())]¦#[cfg(any())]› impl A { pub fn early(&self) {} }
impl A { pub fn here(&self) { struct L($P); fn keep(l: &L) {} } }
macro_rules! implement { ($f:ident, $t:ty) => { impl A { pub fn $f(&self) { struct L($t); fn keep(l: &L) {} } } } }
‹%implement!(x, u8);
¦implement!(y, u16);
›pub fn touch(a: &A) {}
//// @/first.rs
‹¦impl Go for A {}›
pub fn first() {}
//// @/second.rs
impl A { pub fn second(&self) { struct L($P); fn keep(l: &L) {} } }
impl A { pub fn third(&self) { struct L($P, u8); fn keep(l: &L) {} } }
";

const BODIES: &str = "\
pub const SPEED: f32 = ‹~1.0¦2.0¦3.5›;
const NAME: &str = ‹~\"ship\"¦\"boat\"›;
static GREETING: &str = ‹~\"hello\"¦\"hi\"›;
pub struct Ship { pub x: f32, pub y: f32, pub hits: u32 }
‹~%pub fn steer(ship: &mut Ship, by: f32) { ship.x += by * ‹~SPEED¦2.0¦SPEED * 2.0›; helper(ship) }
¦fn helper(ship: &mut Ship) { ‹~ship.hits += 1¦ship.hits += 2; ship.y = 0.0¦for i in 0..3 { ship.hits += i }› }
¦/// Doc‹~.¦s.›
pub fn name(ship: &Ship) -> String { format!(\"{NAME} {} {}\", ship.hits, ‹~1¦GREETING›) }
¦pub fn unused() -> u8 { ‹~1¦2› }
›
impl Ship { pub fn new() -> Self { Self { x: ‹~0.0¦1.0›, y: 0.0, hits: ‹~0¦3› } } ‹~¦pub fn far(&self) -> bool { self.x > 10.0 }› }
impl Default for Ship { fn default() -> Self { Self::new() } }
‹~¦pub struct Added§ { pub x: u8 }›
‹~¦pub enum AddedKind§ { A, B(u8) }›
‹~¦fn added(x: u8) -> u8 { x + 1 }›
‹~¦// A comment that says something.
¦/* Another. */
›
‹~¦pub mod added§ { pub fn go() {} }›
pub fn update(ships: &mut Vec<Ship>) { ‹~¦ships.push(Ship::new());› for ship in ships.iter_mut() { steer(ship, ‹~0.1¦0.2›); } ships.retain(|ship| ship.hits < ‹~9¦10›); }
pub fn touch(ship: &Ship) {}
";

const GAME: &str = "\
#[derive(Clone, Copy, Debug, PartialEq, Default)] pub struct Position { pub x: f32, pub y: f32 ‹¦, pub z: f32› }
#[derive(Clone, Debug)] pub enum State { Menu, Playing { level: $P, score: ‹u32¦u64¦f32› }, Over(String) }
pub struct World { pub positions: Vec<Position>, pub names: std::collections::BTreeMap<String, $T>, pub state: State, pub systems: Vec<fn(&mut World)> }
const GRAVITY: f32 = ‹~9.81¦1.62›;
const MAX: usize = ‹~100¦200›;
const SLOTS: usize = ‹4¦8›;
pub struct Inventory { pub slots: [Option<Item>; SLOTS], pub gold: u32 }
‹%#[derive(Clone, Copy)] pub struct Item { pub id: u16, pub count: ‹u8¦u16› }
¦pub fn fall(world: &mut World) { for p in &mut world.positions { p.y -= GRAVITY * ‹~0.016¦0.02›; } if world.positions.len() > MAX { world.positions.clear(); } }
¦pub fn score(world: &mut World) { if let State::Playing { level, .. } = &mut world.state { *level = ‹~1 as _¦2 as _›; } }
¦impl Inventory { pub fn worth(&self) -> u32 { self.slots.iter().flatten().map(|item| u32::from(item.count)).sum::<u32>() ‹~+¦*› self.gold } }
›
pub fn start() -> World { World { positions: vec![Position::default(); ‹~3¦4›], names: Default::default(), state: State::Menu, systems: vec![fall, ‹~score¦fall›] } }
pub fn touch(world: &World, inventory: &Inventory) {}
";

const MORE_BODIES: &str = "\
use std::collections::HashMap as Map;
pub struct Level { pub tiles: [u8; 16], pub seed: u64 }
const WIDTH: usize = ‹~4¦8›;
const WEIGHTS: [f32; 3] = [‹~0.5¦0.25›, 1.0, 2.0];
thread_local! { static SEEN: std::cell::Cell<u32> = const { std::cell::Cell::new(‹~0¦1›) }; }
pub trait Rule { fn apply(&self, level: &mut Level); fn cost(&self) -> f32 { ‹~1.0¦WEIGHTS[1]› } }
pub struct Flip;
impl Rule for Flip { fn apply(&self, level: &mut Level) { level.tiles[‹~0¦1›] = ‹~1¦level.tiles[2]›; ‹~¦let twice = |x: u8| x * 2; level.tiles[3] = twice(2);› } }
impl Level { ‹~%pub fn at(&self, x: usize, y: usize) -> u8 { self.tiles[(y * WIDTH + x) % 16] } ¦pub fn fill(&mut self, with: u8) { self.tiles = [with; 16]; ‹~¦self.seed += 1;› } ¦fn secret(&self) -> u64 { self.seed ^ ‹~1¦2› } › }
pub async fn load(path: String) -> Level { ‹~¦let again = path.clone();› std::future::ready(()).await; Level { tiles: [0; 16], seed: path.len() as u64 } }
pub fn count(level: &Level) -> Map<u8, usize> { let mut counts = Map::new(); for tile in level.tiles { *counts.entry(tile).or_insert(‹~0¦1›) += 1; } counts }
pub fn parse(text: &str) -> Result<u8, std::num::ParseIntError> { text‹~¦.trim()›.parse::<u8>() }
pub fn run(rules: &[Box<dyn Rule>], level: &mut Level) -> f32 { rules.iter().map(|rule| { rule.apply(level); rule.cost() }).‹~sum¦product›() }
#[inline‹~¦(always)¦(never)›] pub fn small() -> u8 { ‹~1¦2› }
pub fn touch(level: &Level) {}
";
