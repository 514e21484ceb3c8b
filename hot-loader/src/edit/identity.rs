//! Under which crate identity (`-C metadata`) a build of the module is made.
//!
//! rustc derives every type's identity from the crate's, so two generations of one
//! identity share their types, and may only do so if no type differs between them.
//! An edit of types gets an identity of its own; an edit that is undone gets its old
//! one back, and with it a warm cache. Pure: it decides, and builds nothing.

use crate::generation::Identity;
use hot_loader_verdict::{code::Code, contracts::Beside, layouts::Layouts};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// What the world has met of one identity, live or declined: it may know the types for ever.
struct Met {
    identity: Identity,
    /// The one that has all types of the others: of any two of an identity, one only adds
    /// to the other.
    code: Arc<Code>,
    /// What the compiler said last.
    layouts: Option<Arc<Layouts>>,
    /// What it said before and did not say again.
    earlier: Vec<Layouts>,
}

impl Met {
    fn new(identity: Identity, code: Arc<Code>) -> Self {
        Self {
            identity,
            code,
            layouts: None,
            earlier: Vec::new(),
        }
    }

    /// Takes in one more state of its types.
    fn add(&mut self, code: Arc<Code>, layouts: Option<Arc<Layouts>>) {
        let beside = match (&self.layouts, &layouts) {
            (Some(_), Some(_)) => Beside::Layouts,
            _ => Beside::Nothing,
        };
        if is_within(&self.code, &code, beside) {
            self.code = code;
        }
        let Some(layouts) = layouts else {
            return;
        };
        let last = self.layouts.replace(layouts.clone());
        // The types of some units of the crate are not in every build.
        let last = last.filter(|last| !Arc::ptr_eq(last, &layouts));
        let last = last.and_then(|last| last.besides(&[&layouts]));
        let newer: Vec<&Layouts> = last.iter().chain([&*layouts]).collect();
        let earlier = self.earlier.iter().filter_map(|it| it.besides(&newer));
        self.earlier = earlier.collect();
        self.earlier.extend(last);
    }
}

/// Whether `new` only adds to the types of `old`.
fn is_within(old: &Code, new: &Code, beside: Beside) -> bool {
    let differences = old.contracts().differences(new.contracts(), beside);
    differences.is_empty()
}

/// What the world has met under each identity in this process.
pub struct Identities {
    /// The executable's first, then those that were lived under longest ago.
    met: Vec<Met>,
    /// Of which too much time has passed: what was met under them is not known any more, so
    /// nothing is built under them again.
    worn: Vec<Identity>,
    /// Identities that turned out to be no good: the compiler saw a difference that
    /// the sources did not show.
    refused: Vec<(Identity, u128)>,
    /// Which contracts lived under which identities, the newest last: undone edits get theirs
    /// back.
    given: Vec<(u128, Identity)>,
    /// One that nothing lived under, with a warm cache.
    spare: Option<Identity>,
    /// How many of these there were.
    spares: u32,
    /// How many carriers a new identity should bring.
    pub carriers: Arc<AtomicUsize>,
    /// The one of the last edit that the world declined.
    pub declined: Option<Identity>,
}

impl Identities {
    /// Before the first edit.
    pub fn new(first: Arc<Code>) -> Self {
        Self {
            given: vec![(first.contracts().hash(), Identity::default())],
            met: vec![Met::new(Identity::default(), first)],
            worn: Vec::new(),
            refused: Vec::new(),
            spare: None,
            spares: 0,
            carriers: Arc::default(),
            declined: None,
        }
    }

    /// How many identities are remembered besides the executable's: more than have a cache
    /// on the disk, or generations that can be brought back.
    const REMEMBERED: usize = 8;

    /// The identity for a build of `new` after `live`: that one, if no type of all that
    /// lived under it changes.
    pub fn choose(&self, live: &Identity, new: &Code, beside: Beside) -> Identity {
        if self.may_live(live, new, beside) {
            return live.clone();
        }
        let hash = new.contracts().hash();
        let given = self.given.iter().rev();
        let given = given.filter(|(of, _)| *of == hash);
        // Perhaps for want of carriers: the same again would be declined again.
        let lacks = |it: &Identity| it.rows() < self.rows() && self.declined.as_ref() == Some(it);
        let given = given.map(|(_, it)| it).filter(|it| !lacks(it)).cloned();
        let rows = self.rows();
        let named = Identity::new(&format!("hot-loader-{hash:032x}"), rows);
        let salted = (1u32..).map(|n| Identity::new(&format!("hot-loader-{hash:032x}-{n}"), rows));
        given
            .chain(self.spare().cloned())
            .chain([named])
            .chain(salted)
            .find(|identity| identity != live && self.may_live(identity, new, beside))
            .unwrap_or_default()
    }

