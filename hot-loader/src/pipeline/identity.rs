//! Under which crate identity (`-C metadata`) a build of the module is made.
//!
//! rustc derives every type's identity from the crate's, so two generations of one
//! identity share their types, and may only do so if no type differs between them.
//! An edit of types gets an identity of its own; an edit that is undone gets its old
//! one back, and with it a warm cache. Pure: it decides, and builds nothing.

use crate::{
    layouts::Layouts,
    surface::{EditKind, Surface, compare},
};
use std::sync::Arc;

/// A crate identity: what is added to the recipe's own metadata. `None` is the
/// executable's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity(Option<String>);

impl Identity {
    /// What a replay adds to its command line, and its cache is named by.
    pub fn metadata(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// A name that differs from all others'; the executable's is empty.
    pub fn name(&self) -> Arc<str> {
        self.0.as_deref().unwrap_or_default().into()
    }
}

/// One state of the module's types, as the sources and the compiler tell it.
struct Lived {
    identity: Identity,
    surface: Arc<Surface>,
    layouts: Option<Arc<Layouts>>,
}

/// Every surface that the world has met under each identity, in this process, live or
/// declined: their types may be known to it for ever.
pub struct Identities {
    lived: Vec<Lived>,
    /// The surface of the executable's module.
    first: u128,
    /// Identities that turned out to be no good: the compiler saw a difference that
    /// the sources did not show.
    refused: Vec<(Identity, u128)>,
}

impl Identities {
    /// Before the first edit.
    pub fn new(first: Arc<Surface>) -> Self {
        Self {
            first: first.type_hash(),
            lived: vec![Lived {
                identity: Identity::default(),
                surface: first,
                layouts: None,
            }],
            refused: Vec::new(),
        }
    }

    /// The identity for a build of `new` after `live`: that one, if no type of all that
    /// lived under it changes.
    pub fn choose(&self, live: &Identity, new: &Surface) -> Identity {
        if self.may_live(live, new) {
            return live.clone();
        }
        let hash = new.type_hash();
        let own = (hash == self.first).then(Identity::default);
        let named = Identity(Some(format!("hot-loader-{hash:032x}")));
        let salted = (1u32..).map(|n| Identity(Some(format!("hot-loader-{hash:032x}-{n}"))));
        own.into_iter()
            .chain([named])
            .chain(salted)
            .find(|identity| identity != live && self.may_live(identity, new))
            .unwrap_or_default()
    }

    /// Whether types of `new` can be those of the surfaces that lived under `identity`.
    fn may_live(&self, identity: &Identity, new: &Surface) -> bool {
        let refused = (identity.clone(), new.type_hash());
        !self.refused.contains(&refused)
            && self
                .lived
                .iter()
                .filter(|lived| lived.identity == *identity)
                .map(|lived| &lived.surface)
                // What only adds to the other leaves the types that both have alone.
                .all(|lived| {
                    lived.type_hash() == new.type_hash()
                        || compare(lived, new).kind != EditKind::Types
                        || compare(new, lived).kind != EditKind::Types
                })
    }

    /// The world has met `surface` under `identity`.
    pub fn lives(
        &mut self,
        identity: &Identity,
        surface: Arc<Surface>,
        layouts: Option<Arc<Layouts>>,
    ) {
        // Surfaces of one hash ask the same of every other.
        let hash = surface.type_hash();
        let mut lived = self.lived.iter_mut();
        match lived.find(|l| l.identity == *identity && l.surface.type_hash() == hash) {
            Some(lived) => lived.layouts = lived.layouts.take().or(layouts),
            None => self.lived.push(Lived {
                identity: identity.clone(),
                surface,
                layouts,
            }),
        }
    }

    /// What the compiler said of all that the world has met under `identity`, but for
    /// surfaces of the hash `except`.
    pub fn layouts(
        &self,
        identity: &Identity,
        except: Option<u128>,
    ) -> impl Iterator<Item = &Layouts> {
        let lived = self.lived.iter();
        lived
            .filter(move |lived| lived.identity == *identity)
            .filter(move |lived| Some(lived.surface.type_hash()) != except)
            .filter_map(|lived| lived.layouts.as_deref())
    }

    /// A build of `surface` under `identity` showed other types than it has.
    pub fn refuse(&mut self, identity: &Identity, surface: &Surface) {
        self.refused.push((identity.clone(), surface.type_hash()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::SourceFile;
    use std::path::PathBuf;

    fn surface(text: &str) -> Arc<Surface> {
        let root = PathBuf::from("/ws/systems/src/lib.rs");
        let file = SourceFile {
            path: root.clone(),
            bytes: text.as_bytes().into(),
        };
        Arc::new(Surface::of("systems", &root, &[file]).unwrap())
    }

    const PLAIN: &str = "pub struct Ship { pub x: f32 } fn go() { let a = 1; }";
    const WIDER: &str = "pub struct Ship { pub x: f32, pub y: f32 } fn go() { let a = 1; }";

    #[test]
    fn a_changed_type_gets_an_identity_of_its_own_and_undone_the_old_one() {
        let mut ids = Identities::new(surface(PLAIN));
        let own = Identity::default();
        let other = ids.choose(&own, &surface(WIDER));
        assert_ne!(other, own);
        assert!(other.metadata().is_some());
        ids.lives(&other, surface(WIDER), None);
        assert_eq!(ids.choose(&other, &surface(PLAIN)), own);
        assert_eq!(ids.choose(&own, &surface(WIDER)), other);
    }

    #[test]
    fn a_body_and_a_type_more_keep_the_identity_and_so_does_undoing_them() {
        let mut ids = Identities::new(surface(PLAIN));
        let own = Identity::default();
        assert_eq!(
            ids.choose(&own, &surface(&PLAIN.replace("= 1", "= 2"))),
            own
        );
        let more = surface(&format!("{PLAIN} pub struct Shot {{ pub age: f32 }}"));
        assert_eq!(ids.choose(&own, &more), own);
        ids.lives(&own, more, None);
        assert_eq!(ids.choose(&own, &surface(PLAIN)), own);
    }

    #[test]
    fn a_type_that_comes_back_in_another_shape_is_another_type() {
        let mut ids = Identities::new(surface(PLAIN));
        let own = Identity::default();
        ids.lives(
            &own,
            surface(&format!("{PLAIN} pub struct Shot {{ pub age: f32 }}")),
            None,
        );
        ids.lives(&own, surface(PLAIN), None);
        let again = surface(&format!("{PLAIN} pub struct Shot {{ pub age: u32 }}"));
        assert_ne!(ids.choose(&own, &again), own);
    }

    #[test]
    fn what_the_compiler_saw_to_differ_is_built_under_another_identity() {
        let mut ids = Identities::new(surface(PLAIN));
        let own = Identity::default();
        let edited = surface(&PLAIN.replace("= 1", "= 2"));
        ids.refuse(&own, &edited);
        let other = ids.choose(&own, &edited);
        assert_ne!(other, own);
        ids.refuse(&other, &edited);
        assert_ne!(ids.choose(&own, &edited), other);
    }
}