    /// Whether types of `new` can be those that were met under `identity`.
    pub fn may_live(&self, identity: &Identity, new: &Code, beside: Beside) -> bool {
        let refused = (identity.clone(), new.contracts().hash());
        !self.refused.contains(&refused)
            && !self.worn.contains(identity)
            && self
                .met
                .iter()
                .filter(|met| met.identity == *identity)
                // What only adds to the other leaves the types that both have alone.
                .all(|met| {
                    let beside = match beside {
                        Beside::Layouts if met.layouts.is_none() => Beside::Nothing,
                        beside => beside,
                    };
                    is_within(&met.code, new, beside) || is_within(new, &met.code, beside)
                })
    }

    /// The world has met `code` under `identity`. What is not `kept` may be forgotten:
    /// nothing that runs or can be brought back is of it.
    pub fn lives(
        &mut self,
        identity: &Identity,
        code: Arc<Code>,
        layouts: Option<Arc<Layouts>>,
        kept: &dyn Fn(&Identity) -> bool,
    ) {
        if self.worn.contains(identity) {
            return;
        }
        self.spare.take_if(|spare| spare == identity);
        let given = (code.contracts().hash(), identity.clone());
        self.given.retain(|before| *before != given);
        self.given.push(given);
        let known = self.met.iter().position(|met| met.identity == *identity);
        let mut met = match known {
            Some(at) => self.met.remove(at),
            None => Met::new(identity.clone(), code.clone()),
        };
        met.add(code, layouts);
        let at = if known == Some(0) { 0 } else { self.met.len() };
        self.met.insert(at, met);
        let mut oldest = self.met.iter().skip(1);
        if self.met.len() > 1 + Self::REMEMBERED
            && let Some(at) = oldest.position(|met| !kept(&met.identity))
        {
            let oldest = self.met.remove(1 + at);
            self.given
                .retain(|(_, identity)| *identity != oldest.identity);
            self.worn.push(oldest.identity);
        }
    }

    /// The identity that the next spare gets.
    pub fn next_spare(&self) -> Identity {
        let name = format!("hot-loader-spare-{}", self.spares + 1);
        Identity::new(&name, self.rows())
    }

    /// A cache for the next spare is warm.
    pub fn has_spare(&mut self, spare: Identity) {
        self.spare = Some(spare);
        self.spares += 1;
    }

    /// Whether there is an identity with a warm cache that nothing lived under.
    pub fn is_spared(&self) -> bool {
        self.spare().is_some()
    }

    /// The spare, if it brings enough.
    fn spare(&self) -> Option<&Identity> {
        let spare = self.spare.as_ref();
        spare.filter(|spare| spare.rows() >= self.rows())
    }

    /// How many rows of carriers a new identity should bring.
    fn rows(&self) -> usize {
        self.carriers.load(Ordering::Relaxed).div_ceil(16)
    }

    /// What the compiler said of the types that the world has met under `identity`.
    pub fn layouts(&self, identity: &Identity) -> impl Iterator<Item = &Layouts> {
        let met = self.met.iter().filter(move |met| met.identity == *identity);
        met.flat_map(|met| met.layouts.as_deref().into_iter().chain(&met.earlier))
    }

    /// A build of `code` under `identity` showed other types than it has.
    pub fn refuse(&mut self, identity: &Identity, code: &Code) {
        self.refused
            .push((identity.clone(), code.contracts().hash()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::code;

    const PLAIN: &str = "pub struct Ship { pub x: f32 } fn go() { let a = 1; }";
    const WIDER: &str = "pub struct Ship { pub x: f32, pub y: f32 } fn go() { let a = 1; }";

    #[test]
    fn a_changed_type_gets_an_identity_of_its_own_and_undone_the_old_one() {
        let mut ids = Identities::new(code(PLAIN));
        let own = Identity::default();
        let other = ids.choose(&own, &code(WIDER), Beside::Guess);
        assert_ne!(other, own);
        assert!(other.metadata().is_some());
        ids.lives(&other, code(WIDER), None, &|_| true);
        assert_eq!(ids.choose(&other, &code(PLAIN), Beside::Guess), own);
        assert_eq!(ids.choose(&own, &code(WIDER), Beside::Guess), other);
    }

    #[test]
    fn a_spare_that_brings_too_few_carriers_is_none() {
        let mut ids = Identities::new(code(PLAIN));
        let choose = |ids: &Identities| {
            let own = Identity::default();
            ids.choose(&own, &code(WIDER), Beside::Guess)
        };
        ids.has_spare(ids.next_spare());
        let spare = choose(&ids);
        assert_eq!((ids.is_spared(), spare.rows()), (true, 0));
        ids.carriers.store(17, Ordering::Relaxed);
        let cold = choose(&ids);
        assert_eq!((ids.is_spared(), cold.rows()), (false, 2));
        ids.has_spare(ids.next_spare());
        let spare = choose(&ids);
        assert_ne!(spare, cold);
        assert_eq!((ids.is_spared(), spare.rows()), (true, 2));

        // As many as were asked for, and by then too few.
        ids.lives(&spare, code(WIDER), None, &|_| true);
        ids.declined = Some(spare.clone());
        assert_eq!(choose(&ids), spare);
        ids.carriers.store(33, Ordering::Relaxed);
        assert_eq!(choose(&ids).rows(), 3);
    }

    #[test]
    fn a_body_and_a_type_more_keep_the_identity_and_so_does_undoing_them() {
        let mut ids = Identities::new(code(PLAIN));
        let own = Identity::default();
        assert_eq!(
            ids.choose(&own, &code(&PLAIN.replace("= 1", "= 2")), Beside::Guess),
            own
        );
        let more = code(&format!("{PLAIN} pub struct Shot {{ pub age: f32 }}"));
        assert_eq!(ids.choose(&own, &more, Beside::Guess), own);
        ids.lives(&own, more, None, &|_| true);
        assert_eq!(ids.choose(&own, &code(PLAIN), Beside::Guess), own);
    }

    #[test]
    fn a_type_that_comes_back_in_another_shape_is_another_type() {
        let mut ids = Identities::new(code(PLAIN));
        let own = Identity::default();
        ids.lives(
            &own,
            code(&format!("{PLAIN} pub struct Shot {{ pub age: f32 }}")),
            None,
            &|_| true,
        );
        ids.lives(&own, code(PLAIN), None, &|_| true);
        let again = code(&format!("{PLAIN} pub struct Shot {{ pub age: u32 }}"));
        assert_ne!(ids.choose(&own, &again, Beside::Guess), own);
    }

    #[test]
    fn what_was_taken_out_is_remembered_when_something_else_comes() {
        let mut ids = Identities::new(code(PLAIN));
        let own = Identity::default();
        let shot = format!("{PLAIN} pub struct Shot {{ pub age: f32 }}");
        let rock = format!("{shot} pub struct Rock;");
        let other = PLAIN.replace("= 1", "= 2");
        for text in [&shot, PLAIN, &rock, &other, &shot, PLAIN] {
            assert_eq!(ids.choose(&own, &code(text), Beside::Guess), own, "{text}");
            ids.lives(&own, code(text), None, &|_| true);
        }
        let less = code(&format!("{PLAIN} pub struct Rock;"));
        assert_eq!(ids.choose(&own, &less, Beside::Guess), own);
        let again = code(&format!("{PLAIN} pub struct Shot {{ pub age: u32 }}"));
        assert_ne!(ids.choose(&own, &again, Beside::Guess), own);
    }

    #[test]
    fn an_identity_of_which_nothing_is_known_any_more_is_not_used_again() {
        let mut ids = Identities::new(code(PLAIN));
        let own = Identity::default();
        let of = |number: usize| code(&PLAIN.replace("f32", &format!("[f32; {number}]")));
        let mut live = own.clone();
        let mut all = vec![own.clone()];
        for number in 1..=Identities::REMEMBERED + 2 {
            live = ids.choose(&live, &of(number), Beside::Guess);
            assert!(!all.contains(&live), "{number}");
            all.push(live.clone());
            ids.lives(&live, of(number), None, &|id| *id == live);
        }
        assert_eq!(ids.met.len(), 1 + Identities::REMEMBERED);
        assert_ne!(ids.choose(&live, &of(1), Beside::Guess), all[1]);
        assert_eq!(ids.choose(&live, &of(3), Beside::Guess), all[3]);
        assert_eq!(ids.choose(&live, &code(PLAIN), Beside::Guess), own);
        // What came back by itself, from a generation that was kept, is known in part only.
        ids.lives(&all[1], of(1), None, &|_| true);
        assert_ne!(ids.choose(&all[1], &of(1), Beside::Guess), all[1]);
    }

    #[test]
    fn a_spare_is_used_once_and_given_back_to_the_types_that_lived_under_it() {
        let mut ids = Identities::new(code(PLAIN));
        let own = Identity::default();
        let spare = ids.next_spare();
        assert_ne!(ids.choose(&own, &code(WIDER), Beside::Guess), spare);
        ids.has_spare(ids.next_spare());
        assert!(ids.is_spared());
        let body = code(&PLAIN.replace("= 1", "= 2"));
        assert_eq!(ids.choose(&own, &body, Beside::Guess), own);
        assert_eq!(ids.choose(&own, &code(WIDER), Beside::Guess), spare);
        ids.lives(&spare, code(WIDER), None, &|_| true);
        assert!(!ids.is_spared() && ids.next_spare() != spare);
        assert_eq!(ids.choose(&spare, &code(PLAIN), Beside::Guess), own);
        assert_eq!(ids.choose(&own, &code(WIDER), Beside::Guess), spare);
        // Another one, while there is no spare.
        let other = code(&PLAIN.replace("f32", "u8"));
        assert_ne!(ids.choose(&own, &other, Beside::Guess), spare);
    }

    #[test]
    fn what_the_compiler_saw_to_differ_is_built_under_another_identity() {
        let mut ids = Identities::new(code(PLAIN));
        let own = Identity::default();
        let edited = code(&PLAIN.replace("= 1", "= 2"));
        ids.refuse(&own, &edited);
        let other = ids.choose(&own, &edited, Beside::Guess);
        assert_ne!(other, own);
        ids.refuse(&other, &edited);
        assert_ne!(ids.choose(&own, &edited, Beside::Guess), other);
    }
}
